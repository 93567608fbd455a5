// The tree a YAML file is read into before its scalars, aliases and merge keys are understood.
// Only yaml.cc and yaml_nodes.cc use this.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/yaml.h"

namespace kthena::json {

struct YamlNode {
  enum class Kind : std::uint8_t { Scalar, Sequence, Mapping, Alias };

  Kind kind = Kind::Scalar;
  bool plain = false;  ///< a scalar without quotes and tag
  bool open = false;   ///< still being read
  std::uint32_t line = 1;
  std::string tag;                        ///< in full, "tag:yaml.org,2002:int"; empty if none
  std::string text;                       ///< of a scalar
  std::vector<const YamlNode*> children;  ///< items; of a mapping name, value, name, value, …
  const YamlNode* target = nullptr;       ///< of an alias
};

/// The documents of a file. Owns the nodes, which point to each other.
struct YamlForest {
  std::deque<YamlNode> nodes;
  std::vector<const YamlNode*> roots;
};

/// What a node counts against YamlOptions::max_expanded_bytes, beside its text.
inline constexpr std::size_t kBytesPerNode = 16;

/// Errors: InvalidArgument "line N: …" for what is not YAML, for unknown anchors, for values that
/// contain themselves, and beyond max_depth; TooLarge beyond max_expanded_bytes.
Result<YamlForest> read_yaml_nodes(std::string_view text, const YamlOptions& options);

/// TooLarge "line 12: more than 1000 bytes of values"
std::unexpected<Error> too_many_values(std::uint32_t line, const YamlOptions& options);

/// InvalidArgument "line 12: what"
std::unexpected<Error> yaml_error(std::uint32_t line, std::string_view what);

}  // namespace kthena::json
