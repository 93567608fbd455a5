// What a definition's schema may say, beyond being structural: lists, maps, defaults, rules.
// Source: apiextensions-apiserver v0.34, package apis/apiextensions/validation.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/custom/definition.h"
#include "apiserver/custom/schema_node.h"
#include "apiserver/patch/go_text.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// What holds for a part of a schema because of where it stands.
struct Surroundings {
  std::string_view no_defaults{};  ///< why not; empty if they are allowed
  bool inside_metadata = false;    ///< of the type or the metadata of a resource
  bool is_root = false;
};

bool is_type_or_metadata(std::string_view name) {
  return name == "apiVersion" || name == "kind" || name == "metadata";
}

class OpenApiCheck {
 public:
  explicit OpenApiCheck(std::vector<json::Problem>& problems) : problems_(problems) {}

  void check(const json::Value& schema, const Surroundings& around, const json::FieldPath& path) {
    check_fields(schema, around, path);
    if (is_true(at(&schema, "uniqueItems"))) {
      add_forbidden(path.child("uniqueItems"),
                    "uniqueItems cannot be set to true since the runtime complexity becomes "
                    "quadratic");
    }
    check_below(schema, around, path);
    const json::Value* keeps = at(&schema, "x-kubernetes-preserve-unknown-fields");
    if (keeps != nullptr && *keeps == json::Value(false)) {
      problems_.push_back(json::invalid_value(path.child("x-kubernetes-preserve-unknown-fields"),
                                              "false", "must be true or undefined"));
    }
    check_map_type(schema, path);
    check_list_type(schema, path);
    check_list_keys(schema, path);
    check_list_items(schema, path);
  }

 private:
  void add_required(const json::FieldPath& path, std::string_view why) {
    problems_.push_back(json::required_value(path, why));
  }
  void add_forbidden(const json::FieldPath& path, std::string_view why) {
    problems_.push_back(json::forbidden(path, why));
  }
  void add_invalid(const json::FieldPath& path, std::string_view text, std::string_view why) {
    problems_.push_back(json::invalid_value(path, json::quoted(text), why));
  }
  void add_unsupported(const json::FieldPath& path, std::string_view text,
                       std::span<const std::string_view> known) {
    problems_.push_back(json::unsupported_value(path, json::quoted(text), known));
  }

  void check_fields(const json::Value& schema, const Surroundings& around,
                    const json::FieldPath& path) {
    constexpr std::array<std::string_view, 6> kTypes = {"array",  "boolean", "integer",
                                                        "number", "object",  "string"};
    const std::string_view type = text_at(schema, {"type"});
    if (!type.empty() && std::ranges::find(kTypes, type) == kTypes.end()) {
      add_unsupported(path.child("type"), type, kTypes);
    }
    if (at(&schema, "default") != nullptr && !around.no_defaults.empty()) {
      add_forbidden(path.child("default"), fmt::format("must not be set {}", around.no_defaults));
    }
    for (const std::string_view name :
         {"id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"}) {
      const json::Value* value = at(&schema, name);
      if (value != nullptr && (!is_nothing(value) || name == "dependencies" || name == "$ref")) {
        add_forbidden(path.child(name), fmt::format("{} is not supported", name));
      }
    }
    if (type == "null") {
      add_forbidden(path.child("type"),
                    "type cannot be set to null, use nullable as an alternative");
    }
    if (const json::Value* items = at(&schema, "items"); items != nullptr && items->is_array()) {
      add_forbidden(path.child("items"), "items must be a schema object and not an array");
    }
    if (around.inside_metadata && is_true(at(&schema, "x-kubernetes-embedded-resource"))) {
      add_forbidden(path.child("x-kubernetes-embedded-resource"),
                    "must not be used inside of resource meta");
    }
  }

  void check_below(const json::Value& schema, const Surroundings& around,
                   const json::FieldPath& path) {
    Surroundings inner = around;
    inner.is_root = false;
    const json::Value* properties = at(&schema, "properties");
    if (const json::Value* others = at(&schema, "additionalProperties")) {
      if (!members_of(properties).empty() && *others != json::Value(true)) {
        add_forbidden(path.child("additionalProperties"),
                      "additionalProperties and properties are mutual exclusive");
      }
      if (others->is_object()) {
        Surroundings values = inner;
        if (around.inside_metadata) {
          values.no_defaults = "inside additionalProperties applying to object metadata";
        }
        check(*others, values, path.child("additionalProperties"));
      }
    }
    for (const auto& [name, property] : members_of(properties)) {
      Surroundings member = inner;
      std::string why;
      if (is_type_or_metadata(name) &&
          (around.is_root || is_true(at(&schema, "x-kubernetes-embedded-resource")))) {
        member.inside_metadata = true;
        if (around.is_root) {
          why = fmt::format("in top-level {}", name);
          member.no_defaults = why;
        }
      }
      check(property, member, path.child("properties").key(name));
    }
    if (const json::Value* none = at(&schema, "not")) {
      check(*none, inner, path.child("not"));
    }
    for (const std::string_view name : {"allOf", "oneOf", "anyOf"}) {
      const json::Array& list = items_of(at(&schema, name));
      for (std::size_t i = 0; i < list.size(); ++i) {
        check(list[i], inner, path.child(name).index(i));
      }
    }
    if (const json::Value* items = at(&schema, "items"); items != nullptr && items->is_object()) {
      check(*items, inner, path.child("items"));
    }
  }

