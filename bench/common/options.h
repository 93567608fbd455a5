// Command lines of the form `--name value` and `--flag`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kthena::bench {

/// What was given on the command line. Reading an option marks it as known, so that finish() can
/// refuse what nobody asked for.
class Options {
 public:
  /// @param arguments  without the program's name; words before the first option are positional()
  static Result<Options> parse(const std::vector<std::string>& arguments);

  const std::vector<std::string>& positional() const noexcept { return positional_; }
  std::string text(std::string_view name, std::string_view otherwise);
  double number(std::string_view name, double otherwise);
  bool flag(std::string_view name);
  /// All values of an option that may be repeated.
  std::vector<std::string> all(std::string_view name);

  /// An error when an option was unknown or a number was none.
  Result<void> finish() const;

 private:
  std::multimap<std::string, std::string, std::less<>> given_;
  std::map<std::string, bool, std::less<>> known_;
  std::vector<std::string> positional_;
  std::string problem_;
};

}  // namespace kthena::bench
