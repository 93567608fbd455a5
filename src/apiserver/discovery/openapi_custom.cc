// Schemas of custom resources, as OpenAPI documents have them.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/discovery/openapi_schemas.h"
#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Array;
using json::Object;
using json::Value;

/// Deeper schemas than this are not accepted in definitions.
constexpr int kMaxDepth = 256;

bool says(const Value& schema, std::string_view word) {
  const Value* value = schema.find(word);
  return value != nullptr && value->is_bool() && value->as_bool();
}

bool has_type(const Value& schema, std::string_view type) {
  const Value* value = schema.find("type");
  return value != nullptr && value->is_string() && value->as_string() == type;
}

/// Calls f with each schema of a value that stands directly in this one.
template <class F>
void for_each_part(Value& schema, F f) {
  if (Value* properties = schema.find("properties");
      properties != nullptr && properties->is_object()) {
    for (auto& [name, property] : properties->as_object()) {
      f(property);
    }
  }
  for (const std::string_view word : {"items", "additionalProperties"}) {
    if (Value* part = schema.find(word); part != nullptr && part->is_object()) {
      f(*part);
    }
  }
}

void drop_required(Value& schema, std::string_view field) {
  Value* required = schema.find("required");
  if (required == nullptr || !required->is_array()) {
    return;
  }
  std::erase_if(required->as_array(),
                [&](const Value& name) { return name.is_string() && name.as_string() == field; });
  if (required->as_array().empty()) {
    schema.erase("required");
  }
}

/// Leaves out what the old version cannot say, and what kubectl does not read rightly in it.
void strip(Value& schema, int depth) {
  if (!schema.is_object() || depth > kMaxDepth) {
    return;
  }
  for (const std::string_view word : {"allOf", "oneOf", "anyOf", "not", "default"}) {
    schema.erase(word);
  }
  if (says(schema, "nullable")) {
    for (const std::string_view word : {"type", "items", "properties"}) {
      schema.erase(word);
    }
  }
  schema.erase("nullable");
  if (says(schema, "x-kubernetes-preserve-unknown-fields")) {
    schema.erase("items");
    schema.erase("properties");
    if (has_type(schema, "object")) {
      schema.erase("type");
    }
  }
  if (has_type(schema, "array") && schema.find("items") == nullptr) {
    schema.erase("type");
  }
  if (const Value* properties = schema.find("properties");
      properties != nullptr && properties->is_object()) {
    for (const auto& [name, property] : Object(properties->as_object())) {
      if (says(property, "nullable")) {
        drop_required(schema, name);
      }
    }
  }
  if (const Value* additional = schema.find("additionalProperties");
      additional != nullptr && says(*additional, "nullable")) {
    schema.erase("required");
  }
  for_each_part(schema, [depth](Value& part) { strip(part, depth + 1); });
}

/// A number or a text, said so that whoever knows only the standard understands it.
void unfold_int_or_string(Value& schema, int depth) {
  if (!schema.is_object() || depth > kMaxDepth) {
    return;
  }
  if (says(schema, "x-kubernetes-int-or-string") && schema.find("anyOf") == nullptr &&
      schema.find("allOf") == nullptr) {
    schema.set("anyOf", Array{Object{{"type", "integer"}}, Object{{"type", "string"}}});
  }
  for_each_part(schema, [depth](Value& part) { unfold_int_or_string(part, depth + 1); });
}

void set_string(Value& properties, std::string_view name) {
  Object schema;
  if (const Value* given = properties.find(name)) {
    if (const Value* description = given->find("description")) {
      schema.append_new("description", *description);
    }
  }
  schema.append_new("type", "string");
  properties.set(name, std::move(schema));
}

/// apiVersion, kind and metadata of an object.
void add_object_fields(OpenApiVersion version, Value& schema) {
  if (schema.find("properties") == nullptr || !schema.find("properties")->is_object()) {
    schema.set("properties", Object{});
  }
  Value& properties = *schema.find("properties");
  set_string(properties, "apiVersion");
  set_string(properties, "kind");
  properties.set("metadata", type_reference(version, kObjectMetaType));
}

/// Objects of whatever kind within the object.
void add_embedded(OpenApiVersion version, Value& schema, int depth) {
  if (!schema.is_object() || depth > kMaxDepth) {
    return;
  }
  for_each_part(schema, [&](Value& part) { add_embedded(version, part, depth + 1); });
  if (!says(schema, "x-kubernetes-embedded-resource") ||
      (version == OpenApiVersion::V2 && says(schema, "x-kubernetes-preserve-unknown-fields"))) {
    return;
  }
  add_object_fields(version, schema);
  if (schema.find("required") == nullptr || !schema.find("required")->is_array()) {
    schema.set("required", Array{});
  }
  Array& required = schema.find("required")->as_array();
  for (const std::string_view name : {"kind", "apiVersion"}) {
    if (std::ranges::find(required, Value(name)) == required.end()) {
      required.emplace_back(name);
    }
  }
}

}  // namespace

Value custom_schema(OpenApiVersion version, const Kind& kind, const Value* given) {
  Value schema;
  const bool old = version == OpenApiVersion::V2;
  if (given == nullptr || !given->is_object() ||
      (old && says(*given, "x-kubernetes-preserve-unknown-fields"))) {
    // With any property, kubectl would refuse all others.
    schema = Object{{"type", "object"}};
  } else {
    schema = *given;
    if (old) {
      strip(schema, 0);
    } else {
      unfold_int_or_string(schema, 0);
    }
    add_object_fields(version, schema);
    add_embedded(version, schema, 0);
  }
  schema.set("x-kubernetes-group-version-kind", kind_names(kind.group, kind.version, kind.kind));
  return schema;
}

}  // namespace kthena::apiserver
