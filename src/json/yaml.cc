#include "json/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/utf8.h"
#include "json/base64.h"
#include "json/number.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/source_map.h"
#include "json/value.h"
#include "json/yaml_nodes.h"
#include "json/yaml_scalar.h"

namespace kthena::json {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr std::size_t kMostDirectives = 1000;

/// A float as a name: kubectl makes it a 32-bit float and prints the shortest digits as Go's %g
/// does, with an exponent from 1e+06 on.
std::string float_name(float value) {
  if (std::isinf(value)) {
    return value < 0 ? "-.inf" : ".inf";
  }
  if (value == 0) {
    return std::signbit(value) ? "-0" : "0";
  }
  const std::string shortest = fmt::to_string(value);
  const DecimalParts parts = decimal_parts(shortest);
  const auto exponent = static_cast<std::int64_t>(parts.digits.size()) + parts.exponent - 1;
  if (exponent >= -4 && exponent < 6) {
    return canonical_number(shortest);
  }
  const std::string_view digits = parts.digits;
  return fmt::format("{}{}{}{}e{}{:02}", parts.negative ? "-" : "", digits.substr(0, 1),
                     digits.size() > 1 ? "." : "", digits.substr(1), exponent < 0 ? '-' : '+',
                     std::abs(exponent));
}

std::string non_finite_name(std::string_view text) {
  if (text.ends_with('n') || text.ends_with('N')) {
    return ".nan";
  }
  return text.starts_with('-') ? "-.inf" : ".inf";
}

const YamlNode& follow(const YamlNode& node) {
  return node.kind == YamlNode::Kind::Alias ? *node.target : node;
}

bool is_merge(const YamlNode& key) {
  return key.kind == YamlNode::Kind::Scalar && key.text == "<<" &&
         (key.plain || key.tag == "tag:yaml.org,2002:merge");
}

/// Turns the nodes of one document into a value.
class Converter {
 public:
  Converter(const YamlOptions& options, std::size_t& expanded_bytes, SourceMap& sources)
      : options_(options), expanded_bytes_(expanded_bytes), sources_(sources) {}

  /// @param line  where the value or its name stands
  Result<Value> convert(const YamlNode& node, std::uint32_t line, std::size_t depth) {
    const std::size_t place = sources_.open(line);
    Value value = TRY(convert_content(follow(node), depth));
    sources_.close(place);
    return value;
  }

 private:
  /// A member before its value is converted: a later merge may replace it.
  struct Entry {
    std::string name;
    const YamlNode* value;
    std::uint32_t line;
  };
  struct Entries {
    std::vector<Entry> list;
    std::unordered_map<std::string, std::size_t> places;
  };

  Result<Value> convert_content(const YamlNode& node, std::size_t depth) {
    TRY(spend(node, node.text.size()));
    if (node.kind == YamlNode::Kind::Scalar) {
      YamlScalar scalar = TRY(read_scalar(node));
      if (scalar.kind == ScalarKind::NonFinite && options_.non_finite == NonFinite::Error) {
        return yaml_error(node.line, fmt::format("{} is no number in JSON", node.text));
      }
      return std::move(scalar.value);
    }
    TRY(check_depth(node, depth + 1));
    if (node.kind == YamlNode::Kind::Sequence) {
      Array items;
      items.reserve(node.children.size());
      for (const YamlNode* child : node.children) {
        items.push_back(TRY(convert(*child, child->line, depth + 1)));
      }
      return Value(std::move(items));
    }
    Entries entries;
    TRY(gather(node, entries, depth + 1));
    Object object;
    for (Entry& entry : entries.list) {
      Value value = TRY(convert(*entry.value, entry.line, depth + 1));
      object.append_new(std::move(entry.name), std::move(value));
    }
    return Value(std::move(object));
  }

