// Whether a schema is structural: every field has a type, and alternatives only restrict.
// Source: apiextensions-apiserver v0.34, package apiserver/schema (validation, complete, convert).
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/custom/definition.h"
#include "base/regex.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

enum class Level : std::uint8_t { Root, Item, Field };

/// integer or string: the one alternative that may name types.
bool is_int_or_string(const json::Value* list) {
  const json::Array& items = items_of(list);
  const auto is_type = [&](std::size_t i, std::string_view type) {
    return text_at(items[i], {"type"}) == type &&
           std::ranges::all_of(members_of(&items[i]), [](const json::Member& member) {
             return member.key == "type" || member.key == "example" || member.key == "externalDocs";
           });
  };
  return items.size() == 2 && is_type(0, "integer") && is_type(1, "string");
}

class StructuralCheck {
 public:
  explicit StructuralCheck(std::vector<json::Problem>& problems) : problems_(problems) {}

  void check(const json::Value& schema, Level level, const json::FieldPath& path) {
    const std::string_view type = text_at(schema, {"type"});
    const json::Value* items = at(&schema, "items");
    if (type == "array" && items == nullptr) {
      add_required(path.child("items"), "must be specified");
    }
    if (items != nullptr) {
      check(*items, Level::Item, path.child("items"));
    }
    for (const auto& [name, property] : members_of(at(&schema, "properties"))) {
      check(property, Level::Field, path.child("properties").key(name));
    }
    const json::Value* others = at(&schema, "additionalProperties");
    if (others != nullptr && level == Level::Root) {
      add_forbidden(path.child("additionalProperties"), "must not be used at the root");
    }
    if (others != nullptr && others->is_object()) {
      check(*others, Level::Field, path.child("additionalProperties"));
    }
    check_int_or_string(schema, path);
    const json::Value* all_of = at(&schema, "allOf");
    check_values(
        schema, is_int_or_string(at(&schema, "anyOf")),
        !items_of(all_of).empty() && is_int_or_string(at(&items_of(all_of).front(), "anyOf")),
        path);
    check_type(schema, type, level, path);
    check_metadata(schema, level, path);
    if (is_embedded(schema) && !keeps_unknown(schema) &&
        members_of(at(&schema, "properties")).empty()) {
      add_required(path.child("properties"),
                   "must not be empty if x-kubernetes-embedded-resource is true without "
                   "x-kubernetes-preserve-unknown-fields");
    }
  }

  /// What the alternatives at the root restrict must be there.
  /// @param schema  what has the value that `values` restricts; null if there is none
  void check_complete(const json::Value& values, const json::Value* schema,
                      const json::FieldPath& schema_path, const json::FieldPath& path) {
    for (const std::string_view name : {"allOf", "anyOf", "oneOf"}) {
      const json::Array& list = items_of(at(&values, name));
      for (std::size_t i = 0; i < list.size(); ++i) {
        check_nested_complete(list[i], schema, schema_path, path.child(name).index(i));
      }
    }
    if (const json::Value* none = at(&values, "not")) {
      check_nested_complete(*none, schema, schema_path, path.child("not"));
    }
  }

 private:
  static bool is_embedded(const json::Value& schema) {
    return is_true(at(&schema, "x-kubernetes-embedded-resource"));
  }
  static bool keeps_unknown(const json::Value& schema) {
    return is_true(at(&schema, "x-kubernetes-preserve-unknown-fields"));
  }

  void add_required(const json::FieldPath& path, std::string_view why) {
    problems_.push_back(json::required_value(path, why));
  }
  void add_forbidden(const json::FieldPath& path, std::string_view why) {
    problems_.push_back(json::forbidden(path, why));
  }
  void add_invalid(const json::FieldPath& path, std::string_view text, std::string_view why) {
    problems_.push_back(json::invalid_value(path, json::quoted(text), why));
  }

  void check_int_or_string(const json::Value& schema, const json::FieldPath& path) {
    if (!is_true(at(&schema, "x-kubernetes-int-or-string"))) {
      return;
    }
    for (const std::string_view name :
         {"x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"}) {
      if (is_true(at(&schema, name))) {
        problems_.push_back(json::invalid_value(
            path.child(name), "true", "must be false if x-kubernetes-int-or-string is true"));
      }
    }
  }

