// JSON paths of printer columns: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The part of client-go's JSON paths that definitions of custom resources use: names (with `\.`
/// for a dot), `['name']`, `[2]`, `[-1]`, `[1:3]`, `[*]`, `.*`, `..name`, and filters
/// `[?(@.path OP value)]` and `[?(@.path)]`.
class JsonPath {
 public:
  /// @param text  as in a definition: begins with a dot, without braces
  /// Errors: InvalidArgument, says where.
  static Result<JsonPath> parse(std::string_view text);

  /// All values at the path, in order; they are parts of `root`.
  std::vector<const json::Value*> find(const json::Value& root) const;

 private:
  enum class Comparison : std::uint8_t {
    Exists,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    More,
    MoreEqual
  };
  struct Step;
  class Reader;

  std::vector<Step> steps_;

 public:
  // Step is not complete here, and holds paths itself.
  JsonPath();
  JsonPath(const JsonPath&);
  JsonPath(JsonPath&&) noexcept;
  JsonPath& operator=(const JsonPath&);
  JsonPath& operator=(JsonPath&&) noexcept;
  ~JsonPath();
};

}  // namespace kthena::apiserver