  /// Adds the members of a mapping and of those merged into it. What comes later replaces what was
  /// merged or stood before, as in go-yaml, where a merge is not weaker than its neighbours.
  Result<> gather(const YamlNode& mapping, Entries& entries, std::size_t depth) {
    TRY(check_depth(mapping, depth));
    std::unordered_set<std::string> seen;
    for (std::size_t i = 0; i + 1 < mapping.children.size(); i += 2) {
      const YamlNode& key = *mapping.children[i];
      const YamlNode& value = *mapping.children[i + 1];
      TRY(spend(key, follow(key).text.size()));
      if (is_merge(key)) {
        TRY(merge(key.line, value, entries, depth + 1));
        continue;
      }
      std::string name = TRY(read_name(key));
      if (!seen.insert(name).second) {
        return yaml_error(key.line, fmt::format("the name {} is repeated", quote(name)));
      }
      const auto [place, is_new] = entries.places.try_emplace(name, entries.list.size());
      if (is_new) {
        entries.list.push_back({.name = std::move(name), .value = &value, .line = key.line});
      } else {
        entries.list[place->second].value = &value;
        entries.list[place->second].line = key.line;
      }
    }
    return {};
  }

  Result<> merge(std::uint32_t line, const YamlNode& value, Entries& entries, std::size_t depth) {
    const YamlNode& merged = follow(value);
    if (merged.kind == YamlNode::Kind::Mapping) {
      return gather(merged, entries, depth);
    }
    const bool mappings = merged.kind == YamlNode::Kind::Sequence &&
                          std::ranges::all_of(merged.children, [](const YamlNode* child) {
                            return follow(*child).kind == YamlNode::Kind::Mapping;
                          });
    if (!mappings) {
      return yaml_error(line, "<< wants a mapping or a sequence of mappings");
    }
    for (auto child = merged.children.rbegin(); child != merged.children.rend(); ++child) {
      TRY(spend(merged, 0));
      TRY(gather(follow(**child), entries, depth));  // the first of them wins
    }
    return {};
  }

  Result<std::string> read_name(const YamlNode& key) {
    const YamlNode& node = follow(key);
    if (node.kind != YamlNode::Kind::Scalar) {
      return yaml_error(key.line,
                        "a name must be a scalar; text that begins with '{' or '[' needs quotes");
    }
    const YamlScalar scalar = TRY(read_scalar(node));
    switch (scalar.kind) {
      case ScalarKind::String:
        return scalar.value.as_string();
      case ScalarKind::Bool:
        return scalar.value.as_bool() ? "true" : "false";
      case ScalarKind::Int:
        if (const auto integer = scalar.value.to_int64()) {
          return fmt::to_string(*integer);
        }
        break;
      case ScalarKind::Float:
        return float_name(static_cast<float>(scalar.value.as_double()));
      case ScalarKind::NonFinite:
        return non_finite_name(node.text);
      case ScalarKind::Null:
        break;
    }
    return yaml_error(key.line, fmt::format("{} cannot be a name", print(scalar.value)));
  }

  Result<YamlScalar> read_scalar(const YamlNode& node) {
    if (node.plain) {
      return resolve_plain_scalar(node.text);
    }
    if (!node.tag.starts_with(kTagPrefix)) {
      return YamlScalar{ScalarKind::String, node.text};  // quoted, or a tag of somebody else's
    }
    const std::string_view tag = std::string_view(node.tag).substr(kTagPrefix.size());
    if (tag == "binary") {
      const auto bytes = decode_base64(node.text);
      if (!bytes) {
        return yaml_error(node.line, "!!binary wants base64");
      }
      return YamlScalar{ScalarKind::String, make_valid_utf8(*bytes)};
    }
    const bool wants_null = tag == "null";
    const bool wants_bool = tag == "bool";
    const bool wants_int = tag == "int";
    const bool wants_float = tag == "float";
    if (!wants_null && !wants_bool && !wants_int && !wants_float) {
      return YamlScalar{ScalarKind::String, node.text};
    }
    YamlScalar scalar = resolve_plain_scalar(node.text);
    const bool fits =
        (wants_null && scalar.kind == ScalarKind::Null) ||
        (wants_bool && scalar.kind == ScalarKind::Bool) ||
        ((wants_int || wants_float) && scalar.kind == ScalarKind::Int) ||
        (wants_float && (scalar.kind == ScalarKind::Float || scalar.kind == ScalarKind::NonFinite));
    if (!fits) {
      return yaml_error(node.line, fmt::format("{} is no !!{}", quote(node.text), tag));
    }
    return scalar;
  }