  void check_type(const json::Value& schema, std::string_view type, Level level,
                  const json::FieldPath& path) {
    const json::FieldPath at_type = path.child("type");
    if (is_embedded(schema) && type != "object") {
      constexpr std::string_view kWhy = "must be object if x-kubernetes-embedded-resource is true";
      type.empty() ? add_required(at_type, kWhy) : add_invalid(at_type, type, kWhy);
    } else if (type.empty() && !is_true(at(&schema, "x-kubernetes-int-or-string")) &&
               !keeps_unknown(schema)) {
      add_required(at_type, level == Level::Root   ? "must not be empty at the root"
                            : level == Level::Item ? "must not be empty for specified array items"
                                                   : "must not be empty for specified object "
                                                     "fields");
    }
    if (is_embedded(schema) && at(&schema, "additionalProperties") != nullptr) {
      add_forbidden(path.child("additionalProperties"),
                    "must not be used if x-kubernetes-embedded-resource is set");
    }
    if (level == Level::Root && !type.empty() && type != "object") {
      add_invalid(at_type, type, "must be object at the root");
    }
  }

  void check_metadata(const json::Value& schema, Level level, const json::FieldPath& path) {
    const json::Value* properties = at(&schema, "properties");
    const bool is_resource = level == Level::Root || is_embedded(schema);
    for (const std::string_view name : {"kind", "apiVersion"}) {
      const json::Value* property = at(properties, name);
      if (is_resource && property != nullptr && text_at(*property, {"type"}) != "string") {
        add_invalid(path.child("properties").key(name).child("type"), text_at(*property, {"type"}),
                    "must be string");
      }
    }
    const json::Value* metadata = at(properties, "metadata");
    if (metadata == nullptr) {
      return;
    }
    const json::FieldPath at_metadata = path.child("properties").key("metadata");
    if (is_resource && text_at(*metadata, {"type"}) != "object") {
      add_invalid(at_metadata.child("type"), text_at(*metadata, {"type"}), "must be object");
    }
    if (level == Level::Root && says_more_of_metadata(*metadata)) {
      add_forbidden(at_metadata,
                    "must not specify anything other than name and generateName, but metadata is "
                    "implicitly specified");
    }
  }

  static bool says_more_of_metadata(const json::Value& metadata) {
    return std::ranges::any_of(members_of(&metadata), [](const json::Member& member) {
      const auto& [name, value] = member;
      if (name == "type" || name == "default" || name == "example" || name == "externalDocs" ||
          is_nothing(&value) || value == json::Value(false)) {
        return false;
      }
      return name != "properties" ||
             std::ranges::any_of(members_of(&value), [](const json::Member& property) {
               return property.key != "name" && property.key != "generateName";
             });
    });
  }

  void check_values(const json::Value& values, bool skip_any, bool skip_first_all,
                    const json::FieldPath& path) {
    const json::Array& any_of = items_of(at(&values, "anyOf"));
    for (std::size_t i = 0; i < any_of.size() && !skip_any; ++i) {
      check_nested(any_of[i], false, path.child("anyOf").index(i));
    }
    const json::Array& all_of = items_of(at(&values, "allOf"));
    for (std::size_t i = 0; i < all_of.size(); ++i) {
      check_nested(all_of[i], skip_first_all && i == 0, path.child("allOf").index(i));
    }
    const json::Array& one_of = items_of(at(&values, "oneOf"));
    for (std::size_t i = 0; i < one_of.size(); ++i) {
      check_nested(one_of[i], false, path.child("oneOf").index(i));
    }
    if (const json::Value* none = at(&values, "not")) {
      check_nested(*none, false, path.child("not"));
    }
    const std::string_view pattern = text_at(values, {"pattern"});
    if (const auto regex = Regex::create(pattern); !regex) {
      add_invalid(path.child("pattern"), pattern,
                  fmt::format("must be a valid regular expression, but isn't: {}",
                              regex.error().message()));
    }
  }

