#include "kube/crd/shape_schema.h"

#include <string_view>
#include <utility>

#include "base/check.h"
#include "json/fields.h"
#include "json/value.h"
#include "kube/meta/quantity.h"
#include "kube/shapes/shape.h"

namespace kthena::kube {

namespace {

using json::Array;
using json::Object;
using json::Value;

static_assert(shapes::kQuantityPattern == Quantity::kSchema.pattern);

/// Nothing in a pod is nested so deeply; a type that contains itself would be.
constexpr int kMaxDepth = 24;

Value object_schema(const shapes::Type& type, int depth);

Value int_or_string() {
  return Object{{"anyOf", Array{Object{{"type", "integer"}}, Object{{"type", "string"}}}},
                {"x-kubernetes-int-or-string", true}};
}

Value item_schema(const shapes::Field& field, int depth) {
  const auto typed = [&field](std::string_view name) {
    Object schema{{"type", name}};
    if (!field.format.empty()) {
      schema.set("format", field.format);
    }
    return schema;
  };
  switch (field.kind) {
    case shapes::ValueKind::Any:
      return Object{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    case shapes::ValueKind::Boolean:
      return typed("boolean");
    case shapes::ValueKind::Integer:
      return typed("integer");
    case shapes::ValueKind::Number:
      return typed("number");
    case shapes::ValueKind::String:
      return typed("string");
    case shapes::ValueKind::IntOrString:
      return int_or_string();
    case shapes::ValueKind::Quantity: {
      Value schema = int_or_string();
      schema.set("pattern", shapes::kQuantityPattern);
      return schema;
    }
    case shapes::ValueKind::Object:
      return object_schema(
          field.object->name == "ObjectMeta" ? shapes::template_metadata() : *field.object,
          depth + 1);
  }
  return {};
}

void add_list_type(const shapes::Field& field, Value& schema) {
  // A list where items with equal keys are legal cannot be of type map here: the server would
  // refuse them.
  if (field.list_type == json::ListType::Unsaid || field.may_repeat) {
    return;
  }
  if (field.list_type == json::ListType::Map) {
    Array keys;
    for (const std::string_view key : field.list_keys) {
      if (!key.empty()) {
        keys.emplace_back(key);
      }
    }
    schema.set("x-kubernetes-list-map-keys", std::move(keys));
    schema.set("x-kubernetes-list-type", "map");
  } else {
    schema.set("x-kubernetes-list-type", field.list_type == json::ListType::Set ? "set" : "atomic");
  }
}

Value field_schema(const shapes::Field& field, int depth) {
  Value schema = item_schema(field, depth);
  if (field.container == shapes::Container::List) {
    schema = Object{{"type", "array"}, {"items", std::move(schema)}};
    add_list_type(field, schema);
  } else if (field.container == shapes::Container::Map) {
    schema = Object{{"type", "object"}, {"additionalProperties", std::move(schema)}};
  }
  if (field.map_type == json::MapType::Atomic) {
    schema.set("x-kubernetes-map-type", "atomic");
  }
  if (field.default_value) {
    schema.set("default", *field.default_value);
  }
  return schema;
}

Value object_schema(const shapes::Type& type, int depth) {
  CHECK_LT(depth, kMaxDepth);
  Object properties;
  Array required;
  for (const shapes::Field& field : type.fields) {
    properties.set(field.name, field_schema(field, depth));
    if (field.required) {
      required.emplace_back(field.name);
    }
  }
  Object schema{{"type", "object"}};
  if (!properties.empty()) {
    schema.set("properties", std::move(properties));
  }
  if (!required.empty()) {
    schema.set("required", std::move(required));
  }
  if (type.map_type == json::MapType::Atomic || type.atomic_in_crds) {
    schema.set("x-kubernetes-map-type", "atomic");
  }
  return schema;
}

}  // namespace

Value shape_schema(std::string_view type_name) {
  const shapes::Type* type = shapes::find_type(type_name);
  return type == nullptr ? Value() : object_schema(*type, 0);
}

}  // namespace kthena::kube
