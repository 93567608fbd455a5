// The messages of openapi.v3 that our documents need.
#include <string>

#include "apiserver/discovery/gnostic_encode.h"
#include "json/value.h"

namespace kthena::apiserver::gnostic {

namespace {

using json::Value;

std::string schema(const Value& value);

/// SchemaOrReference
std::string schema_or_reference(const Value& value) {
  std::string message;
  if (value.find("$ref") != nullptr) {
    static constexpr Row kRows[] = {{"$ref", 1}, {"summary", 2}, {"description", 3}};
    append_message(message, 2, encode(value, kRows));
  } else {
    append_message(message, 1, schema(value));
  }
  return message;
}

/// ItemsItem
std::string items_item(const Value& value) {
  std::string message;
  append_message(message, 1, schema_or_reference(value));
  return message;
}

/// AdditionalPropertiesItem; `false` must be written too.
std::string additional_item(const Value& value) {
  if (value.is_bool()) {
    return {'\x10', value.as_bool() ? '\x01' : '\x00'};
  }
  std::string message;
  append_message(message, 1, schema_or_reference(value));
  return message;
}

/// DefaultType: a number, a boolean or a text. Whatever else a default is, there is no more to be
/// said than that there is one. A choice, so that zero counts.
std::string default_type(const Value& value) {
  std::string message;
  if (value.is_bool()) {
    return {'\x10', value.as_bool() ? '\x01' : '\x00'};
  }
  if (value.is_string()) {
    append_message(message, 3, value.as_string());
  } else if (value.is_number()) {
    append_real(message, 1, value.as_double());
    if (message.empty()) {
      message.assign(9, '\0');
      message[0] = '\x09';  // number 1, of 64 bits
    }
  }
  return message;
}

std::string schema(const Value& value) {
  static constexpr Row kRows[] = {
      {"nullable", 1, Form::Flag},
      {"readOnly", 3, Form::Flag},
      {"writeOnly", 4, Form::Flag},
      {"example", 7, Form::Yaml},
      {"deprecated", 8, Form::Flag},
      {"title", 9},
      {"multipleOf", 10, Form::Real},
      {"maximum", 11, Form::Real},
      {"exclusiveMaximum", 12, Form::Flag},
      {"minimum", 13, Form::Real},
      {"exclusiveMinimum", 14, Form::Flag},
      {"maxLength", 15, Form::Whole},
      {"minLength", 16, Form::Whole},
      {"pattern", 17},
      {"maxItems", 18, Form::Whole},
      {"minItems", 19, Form::Whole},
      {"uniqueItems", 20, Form::Flag},
      {"maxProperties", 21, Form::Whole},
      {"minProperties", 22, Form::Whole},
      {"required", 23, Form::Texts},
      {"enum", 24, Form::Yamls},
      {"type", 25},
      {"allOf", 26, Form::Messages, schema_or_reference},
      {"oneOf", 27, Form::Messages, schema_or_reference},
      {"anyOf", 28, Form::Messages, schema_or_reference},
      {"not", 29, Form::Message, schema},
      {"items", 30, Form::Message, items_item},
      {"properties", 31, Form::Named, schema_or_reference},
      {"additionalProperties", 32, Form::Message, additional_item},
      {"default", 33, Form::Message, default_type},
      {"description", 34},
      {"format", 35},
  };
  return encode(value, kRows, 36);
}

std::string media_type(const Value& value) {
  static constexpr Row kRows[] = {{"schema", 1, Form::Message, schema_or_reference}};
  return encode(value, kRows, 5);
}

/// RequestBodyOrReference
std::string request_body(const Value& value) {
  static constexpr Row kRows[] = {
      {"description", 1}, {"content", 2, Form::Named, media_type}, {"required", 3, Form::Flag}};
  std::string message;
  append_message(message, 1, encode(value, kRows, 4));
  return message;
}

/// ResponseOrReference
std::string response(const Value& value) {
  static constexpr Row kRows[] = {{"description", 1}, {"content", 3, Form::Named, media_type}};
  std::string message;
  append_message(message, 1, encode(value, kRows, 5));
  return message;
}

/// ParameterOrReference
std::string parameter(const Value& value) {
  static constexpr Row kRows[] = {{"name", 1},
                                  {"in", 2},
                                  {"description", 3},
                                  {"required", 4, Form::Flag},
                                  {"schema", 10, Form::Message, schema_or_reference}};
  std::string message;
  append_message(message, 1, encode(value, kRows, 14));
  return message;
}

std::string operation(const Value& value) {
  static constexpr Row kRows[] = {{"tags", 1, Form::Texts},
                                  {"summary", 2},
                                  {"description", 3},
                                  {"operationId", 5},
                                  {"parameters", 6, Form::Messages, parameter},
                                  {"requestBody", 7, Form::Message, request_body},
                                  {"responses", 8, Form::Named, response, 2},
                                  {"deprecated", 10, Form::Flag}};
  return encode(value, kRows, 13);
}

std::string path_item(const Value& value) {
  static constexpr Row kRows[] = {
      {"get", 4, Form::Message, operation},    {"put", 5, Form::Message, operation},
      {"post", 6, Form::Message, operation},   {"delete", 7, Form::Message, operation},
      {"patch", 10, Form::Message, operation}, {"parameters", 13, Form::Messages, parameter}};
  return encode(value, kRows, 14);
}

std::string info(const Value& value) {
  static constexpr Row kRows[] = {{"title", 1}, {"description", 2}, {"version", 6}};
  return encode(value, kRows, 7);
}

/// SecuritySchemeOrReference
std::string security_scheme(const Value& value) {
  static constexpr Row kRows[] = {{"type", 1}, {"description", 2}, {"name", 3}, {"in", 4}};
  std::string message;
  append_message(message, 1, encode(value, kRows, 9));
  return message;
}

std::string components(const Value& value) {
  static constexpr Row kRows[] = {{"schemas", 1, Form::Named, schema_or_reference},
                                  {"securitySchemes", 7, Form::Named, security_scheme}};
  return encode(value, kRows, 10);
}

}  // namespace

std::string encode_v3_document(const Value& document) {
  static constexpr Row kRows[] = {{"openapi", 1},
                                  {"info", 2, Form::Message, info},
                                  {"paths", 4, Form::Named, path_item},
                                  {"components", 5, Form::Message, components}};
  return encode(document, kRows, 9);
}

}  // namespace kthena::apiserver::gnostic