  /// An extension that only makes sense with one type.
  void check_type_of(const json::Value& schema, std::string_view wanted, std::string_view extension,
                     const json::FieldPath& path) {
    const std::string_view type = text_at(schema, {"type"});
    const std::string why = fmt::format("must be {} if {} is specified", wanted, extension);
    type.empty() ? add_required(path.child("type"), why)
                 : add_invalid(path.child("type"), type, why);
  }

  void check_map_type(const json::Value& schema, const json::FieldPath& path) {
    const json::Value* sort = at(&schema, "x-kubernetes-map-type");
    if (sort == nullptr) {
      return;
    }
    if (text_at(schema, {"type"}) != "object") {
      check_type_of(schema, "object", "x-kubernetes-map-type", path);
    }
    constexpr std::array<std::string_view, 2> kSorts = {"atomic", "granular"};
    if (std::ranges::find(kSorts, text_of(sort)) == kSorts.end()) {
      add_unsupported(path.child("x-kubernetes-map-type"), text_of(sort), kSorts);
    }
  }

  void check_list_type(const json::Value& schema, const json::FieldPath& path) {
    const json::Value* sort = at(&schema, "x-kubernetes-list-type");
    if (sort == nullptr) {
      return;
    }
    const json::Value* items = at(&schema, "items");
    if (text_at(schema, {"type"}) != "array") {
      check_type_of(schema, "array", "x-kubernetes-list-type", path);
    } else if (text_of(sort) == "set" && items != nullptr) {
      constexpr std::string_view kWhy =
          "must be atomic as item of a list with x-kubernetes-list-type=set";
      const json::Value* inner = at(items, "x-kubernetes-list-type");
      const std::string shown = inner == nullptr ? "null" : go_json(*inner);
      const std::string_view type = text_at(*items, {"type"});
      if (type == "array" && inner != nullptr && text_of(inner) != "atomic") {
        problems_.push_back(
            json::invalid_value(path.child("items").child("x-kubernetes-list-type"), shown, kWhy));
      }
      if (type == "object" && text_at(*items, {"x-kubernetes-map-type"}) != "atomic") {
        problems_.push_back(
            json::invalid_value(path.child("items").child("x-kubernetes-map-type"), shown, kWhy));
      }
    }
    constexpr std::array<std::string_view, 3> kSorts = {"atomic", "set", "map"};
    if (std::ranges::find(kSorts, text_of(sort)) == kSorts.end()) {
      add_unsupported(path.child("x-kubernetes-list-type"), text_of(sort), kSorts);
    }
  }

  void check_list_keys(const json::Value& schema, const json::FieldPath& path) {
    const json::Value* sort = at(&schema, "x-kubernetes-list-type");
    const json::Value* keys = at(&schema, "x-kubernetes-list-map-keys");
    constexpr std::string_view kWhy = "must be map if x-kubernetes-list-map-keys is non-empty";
    if (!items_of(keys).empty() && sort == nullptr) {
      add_required(path.child("x-kubernetes-list-type"), kWhy);
    } else if (!items_of(keys).empty() && text_of(sort) != "map") {
      add_invalid(path.child("x-kubernetes-list-type"), text_of(sort), kWhy);
    }
    if (sort == nullptr || text_of(sort) != "map") {
      return;
    }
    if (items_of(keys).empty()) {
      add_required(path.child("x-kubernetes-list-map-keys"),
                   "must not be empty if x-kubernetes-list-type is map");
    }
    const json::Value* items = at(&schema, "items");
    if (items == nullptr) {
      add_required(path.child("items"), "must have a schema if x-kubernetes-list-type is map");
    } else if (items->is_array()) {
      problems_.push_back(
          json::invalid_value(path.child("items"), internal_items_text(*items),
                              "must only have a single schema if x-kubernetes-list-type is map"));
    } else if (text_at(*items, {"type"}) != "object") {
      add_invalid(path.child("items").child("type"), text_at(*items, {"type"}),
                  "must be object if parent array's x-kubernetes-list-type is map");
    } else {
      check_key_names(*items, *keys_or_empty(keys), path);
    }
  }

  static const json::Value* keys_or_empty(const json::Value* keys) {
    static const json::Value kNone{json::Array{}};
    return keys == nullptr ? &kNone : keys;
  }

