#include "apiserver/discovery/openapi_schemas.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/kinds/kind.h"
#include "base/check.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Array;
using json::Object;
using json::Value;
using kube::shapes::Container;
using kube::shapes::Field;
using kube::shapes::Type;
using kube::shapes::ValueKind;

Object typed(std::string_view type, std::string_view format = {}) {
  Object schema{{"type", type}};
  if (!format.empty()) {
    schema.append_new("format", format);
  }
  return schema;
}

/// Of a value of which the table says no more than that it is there.
Object free_schema(const Type& type, const Field& field) {
  if (type.name.starts_with("JSONSchemaProps")) {
    return {};  // any JSON
  }
  if (field.name == "extra" && field.container == Container::Map) {
    return Object{{"type", "array"}, {"items", typed("string")}};  // what is known of a user
  }
  return typed("object");
}

Value value_schema(OpenApiVersion version, const Type& type, const Field& field) {
  Object schema;
  switch (field.kind) {
    case ValueKind::Any:
      schema = free_schema(type, field);
      break;
    case ValueKind::Boolean:
      schema = typed("boolean");
      break;
    case ValueKind::Integer:
      schema = typed("integer", field.format);
      break;
    case ValueKind::Number:
      schema = typed("number", field.format);
      break;
    case ValueKind::String:
      schema = typed("string", field.format);
      break;
    case ValueKind::IntOrString:
      return type_reference(version, kIntOrStringType);
    case ValueKind::Quantity:
      return type_reference(version, kQuantityType);
    case ValueKind::Object:
      return type_reference(version, field.object->full_name);
  }
  if (!field.enum_values.empty()) {
    schema.append_new("enum", Array(field.enum_values.begin(), field.enum_values.end()));
  }
  return schema;
}

/// How lists and maps merge, on the server and by strategic merge patch.
Object merge_words(const Field& field) {
  Object words;
  if (field.list_type == json::ListType::Map) {
    Array keys;
    for (const std::string_view key : field.list_keys) {
      if (!key.empty()) {
        keys.emplace_back(key);
      }
    }
    words.append_new("x-kubernetes-list-map-keys", std::move(keys));
    words.append_new("x-kubernetes-list-type", "map");
  } else if (field.list_type != json::ListType::Unsaid) {
    words.append_new("x-kubernetes-list-type",
                     field.list_type == json::ListType::Set ? "set" : "atomic");
  }
  if (field.map_type == json::MapType::Atomic) {
    words.append_new("x-kubernetes-map-type", "atomic");
  }
  if (!field.patch_key.empty()) {
    words.append_new("x-kubernetes-patch-merge-key", field.patch_key);
  }
  if (!field.patch_strategy.empty()) {
    words.append_new("x-kubernetes-patch-strategy", field.patch_strategy);
  }
  return words;
}

Value field_schema(OpenApiVersion version, const Type& type, const Field& field) {
  Value schema = value_schema(version, type, field);
  if (field.container == Container::List) {
    schema = Object{{"type", "array"}, {"items", std::move(schema)}};
  } else if (field.container == Container::Map) {
    schema = Object{{"type", "object"}, {"additionalProperties", std::move(schema)}};
  }
  Object words = merge_words(field);
  if (version == OpenApiVersion::V3 && field.default_value) {
    words.append_new("default", *field.default_value);
  }
  if (words.empty()) {
    return schema;
  }
  if (version == OpenApiVersion::V3 && schema.find("$ref") != nullptr) {
    // What stands beside a reference does not count.
    schema = Object{{"allOf", Array{std::move(schema)}}};
  }
  for (auto& [name, value] : words) {
    schema.as_object().append_new(name, std::move(value));
  }
  return schema;
}

std::pair<std::string_view, std::string_view> split_api_version(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos
             ? std::pair{std::string_view{}, api_version}
             : std::pair{api_version.substr(0, slash), api_version.substr(slash + 1)};
}

}  // namespace

Value type_reference(OpenApiVersion version, std::string_view full_name) {
  return Object{{"$ref", fmt::format("{}{}",
                                     version == OpenApiVersion::V2 ? "#/definitions/"
                                                                   : "#/components/schemas/",
                                     full_name)}};
}

Value kind_names(std::string_view group, std::string_view version, std::string_view kind) {
  return Array{Object{{"group", group}, {"kind", kind}, {"version", version}}};
}

Value type_schema(OpenApiVersion version, const Type& type) {
  Object schema = typed("object");
  Array required;
  Object properties;
  for (const Field& field : type.fields) {
    if (field.required) {
      required.emplace_back(field.name);
    }
    properties.append_new(std::string(field.name), field_schema(version, type, field));
  }
  if (!required.empty()) {
    schema.append_new("required", std::move(required));
  }
  if (!properties.empty()) {
    schema.append_new("properties", std::move(properties));
  }
  if (!type.kind.empty()) {
    const auto [group, api_version] = split_api_version(type.api_version);
    schema.append_new("x-kubernetes-group-version-kind", kind_names(group, api_version, type.kind));
  }
  if (type.map_type == json::MapType::Atomic) {
    schema.append_new("x-kubernetes-map-type", "atomic");
  }
  return schema;
}

Value special_schema(OpenApiVersion version, std::string_view full_name) {
  const bool old = version == OpenApiVersion::V2;
  if (full_name == kQuantityType) {
    return old ? typed("string") : Object{{"oneOf", Array{typed("string"), typed("number")}}};
  }
  if (full_name == kIntOrStringType) {
    return old ? typed("string", "int-or-string")
               : Object{{"format", "int-or-string"},
                        {"oneOf", Array{typed("integer"), typed("string")}}};
  }
  CHECK_EQ(full_name, kPatchType);
  return typed("object");
}

std::string type_name(const Kind& kind) {
  if (!kind.is_custom()) {
    return std::string(kind.shape->full_name);
  }
  // "example.com" is turned round, as packages are named.
  std::string name;
  std::string_view group = kind.group;
  while (!group.empty()) {
    const std::size_t dot = group.rfind('.');
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    name += fmt::format("{}.", group.substr(begin));
    group = group.substr(0, begin == 0 ? 0 : dot);
  }
  return fmt::format("{}{}.{}", name, kind.version, kind.kind);
}

std::string list_type_name(const Kind& kind) {
  std::string name = type_name(kind);
  name.resize(name.rfind('.') + 1);
  return name + kind.list_kind;
}

Value list_schema(OpenApiVersion version, const Kind& kind) {
  return Object{
      {"type", "object"},
      {"required", Array{"items"}},
      {"properties", Object{{"apiVersion", typed("string")},
                            {"items", Object{{"type", "array"},
                                             {"items", type_reference(version, type_name(kind))}}},
                            {"kind", typed("string")},
                            {"metadata", type_reference(version, kListMetaType)}}},
      {"x-kubernetes-group-version-kind", kind_names(kind.group, kind.version, kind.list_kind)}};
}

}  // namespace kthena::apiserver