  /// Counts what a node takes, each time an alias repeats it: few lines of aliases of aliases can
  /// stand for more than any memory holds.
  Result<> spend(const YamlNode& node, std::size_t bytes) {
    expanded_bytes_ += bytes + kBytesPerNode;
    if (expanded_bytes_ > options_.max_expanded_bytes) {
      return too_many_values(node.line, options_);
    }
    return {};
  }

  Result<> check_depth(const YamlNode& node, std::size_t depth) {
    if (depth > options_.max_depth) {
      return yaml_error(node.line, fmt::format("nested deeper than {} levels", options_.max_depth));
    }
    return {};
  }

  const YamlOptions& options_;
  std::size_t& expanded_bytes_;
  SourceMap& sources_;
};

/// libyaml compares each %TAG directive with all before it.
bool has_too_many_directives(std::string_view text) {
  constexpr std::string_view kDirective = "%TAG";
  std::size_t count = 0;
  for (std::size_t at = text.find(kDirective);
       at != std::string_view::npos && count <= kMostDirectives;
       at = text.find(kDirective, at + 1)) {
    ++count;
  }
  return count > kMostDirectives;
}

std::optional<YamlDocument> read_as_json(std::string_view text, const YamlOptions& options) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    return std::nullopt;
  }
  auto located =
      parse_located(text, {.max_depth = options.max_depth, .max_bytes = options.max_bytes});
  if (!located) {
    return std::nullopt;  // may still be YAML
  }
  YamlDocument document{
      .value = std::move(located->value), .sources = std::move(located->sources), .first_line = 1};
  document.first_line = document.sources.line(document.value, "");
  return document;
}

}  // namespace

Result<std::vector<YamlDocument>> parse_yaml_documents(std::string_view text,
                                                       const YamlOptions& options) {
  if (text.size() > options.max_bytes) {
    return fail(ErrorCode::TooLarge, fmt::format("{} bytes of YAML, at most {} are read",
                                                 text.size(), options.max_bytes));
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return yaml_error(1, "this is UTF-16; save it as UTF-8");
  }
  if (constexpr std::string_view kMark = "\xef\xbb\xbf"; text.starts_with(kMark)) {
    text.remove_prefix(kMark.size());  // some editors begin UTF-8 so
  }
  if (const auto bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    return yaml_error(static_cast<std::uint32_t>(1 + std::ranges::count(text.substr(0, bad), '\n')),
                      "invalid UTF-8");
  }
  if (has_too_many_directives(text)) {
    return fail(ErrorCode::TooLarge, fmt::format("more than {} directives", kMostDirectives));
  }
  std::vector<YamlDocument> documents;
  if (auto document = read_as_json(text, options)) {
    documents.push_back(*std::move(document));
    return documents;
  }
  const YamlForest forest = TRY(read_yaml_nodes(text, options));
  std::size_t expanded_bytes = 0;
  for (const YamlNode* root : forest.roots) {
    YamlDocument document;
    document.first_line = root->line;
    Converter converter(options, expanded_bytes, document.sources);
    document.value = TRY(converter.convert(*root, root->line, 0));
    if (!document.value.is_null()) {
      documents.push_back(std::move(document));
    }
  }
  return documents;
}

}  // namespace kthena::json
