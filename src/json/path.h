// Paths into a value as messages and Kubernetes field errors write them: `spec.rules[0].name`,
// `metadata.labels[app.io/name]`.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "json/value.h"

namespace kthena::json {

/// The value at `path`, or nothing; the empty path is `root`. A name that has dots itself is found
/// both as `.a.b` and as `[a.b]`: of several names that fit, the longest is taken.
const Value* find_path(const Value& root, std::string_view path) noexcept;

/// One child of a value, and which one it is.
struct PathStep {
  const Value* value;
  std::size_t index;
};

/// Takes the first step of a path that is not empty off its front; nothing if it leads nowhere.
std::optional<PathStep> take_step(const Value& from, std::string_view& path) noexcept;

}  // namespace kthena::json