  void check_nested(const json::Value& values, bool skip_any, const json::FieldPath& path) {
    check_values(values, skip_any, false, path);
    if (const json::Value* items = at(&values, "items")) {
      check_nested(*items, false, path.child("items"));
    }
    const json::Value* properties = at(&values, "properties");
    for (const auto& [name, property] : members_of(properties)) {
      check_nested(property, false, path.child("properties").key(name));
    }
    struct Said {
      std::string_view name;
      std::string_view why;
    };
    constexpr Said kForbidden[] = {
        {"type", "must be empty to be structural"},
        {"additionalProperties", "must be undefined to be structural"},
        {"default", "must be undefined to be structural"},
        {"title", "must be empty to be structural"},
        {"description", "must be empty to be structural"},
        {"nullable", "must be false to be structural"},
        {"x-kubernetes-preserve-unknown-fields", "must be false to be structural"},
        {"x-kubernetes-embedded-resource", "must be false to be structural"},
        {"x-kubernetes-int-or-string", "must be false to be structural"},
        {"x-kubernetes-list-map-keys", "must be empty to be structural"},
        {"x-kubernetes-list-type", "must be undefined to be structural"},
        {"x-kubernetes-map-type", "must be undefined to be structural"},
        {"x-kubernetes-validations", "must be empty to be structural"},
    };
    for (const auto& [name, why] : kForbidden) {
      const json::Value* value = at(&values, name);
      const bool is_said =
          value != nullptr && *value != json::Value(false) &&
          (!is_nothing(value) || name == "default" || name == "additionalProperties");
      if (is_said) {
        add_forbidden(path.child(name), why);
      }
    }
    if (at(properties, "metadata") != nullptr) {
      add_forbidden(path.child("properties").key("metadata"),
                    "must not be specified in a nested context");
    }
  }

  void check_nested_complete(const json::Value& values, const json::Value* schema,
                             const json::FieldPath& schema_path, const json::FieldPath& path) {
    if (schema == nullptr) {
      add_required(schema_path, fmt::format("because it is defined in {}", path.text()));
      return;
    }
    check_complete(values, schema, schema_path, path);
    if (const json::Value* items = at(&values, "items")) {
      check_nested_complete(*items, at(schema, "items"), schema_path.child("items"),
                            path.child("items"));
    }
    for (const auto& [name, property] : members_of(at(&values, "properties"))) {
      check_nested_complete(property, at(at(schema, "properties"), name),
                            schema_path.child("properties").key(name),
                            path.child("properties").key(name));
    }
  }

  std::vector<json::Problem>& problems_;
};

}  // namespace

std::string unsupported_field(const json::Value& openapi) {
  struct Field {
    std::string_view name;
    std::string_view shown;
  };
  constexpr Field kFields[] = {{"id", "id"},
                               {"$schema", "schema"},
                               {"$ref", "$ref"},
                               {"patternProperties", "patternProperties"},
                               {"dependencies", "dependencies"},
                               {"additionalItems", "additionalItems"},
                               {"definitions", "definitions"}};
  for (const auto& [name, shown] : kFields) {
    if (const json::Value* value = at(&openapi, name); value != nullptr && !is_nothing(value)) {
      return fmt::format("OpenAPIV3Schema '{}' is not supported", shown);
    }
  }
  if (const json::Value* items = at(&openapi, "items"); items != nullptr && items->is_array()) {
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  }
  const json::Value* keeps = at(&openapi, "x-kubernetes-preserve-unknown-fields");
  if (keeps != nullptr && *keeps == json::Value(false)) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  std::string found;
  for_each_schema_below(openapi, [&](const json::Value& below) {
    if (found.empty()) {
      found = unsupported_field(below);
    }
  });
  return found;
}

void check_structural(const json::Value& openapi, const json::FieldPath& path,
                      std::vector<json::Problem>& problems) {
  std::vector<json::Problem> found;
  StructuralCheck check(found);
  check.check(openapi, Level::Root, path);
  check.check_complete(openapi, &openapi, path, path);
  std::ranges::sort(found, {}, &json::Problem::to_string);
  std::ranges::move(found, std::back_inserter(problems));
}

}  // namespace kthena::apiserver