  void check_key_names(const json::Value& items, const json::Value& keys,
                       const json::FieldPath& path) {
    std::vector<std::string_view> seen;
    for (const json::Value& key : items_of(&keys)) {
      const std::string_view name = text_of(&key);
      const json::Value* property = at(at(&items, "properties"), name);
      if (property == nullptr) {
        problems_.push_back(json::invalid_value(path.child("x-kubernetes-list-map-keys"),
                                                go_json(keys),
                                                "entries must all be names of item properties"));
      } else if (text_at(*property, {"type"}) == "array" ||
                 text_at(*property, {"type"}) == "object") {
        add_invalid(path.child("items").child("properties").key(name).child("type"),
                    text_at(items, {"type"}),
                    "must be a scalar type if parent array's x-kubernetes-list-type is map");
      }
      if (std::ranges::find(seen, name) != seen.end()) {
        problems_.push_back(json::invalid_value(path.child("x-kubernetes-list-map-keys"),
                                                go_json(keys),
                                                "must not contain duplicate entries"));
      }
      seen.push_back(name);
    }
  }

  /// Keys are there in every item, and no item is null.
  void check_list_items(const json::Value& schema, const json::FieldPath& path) {
    const json::Value* items = at(&schema, "items");
    const std::string_view sort = text_at(schema, {"x-kubernetes-list-type"});
    if (items == nullptr || !items->is_object() || (sort != "set" && sort != "map")) {
      return;
    }
    if (is_true(at(items, "nullable"))) {
      add_forbidden(path.child("items").child("nullable"),
                    fmt::format("cannot be nullable when x-kubernetes-list-type is {}", sort));
    }
    if (sort != "map") {
      return;
    }
    const json::Array& required = items_of(at(items, "required"));
    for (const json::Value& key : items_of(at(&schema, "x-kubernetes-list-map-keys"))) {
      const json::Value* property = at(at(items, "properties"), text_of(&key));
      if (property == nullptr) {
        continue;
      }
      const json::FieldPath at_key = path.child("items").child("properties").key(text_of(&key));
      if (std::ranges::find(required, key) == required.end() &&
          at(property, "default") == nullptr) {
        add_required(at_key.child("default"),
                     "this property is in x-kubernetes-list-map-keys, so it must have a default or "
                     "be a required property");
      }
      if (is_true(at(property, "nullable"))) {
        add_forbidden(at_key.child("nullable"),
                      "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
      }
    }
  }

  std::vector<json::Problem>& problems_;
};

/// Walks a schema beside its compiled form, as far as defaults may stand.
void check_defaults_below(const json::Value& schema, const SchemaNode& node,
                          const json::FieldPath& path, std::vector<json::Problem>& problems) {
  if (const json::Value* value = at(&schema, "default")) {
    const json::FieldPath here = path.child("default");
    json::Value pruned = *value;
    prune_value(pruned, node, node.is_embedded ? NodeRole::Root : NodeRole::Below, nullptr);
    if (pruned != *value) {
      problems.push_back(
          json::invalid_value(here, go_json(*value), "must not have unknown fields"));
    }
    std::vector<json::Problem> found;
    check_embedded(node, *value, here, found);
    if (found.empty()) {
      check_value(node, *value, nullptr, here.text(), found);
    }
    problems.insert(problems.end(), found.begin(), found.end());
  }
  if (const json::Value* items = at(&schema, "items"); items != nullptr && node.items != nullptr) {
    check_defaults_below(*items, *node.items, path.child("items"), problems);
  }
  for (const auto& [name, property] : members_of(at(&schema, "properties"))) {
    if (const SchemaNode* below = node.find_property(name)) {
      check_defaults_below(property, *below, path.child("properties").key(name), problems);
    }
  }
}

}  // namespace

void check_openapi(const json::Value& openapi, const json::FieldPath& path,
                   std::vector<json::Problem>& problems) {
  OpenApiCheck(problems).check(openapi, {.is_root = true}, path);
}

void check_defaults(const json::Value& openapi, const json::FieldPath& path,
                    std::vector<json::Problem>& problems) {
  std::deque<SchemaNode> owned;
  const Result<SchemaNode*> root = read_schema(openapi, owned, SchemaUse::Defaults);
  if (!root) {
    return;  // what it cannot read, check_openapi() names
  }
  (*root)->is_embedded = true;
  (*root)->has_embedded = true;
  check_defaults_below(openapi, **root, path, problems);
}

void check_rules(const json::Value& openapi, const json::FieldPath& path,
                 std::vector<json::Problem>& problems) {
  const json::Array& rules = items_of(at(&openapi, "x-kubernetes-validations"));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    problems.push_back(
        json::forbidden(path.child("x-kubernetes-validations").index(i).child("rule"),
                        "this API server does not evaluate rules in CEL"));
  }
  for (const std::string_view name : {"items", "additionalProperties", "not"}) {
    const json::Value* below = at(&openapi, name);
    if (below != nullptr && below->is_object()) {
      check_rules(*below, path.child(name), problems);
    }
  }
  for (const std::string_view name : {"allOf", "anyOf", "oneOf"}) {
    const json::Array& list = items_of(at(&openapi, name));
    for (std::size_t i = 0; i < list.size(); ++i) {
      check_rules(list[i], path.child(name).index(i), problems);
    }
  }
  for (const auto& [name, property] : members_of(at(&openapi, "properties"))) {
    check_rules(property, path.child("properties").key(name), problems);
  }
}

}  // namespace kthena::apiserver
