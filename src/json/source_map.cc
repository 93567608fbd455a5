#include "json/source_map.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "json/path.h"
#include "json/value.h"

namespace kthena::json {

std::uint32_t SourceMap::line(const Value& root, std::string_view path) const noexcept {
  if (nodes_.empty()) {
    return 0;
  }
  const Value* value = &root;
  std::size_t node = 0;
  while (!path.empty()) {
    const auto step = take_step(*value, path);
    if (!step) {
      break;
    }
    value = step->value;
    std::size_t child = node + 1;
    for (std::size_t i = 0; i < step->index && child < nodes_.size(); ++i) {
      child += nodes_[child].size;
    }
    if (child >= nodes_.size()) {
      break;  // the value grew since it was parsed
    }
    node = child;
  }
  return nodes_[node].line;
}

std::size_t SourceMap::open(std::uint32_t line) {
  nodes_.push_back({.line = line, .size = 1});
  return nodes_.size() - 1;
}

void SourceMap::close(std::size_t node) noexcept {
  nodes_[node].size = static_cast<std::uint32_t>(nodes_.size() - node);
}

}  // namespace kthena::json
