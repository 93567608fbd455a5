// The messages of openapi.v2 that our documents need.
#include <string>

#include "apiserver/discovery/gnostic_encode.h"
#include "json/value.h"

namespace kthena::apiserver::gnostic {

namespace {

using json::Value;

std::string schema(const Value& value);

/// TypeItem: one name or several.
std::string type_item(const Value& value) {
  std::string message;
  if (value.is_string()) {
    append_text(message, 1, value.as_string());
  } else if (value.is_array()) {
    for (const Value& name : value.as_array()) {
      append_text(message, 1, name.is_string() ? name.as_string() : std::string{});
    }
  }
  return message;
}

/// ItemsItem
std::string items_item(const Value& value) {
  std::string message;
  append_message(message, 1, schema(value));
  return message;
}

/// AdditionalPropertiesItem; `false` must be written too.
std::string additional_item(const Value& value) {
  if (value.is_bool()) {
    return {'\x10', value.as_bool() ? '\x01' : '\x00'};
  }
  std::string message;
  append_message(message, 1, schema(value));
  return message;
}

std::string schema(const Value& value) {
  static constexpr Row kRows[] = {
      {"$ref", 1},
      {"format", 2},
      {"title", 3},
      {"description", 4},
      {"default", 5, Form::Yaml},
      {"multipleOf", 6, Form::Real},
      {"maximum", 7, Form::Real},
      {"exclusiveMaximum", 8, Form::Flag},
      {"minimum", 9, Form::Real},
      {"exclusiveMinimum", 10, Form::Flag},
      {"maxLength", 11, Form::Whole},
      {"minLength", 12, Form::Whole},
      {"pattern", 13},
      {"maxItems", 14, Form::Whole},
      {"minItems", 15, Form::Whole},
      {"uniqueItems", 16, Form::Flag},
      {"maxProperties", 17, Form::Whole},
      {"minProperties", 18, Form::Whole},
      {"required", 19, Form::Texts},
      {"enum", 20, Form::Yamls},
      {"additionalProperties", 21, Form::Message, additional_item},
      {"type", 22, Form::Message, type_item},
      {"items", 23, Form::Message, items_item},
      {"allOf", 24, Form::Messages, schema},
      {"properties", 25, Form::Named, schema},
      {"example", 30, Form::Yaml},
  };
  return encode(value, kRows, 31);
}

/// SchemaItem
std::string schema_item(const Value& value) {
  std::string message;
  append_message(message, 1, schema(value));
  return message;
}

std::string response(const Value& value) {
  static constexpr Row kRows[] = {{"description", 1}, {"schema", 2, Form::Message, schema_item}};
  return encode(value, kRows, 5);
}

/// ResponseValue
std::string response_value(const Value& value) {
  std::string message;
  append_message(message, 1, response(value));
  return message;
}

std::string body_parameter(const Value& value) {
  static constexpr Row kRows[] = {{"description", 1},
                                  {"name", 2},
                                  {"in", 3},
                                  {"required", 4, Form::Flag},
                                  {"schema", 5, Form::Message, schema}};
  return encode(value, kRows, 6);
}

std::string query_parameter(const Value& value) {
  static constexpr Row kRows[] = {{"required", 1, Form::Flag},
                                  {"in", 2},
                                  {"description", 3},
                                  {"name", 4},
                                  {"type", 6},
                                  {"format", 7},
                                  {"uniqueItems", 20, Form::Flag}};
  return encode(value, kRows, 23);
}

std::string path_parameter(const Value& value) {
  static constexpr Row kRows[] = {{"required", 1, Form::Flag},
                                  {"in", 2},
                                  {"description", 3},
                                  {"name", 4},
                                  {"type", 5},
                                  {"format", 6},
                                  {"uniqueItems", 19, Form::Flag}};
  return encode(value, kRows, 22);
}

/// ParametersItem: a choice of choices.
std::string parameter(const Value& value) {
  const Value* in = value.find("in");
  std::string chosen;
  if (in != nullptr && *in == Value("body")) {
    append_message(chosen, 1, body_parameter(value));
  } else {
    std::string other;
    if (in != nullptr && *in == Value("path")) {
      append_message(other, 4, path_parameter(value));
    } else {
      append_message(other, 3, query_parameter(value));
    }
    append_message(chosen, 2, other);
  }
  std::string message;
  append_message(message, 1, chosen);
  return message;
}

std::string operation(const Value& value) {
  static constexpr Row kRows[] = {{"tags", 1, Form::Texts},
                                  {"summary", 2},
                                  {"description", 3},
                                  {"operationId", 5},
                                  {"produces", 6, Form::Texts},
                                  {"consumes", 7, Form::Texts},
                                  {"parameters", 8, Form::Messages, parameter},
                                  {"responses", 9, Form::Named, response_value},
                                  {"schemes", 10, Form::Texts},
                                  {"deprecated", 11, Form::Flag}};
  return encode(value, kRows, 13);
}

std::string path_item(const Value& value) {
  static constexpr Row kRows[] = {
      {"get", 2, Form::Message, operation},   {"put", 3, Form::Message, operation},
      {"post", 4, Form::Message, operation},  {"delete", 5, Form::Message, operation},
      {"patch", 8, Form::Message, operation}, {"parameters", 9, Form::Messages, parameter}};
  return encode(value, kRows, 10);
}

std::string info(const Value& value) {
  static constexpr Row kRows[] = {{"title", 1}, {"version", 2}, {"description", 3}};
  return encode(value, kRows, 7);
}

/// SecurityDefinitionsItem: an ApiKeySecurity.
std::string security_definition(const Value& value) {
  static constexpr Row kRows[] = {{"type", 1}, {"name", 2}, {"in", 3}, {"description", 4}};
  std::string message;
  append_message(message, 2, encode(value, kRows, 5));
  return message;
}

/// StringArray; ours are empty: tokens have no scopes.
std::string scopes(const Value&) { return {}; }

/// SecurityRequirement, which is nothing but names.
std::string security_requirement(const Value& value) {
  std::string message;
  if (value.is_object()) {
    for (const auto& [name, wanted] : value.as_object()) {
      std::string entry;
      append_text(entry, 1, name);
      append_message(entry, 2, scopes(wanted));
      append_message(message, 1, entry);
    }
  }
  return message;
}

}  // namespace

std::string encode_v2_document(const Value& document) {
  static constexpr Row kRows[] = {{"swagger", 1},
                                  {"info", 2, Form::Message, info},
                                  {"paths", 8, Form::Named, path_item, 2},
                                  {"definitions", 9, Form::Named, schema},
                                  {"security", 12, Form::Messages, security_requirement},
                                  {"securityDefinitions", 13, Form::Named, security_definition}};
  return encode(document, kRows, 16);
}

}  // namespace kthena::apiserver::gnostic
