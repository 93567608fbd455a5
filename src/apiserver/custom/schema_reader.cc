#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/custom/formats.h"
#include "apiserver/custom/schema_node.h"
#include "base/error.h"
#include "base/regex.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// Schemas are trees; kube-apiserver's own JSON decoder stops at 10,000.
constexpr std::size_t kMaxDepth = 128;

std::string_view text_of(const json::Value& schema, std::string_view name) {
  const json::Value* value = schema.find(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view{};
}

bool is_true(const json::Value& schema, std::string_view name) {
  const json::Value* value = schema.find(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::optional<double> number_of(const json::Value& schema, std::string_view name) {
  const json::Value* value = schema.find(name);
  return value != nullptr && value->is_number() ? std::optional(value->as_double()) : std::nullopt;
}

std::optional<std::int64_t> count_of(const json::Value& schema, std::string_view name) {
  const json::Value* value = schema.find(name);
  return value != nullptr ? value->to_int64() : std::nullopt;
}

void add_texts(const json::Value& schema, std::string_view name, std::vector<std::string>& out) {
  const json::Value* list = schema.find(name);
  if (list == nullptr || !list->is_array()) {
    return;
  }
  for (const json::Value& item : list->as_array()) {
    if (item.is_string()) {
      out.push_back(item.as_string());
    }
  }
}

std::optional<std::uint8_t> type_bit(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint8_t> kTypes[] = {{"", 0},
                                                                  {"array", kArray},
                                                                  {"boolean", kBoolean},
                                                                  {"integer", kInteger},
                                                                  {"number", kNumber},
                                                                  {"object", kObject},
                                                                  {"string", kString}};
  const auto* found =
      std::ranges::find(kTypes, name, &std::pair<std::string_view, std::uint8_t>::first);
  return found == std::end(kTypes) ? std::nullopt : std::optional(found->second);
}

class Reader {
 public:
  Reader(std::deque<SchemaNode>& owned, SchemaUse use) : owned_(owned), use_(use) {}

  Result<SchemaNode*> read(const json::Value& openapi, const std::string& path, std::size_t depth) {
    if (depth > kMaxDepth || !openapi.is_object()) {
      return fail(ErrorCode::InvalidArgument, path + ": no schema, or nested too deep");
    }
    SchemaNode& node = owned_.emplace_back();
    TRY(read_types(node, openapi, path));
    TRY(read_values(node, openapi, path));
    TRY(read_object(node, openapi, path, depth));
    TRY(read_list(node, openapi, path, depth));
    TRY(read_junctors(node, openapi, path, depth));
    return &node;
  }

 private:
  Result<void> read_types(SchemaNode& node, const json::Value& openapi, const std::string& path) {
    const auto type = type_bit(text_of(openapi, "type"));
    if (!type) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{}: unknown type {}", path, text_of(openapi, "type")));
    }
    node.types = use_ == SchemaUse::Objects && is_true(openapi, "x-kubernetes-int-or-string")
                     ? kInteger | kString
                     : *type;
    node.nullable = is_true(openapi, "nullable");
    node.keeps_unknown = is_true(openapi, "x-kubernetes-preserve-unknown-fields");
    node.is_embedded = is_true(openapi, "x-kubernetes-embedded-resource");
    node.has_embedded = node.is_embedded;
    const json::Value* rules = openapi.find("x-kubernetes-validations");
    node.has_rules = rules != nullptr && rules->is_array() && !rules->as_array().empty();
    node.format = text_of(openapi, "format");
    node.checked_format = find_format(node.format);
    if (node.checked_format == StringFormat::None && use_ == SchemaUse::Objects) {
      node.format.clear();
    }
    if (const json::Value* value = openapi.find("default"); value != nullptr && !value->is_null()) {
      node.default_value = *value;
    }
    return {};
  }

  static Result<void> read_values(SchemaNode& node, const json::Value& openapi,
                                  const std::string& path) {
    node.minimum = number_of(openapi, "minimum");
    node.maximum = number_of(openapi, "maximum");
    node.exclusive_minimum = is_true(openapi, "exclusiveMinimum");
    node.exclusive_maximum = is_true(openapi, "exclusiveMaximum");
    node.multiple_of = number_of(openapi, "multipleOf");
    node.min_length = count_of(openapi, "minLength");
    node.max_length = count_of(openapi, "maxLength");
    node.min_items = count_of(openapi, "minItems");
    node.max_items = count_of(openapi, "maxItems");
    node.min_properties = count_of(openapi, "minProperties");
    node.max_properties = count_of(openapi, "maxProperties");
    if (const json::Value* values = openapi.find("enum"); values != nullptr && values->is_array()) {
      node.enum_values = values->as_array();
    }
    node.pattern_text = text_of(openapi, "pattern");
    if (!node.pattern_text.empty()) {
      auto pattern = Regex::create(node.pattern_text);
      if (!pattern) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{}.pattern: {}", path, pattern.error().message()));
      }
      node.pattern = *std::move(pattern);
    }
    return {};
  }

  static void learn_from(SchemaNode& node, const SchemaNode& below) {
    node.has_defaults |= below.has_defaults || below.default_value.has_value();
    node.has_unique_lists |= below.has_unique_lists;
    node.has_embedded |= below.has_embedded;
  }

  Result<void> read_object(SchemaNode& node, const json::Value& openapi, const std::string& path,
                           std::size_t depth) {
    add_texts(openapi, "required", node.required);
    const json::Value* properties = openapi.find("properties");
    if (properties != nullptr && properties->is_object()) {
      node.properties.reserve(properties->as_object().size());
      for (const auto& [name, property] : properties->as_object()) {
        const SchemaNode* below =
            TRY(read(property, fmt::format("{}.properties[{}]", path, name), depth + 1));
        node.properties.push_back({.name = name, .node = below});
        learn_from(node, *below);
      }
      std::ranges::sort(node.properties, {}, &SchemaNode::Property::name);
    }
    const json::Value* others = openapi.find("additionalProperties");
    if (others != nullptr && others->is_object()) {
      node.allows_others = true;
      node.others = TRY(read(*others, path + ".additionalProperties", depth + 1));
      learn_from(node, *node.others);
    } else if (others != nullptr && !others->is_null()) {
      node.allows_others = true;
      node.forbids_others = others->is_bool() && !others->as_bool();
    }
    return {};
  }

  Result<void> read_list(SchemaNode& node, const json::Value& openapi, const std::string& path,
                         std::size_t depth) {
    if (const json::Value* items = openapi.find("items"); items != nullptr && !items->is_null()) {
      node.items = TRY(read(*items, path + ".items", depth + 1));
      learn_from(node, *node.items);
    }
    const std::string_view type = text_of(openapi, "x-kubernetes-list-type");
    if (type == "set" || type == "map") {
      node.list_type = type == "set" ? CustomListType::Set : CustomListType::Map;
      node.has_unique_lists = true;
    }
    add_texts(openapi, "x-kubernetes-list-map-keys", node.list_keys);
    return {};
  }

  Result<void> read_alternatives(std::vector<const SchemaNode*>& out, const json::Value& openapi,
                                 std::string_view name, const std::string& path,
                                 std::size_t depth) {
    const json::Value* list = openapi.find(name);
    if (list == nullptr || !list->is_array()) {
      return {};
    }
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
      out.push_back(
          TRY(read(list->as_array()[i], fmt::format("{}.{}[{}]", path, name, i), depth + 1)));
    }
    return {};
  }

  Result<void> read_junctors(SchemaNode& node, const json::Value& openapi, const std::string& path,
                             std::size_t depth) {
    TRY(read_alternatives(node.all_of, openapi, "allOf", path, depth));
    TRY(read_alternatives(node.any_of, openapi, "anyOf", path, depth));
    TRY(read_alternatives(node.one_of, openapi, "oneOf", path, depth));
    if (const json::Value* none = openapi.find("not"); none != nullptr && !none->is_null()) {
      node.none_of = TRY(read(*none, path + ".not", depth + 1));
    }
    return {};
  }

  std::deque<SchemaNode>& owned_;
  SchemaUse use_;
};

}  // namespace

const SchemaNode* SchemaNode::find_property(std::string_view name) const {
  const auto found = std::ranges::lower_bound(properties, name, {}, &Property::name);
  return found != properties.end() && found->name == name ? found->node : nullptr;
}

Result<SchemaNode*> read_schema(const json::Value& openapi, std::deque<SchemaNode>& owned,
                                SchemaUse use) {
  SchemaNode* root = TRY(Reader(owned, use).read(openapi, "openAPIV3Schema", 0));
  // A default is not free to bring what the schema would prune.
  for (SchemaNode& node : owned) {
    if (node.default_value) {
      prune_value(*node.default_value, node, &node == root ? NodeRole::Root : NodeRole::Below,
                  nullptr);
    }
  }
  return root;
}

}  // namespace kthena::apiserver
