// Where the parts of a parsed document stood, so that a message can say "file.yaml:12:
// spec.rules[0]".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace kthena::json {

/// The lines of a document's values. Made by parse_located() and parse_yaml_documents(); belongs to
/// the Value they returned with it and is of no use once that one was changed.
class SourceMap {
 public:
  /// The line, from 1, where the value at `path` (see find_path) or its name begins. If it is not
  /// there, the line of the innermost part of the path that is. 0 if the map is empty.
  std::uint32_t line(const Value& root, std::string_view path) const noexcept;

  // For parsers, which meet the values in document order: open() before the children of a value are
  // opened, close() after them.
  std::size_t open(std::uint32_t line);
  void close(std::size_t node) noexcept;

 private:
  struct Node {
    std::uint32_t line;
    std::uint32_t size;  // of the subtree, with itself
  };
  std::vector<Node> nodes_;  // preorder
};

/// A value and the places of its parts.
struct Located {
  Value value;
  SourceMap sources;
};

}  // namespace kthena::json
