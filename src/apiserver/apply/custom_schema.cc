#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/apply/schema.h"
#include "base/check.h"
#include "base/error.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

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

/// Reads one CustomResourceDefinition's schema. The schemas are held by the reader's owner.
class Reader {
 public:
  explicit Reader(std::deque<Schema>& owned) : owned_(owned) {}

  /// @param keeps_unknown  stated above: it holds for all that is below too
  Result<Schema*> read(const json::Value& openapi, bool keeps_unknown, const std::string& path,
                       std::size_t depth) {
    if (depth > kMaxDepth || !openapi.is_object()) {
      return fail(ErrorCode::InvalidArgument, path + ": no schema, or nested too deep");
    }
    keeps_unknown |= is_true(openapi, "x-kubernetes-preserve-unknown-fields");
    Schema& schema = owned_.emplace_back();
    const std::string_view type = text_of(openapi, "type");
    if (type.empty()) {
      schema.scalar = ScalarType::Any;
    }
    if (type.empty() || type == "object") {
      TRY(read_object(schema, openapi, keeps_unknown, path, depth));
    }
    if (type.empty() || type == "array") {
      TRY(read_list(schema, openapi, keeps_unknown, path, depth));
    }
    if (type == "integer" || type == "number") {
      schema.scalar = ScalarType::Number;
    } else if (type == "boolean") {
      schema.scalar = ScalarType::Boolean;
    } else if (type == "string") {
      const std::string_view format = text_of(openapi, "format");
      schema.scalar = format.empty() || format == "byte" ? ScalarType::String : ScalarType::Any;
    } else if (!type.empty() && type != "object" && type != "array") {
      return fail(ErrorCode::InvalidArgument, fmt::format("{}: unknown type {}", path, type));
    }
    return &schema;
  }

  /// What every object has of its own.
  void add_object_fields(Schema& schema) {
    Schema& text = owned_.emplace_back();
    text.scalar = ScalarType::String;
    set_field(schema, "apiVersion", &text);
    set_field(schema, "kind", &text);
    const kube::shapes::Type* metadata = kube::shapes::find_type("ObjectMeta");
    CHECK(metadata != nullptr);
    set_field(schema, "metadata", &built_in_schema(*metadata));
  }

 private:
  static void set_field(Schema& schema, std::string_view name, const Schema* type) {
    const auto place = std::ranges::lower_bound(schema.fields, name, {}, &Schema::Field::name);
    if (place != schema.fields.end() && place->name == name) {
      place->type = type;
      place->default_value.reset();
    } else {
      schema.fields.insert(place, {.name = std::string(name), .type = type});
    }
  }

  Result<void> read_object(Schema& schema, const json::Value& openapi, bool keeps_unknown,
                           const std::string& path, std::size_t depth) {
    schema.is_map = true;
    schema.map_is_atomic = text_of(openapi, "x-kubernetes-map-type") == "atomic";
    const json::Value* properties = openapi.find("properties");
    if (properties != nullptr && properties->is_object()) {
      for (const auto& [name, property] : properties->as_object()) {
        const Schema* type =
            TRY(read(property, keeps_unknown, path + ".properties." + name, depth + 1));
        schema.fields.push_back({.name = name, .type = type});
        if (const json::Value* value = property.find("default")) {
          schema.fields.back().default_value = *value;
        }
      }
      std::ranges::sort(schema.fields, {}, &Schema::Field::name);
    }
    const json::Value* others = openapi.find("additionalProperties");
    if (others != nullptr && others->is_object()) {
      schema.others = TRY(read(*others, keeps_unknown, path + ".additionalProperties", depth + 1));
    } else if (others == nullptr ? keeps_unknown || schema.fields.empty()
                                 : is_true(openapi, "additionalProperties")) {
      schema.others = &deduced_schema();
    }
    if (is_true(openapi, "x-kubernetes-embedded-resource")) {
      add_object_fields(schema);
    }
    return {};
  }

  Result<void> read_list(Schema& schema, const json::Value& openapi, bool keeps_unknown,
                         const std::string& path, std::size_t depth) {
    schema.is_list = true;
    const json::Value* items = openapi.find("items");
    schema.item = items == nullptr ? deduced_schema().item
                                   : TRY(read(*items, keeps_unknown, path + ".items", depth + 1));
    const std::string_view type = text_of(openapi, "x-kubernetes-list-type");
    schema.list_is_atomic = type != "set" && type != "map";
    if (type != "map") {
      return {};
    }
    const json::Value* keys = openapi.find("x-kubernetes-list-map-keys");
    if (keys == nullptr || !keys->is_array() || keys->as_array().empty()) {
      return fail(ErrorCode::InvalidArgument, path + ": x-kubernetes-list-map-keys is missing");
    }
    for (const json::Value& key : keys->as_array()) {
      if (!key.is_string()) {
        return fail(ErrorCode::InvalidArgument, path + ": x-kubernetes-list-map-keys: no text");
      }
      const Schema::Field* field = schema.item->find_field(key.as_string());
      schema.keys.push_back(
          {.name = key.as_string(),
           .default_value = field == nullptr ? std::nullopt : field->default_value});
    }
    std::ranges::sort(schema.keys, {}, &Schema::Key::name);
    return {};
  }

  std::deque<Schema>& owned_;
};

}  // namespace

Result<std::shared_ptr<const Schema>> custom_schema(const json::Value& openapi,
                                                    UnknownFields unknown) {
  auto owned = std::make_shared<std::deque<Schema>>();
  Reader reader(*owned);
  Schema* root = TRY(reader.read(openapi, unknown == UnknownFields::Kept, "openAPIV3Schema", 0));
  if (!root->is_map) {
    return fail(ErrorCode::InvalidArgument, "openAPIV3Schema: type is not object");
  }
  reader.add_object_fields(*root);
  return std::shared_ptr<const Schema>(std::move(owned), root);
}

}  // namespace kthena::apiserver
