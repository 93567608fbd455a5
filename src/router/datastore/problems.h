// What keeps objects from serving as they are meant to, told once.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace kthena::router {

struct Problem {
  std::string object;  ///< kind and key: "ModelServer default/s"
  std::string what;
  friend auto operator<=>(const Problem&, const Problem&) = default;
};

class Problems {
 public:
  /// All that is wrong with an object now; empty: nothing.
  void set(const std::string& object, std::set<std::string> what);
  /// The problems that are there now and were not at the last call. Those that came and went in
  /// between are not told. Cost: by the objects that changed.
  std::vector<Problem> take_new();
  /// All that are there, sorted.
  std::vector<Problem> list() const;

 private:
  using ByObject = std::map<std::string, std::set<std::string>>;
  ByObject present_;
  ByObject told_;
  std::set<std::string> changed_;
};

}  // namespace kthena::router
