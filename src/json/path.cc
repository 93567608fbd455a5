#include "json/path.h"

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

#include "json/value.h"

namespace kthena::json {
namespace {

std::optional<PathStep> step_into_array(const Array& items, std::string_view& path) noexcept {
  const std::size_t close = path.find(']');
  if (close == std::string_view::npos) {
    return std::nullopt;
  }
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(path.data(), path.data() + close, index);
  if (error != std::errc{} || stop != path.data() + close || index >= items.size()) {
    return std::nullopt;
  }
  path.remove_prefix(close + 1);
  return PathStep{.value = &items[index], .index = index};
}

std::optional<PathStep> step_into_object(const Object& object, bool bracket,
                                         std::string_view& path) noexcept {
  std::optional<PathStep> best;
  std::size_t best_length = 0;
  std::size_t index = 0;
  for (const auto& [key, value] : object) {
    if (path.starts_with(key) && (!best || key.size() > best_length)) {
      const std::string_view rest = path.substr(key.size());
      if (bracket ? rest.starts_with(']')
                  : rest.empty() || rest.front() == '.' || rest.front() == '[') {
        best = PathStep{.value = &value, .index = index};
        best_length = key.size();
      }
    }
    ++index;
  }
  if (best) {
    path.remove_prefix(best_length + (bracket ? 1 : 0));
  }
  return best;
}

}  // namespace

std::optional<PathStep> take_step(const Value& from, std::string_view& path) noexcept {
  const bool bracket = path.starts_with('[');
  if (bracket || path.starts_with('.')) {
    path.remove_prefix(1);
  }
  if (from.is_array() && bracket) {
    return step_into_array(from.as_array(), path);
  }
  if (from.is_object()) {
    return step_into_object(from.as_object(), bracket, path);
  }
  return std::nullopt;
}

const Value* find_path(const Value& root, std::string_view path) noexcept {
  const Value* value = &root;
  while (!path.empty()) {
    const auto step = take_step(*value, path);
    if (!step) {
      return nullptr;
    }
    value = step->value;
  }
  return value;
}

}  // namespace kthena::json
