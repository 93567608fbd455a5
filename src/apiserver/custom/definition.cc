#include "apiserver/custom/definition.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/patch/go_text.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

const json::Value* part_of(const json::Value& version, std::string_view name) {
  const json::Value* part = version.find(name);
  return part == nullptr || part->is_null() || (part->is_array() && part->as_array().empty())
             ? nullptr
             : part;
}

/// Takes a part that all versions have alike from each and returns it.
const json::Value* hoist(std::vector<DefinitionVersion>& versions,
                         const json::Value* DefinitionParts::* part) {
  if (versions.empty()) {
    return nullptr;
  }
  const json::Value* first = versions.front().own.*part;
  const bool all_same = std::ranges::all_of(
      versions, [&](const DefinitionVersion& version) { return same(version.own.*part, first); });
  if (!all_same) {
    return nullptr;
  }
  for (DefinitionVersion& version : versions) {
    version.own.*part = nullptr;
  }
  return first;
}

}  // namespace

DefinitionView::DefinitionView(const json::Value& definition)
    : group(text_at(definition, {"spec", "group"})), spec(at(definition, {"spec"})) {
  for (const json::Value& version : items_of(at(definition, {"spec", "versions"}))) {
    const DefinitionParts parts{.schema = part_of(version, "schema"),
                                .subresources = part_of(version, "subresources"),
                                .columns = part_of(version, "additionalPrinterColumns")};
    versions.push_back({.value = &version, .own = parts, .whole = parts});
  }
  common.schema = hoist(versions, &DefinitionParts::schema);
  common.subresources = hoist(versions, &DefinitionParts::subresources);
  common.columns = hoist(versions, &DefinitionParts::columns);
}

const json::Value* openapi_of(const json::Value* schema) { return at(schema, "openAPIV3Schema"); }

namespace {

enum class Held : std::uint8_t {
  Text,
  Bool,
  Any,     ///< a pointer or a list of scalars: null or as it is
  Schema,  ///< a pointer to a schema
  Items,
  Schemas,
  Named,  ///< a map of schemas
  Others,
  Docs,
  Rules,
};

struct SchemaField {
  std::string_view go_name;
  std::string_view name;
  Held held;
};

/// Source: apiextensions-apiserver v0.34, internal JSONSchemaProps.
constexpr SchemaField kSchemaFields[] = {
    {"ID", "id", Held::Text},
    {"Schema", "$schema", Held::Text},
    {"Ref", "$ref", Held::Any},
    {"Description", "description", Held::Text},
    {"Type", "type", Held::Text},
    {"Nullable", "nullable", Held::Bool},
    {"Format", "format", Held::Text},
    {"Title", "title", Held::Text},
    {"Default", "default", Held::Any},
    {"Maximum", "maximum", Held::Any},
    {"ExclusiveMaximum", "exclusiveMaximum", Held::Bool},
    {"Minimum", "minimum", Held::Any},
    {"ExclusiveMinimum", "exclusiveMinimum", Held::Bool},
    {"MaxLength", "maxLength", Held::Any},
    {"MinLength", "minLength", Held::Any},
    {"Pattern", "pattern", Held::Text},
    {"MaxItems", "maxItems", Held::Any},
    {"MinItems", "minItems", Held::Any},
    {"UniqueItems", "uniqueItems", Held::Bool},
    {"MultipleOf", "multipleOf", Held::Any},
    {"Enum", "enum", Held::Any},
    {"MaxProperties", "maxProperties", Held::Any},
    {"MinProperties", "minProperties", Held::Any},
    {"Required", "required", Held::Any},
    {"Items", "items", Held::Items},
    {"AllOf", "allOf", Held::Schemas},
    {"OneOf", "oneOf", Held::Schemas},
    {"AnyOf", "anyOf", Held::Schemas},
    {"Not", "not", Held::Schema},
    {"Properties", "properties", Held::Named},
    {"AdditionalProperties", "additionalProperties", Held::Others},
    {"PatternProperties", "patternProperties", Held::Named},
    {"Dependencies", "dependencies", Held::Any},
    {"AdditionalItems", "additionalItems", Held::Others},
    {"Definitions", "definitions", Held::Named},
    {"ExternalDocs", "externalDocs", Held::Docs},
    {"Example", "example", Held::Any},
    {"XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", Held::Any},
    {"XEmbeddedResource", "x-kubernetes-embedded-resource", Held::Bool},
    {"XIntOrString", "x-kubernetes-int-or-string", Held::Bool},
    {"XListMapKeys", "x-kubernetes-list-map-keys", Held::Any},
    {"XListType", "x-kubernetes-list-type", Held::Any},
    {"XMapType", "x-kubernetes-map-type", Held::Any},
    {"XValidations", "x-kubernetes-validations", Held::Rules},
};

void append_schema(std::string& out, const json::Value& openapi);

void append_list(std::string& out, const json::Value& value,
                 void (*append)(std::string&, const json::Value&)) {
  out += '[';
  for (const json::Value& item : items_of(&value)) {
    out += out.back() == '[' ? "" : ",";
    append(out, item);
  }
  out += ']';
}

void append_named(std::string& out, const json::Value& value) {
  std::vector<const json::Member*> members;
  for (const json::Member& member : members_of(&value)) {
    members.push_back(&member);
  }
  std::ranges::sort(members, {},
                    [](const json::Member* member) -> const std::string& { return member->key; });
  out += '{';
  for (const json::Member* member : members) {
    out += out.back() == '{' ? "" : ",";
    out += go_json(member->key);
    out += ':';
    append_schema(out, member->value);
  }
  out += '}';
}

/// A struct of texts and pointers.
void append_struct(std::string& out, const json::Value& value,
                   std::initializer_list<SchemaField> fields) {
  out += '{';
  for (const SchemaField& field : fields) {
    out += out.back() == '{' ? "\"" : ",\"";
    out.append(field.go_name).append("\":");
    const json::Value* member = at(&value, field.name);
    out += member != nullptr ? go_json(*member) : field.held == Held::Text ? "\"\"" : "null";
  }
  out += '}';
}

void append_rule(std::string& out, const json::Value& rule) {
  append_struct(out, rule,
                {{"Rule", "rule", Held::Text},
                 {"Message", "message", Held::Text},
                 {"MessageExpression", "messageExpression", Held::Text},
                 {"Reason", "reason", Held::Any},
                 {"FieldPath", "fieldPath", Held::Text},
                 {"OptionalOldSelf", "optionalOldSelf", Held::Any}});
}

void append_held(std::string& out, Held held, const json::Value& value) {
  switch (held) {
    case Held::Text:
    case Held::Bool:
    case Held::Any:
      out += go_json(value);
      break;
    case Held::Schema:
      append_schema(out, value);
      break;
    case Held::Items:
      out += "{\"Schema\":";
      value.is_array() ? out.append("null") : (append_schema(out, value), out);
      out += ",\"JSONSchemas\":";
      value.is_array() ? (append_list(out, value, append_schema), out) : out.append("null");
      out += '}';
      break;
    case Held::Schemas:
      append_list(out, value, append_schema);
      break;
    case Held::Named:
      append_named(out, value);
      break;
    case Held::Others:
      out += value.is_bool() && !value.as_bool() ? R"({"Allows":false,"Schema":)"
                                                 : R"({"Allows":true,"Schema":)";
      value.is_object() ? (append_schema(out, value), out) : out.append("null");
      out += '}';
      break;
    case Held::Docs:
      append_struct(out, value,
                    {{"Description", "description", Held::Text}, {"URL", "url", Held::Text}});
      break;
    case Held::Rules:
      append_list(out, value, append_rule);
      break;
  }
}

void append_schema(std::string& out, const json::Value& openapi) {
  out += '{';
  for (const SchemaField& field : kSchemaFields) {
    out += out.back() == '{' ? "\"" : ",\"";
    out.append(field.go_name).append("\":");
    const json::Value* value = at(&openapi, field.name);
    if (value != nullptr) {
      append_held(out, field.held, *value);
    } else {
      out += field.held == Held::Text ? "\"\"" : field.held == Held::Bool ? "false" : "null";
    }
  }
  out += '}';
}

void append_schema_holder(std::string& out, const json::Value* schema) {
  if (schema == nullptr) {
    out += "null";
    return;
  }
  out += "{\"OpenAPIV3Schema\":";
  const json::Value* openapi = openapi_of(schema);
  openapi != nullptr ? (append_schema(out, *openapi), out) : out.append("null");
  out += '}';
}

void append_column(std::string& out, const json::Value& column) {
  out += "{\"Name\":" + go_json(text_at(column, {"name"}));
  out += ",\"Type\":" + go_json(text_at(column, {"type"}));
  out += ",\"Format\":" + go_json(text_at(column, {"format"}));
  out += ",\"Description\":" + go_json(text_at(column, {"description"}));
  out += ",\"Priority\":" + std::to_string(number_of(at(&column, "priority")).value_or(0));
  out += ",\"JSONPath\":" + go_json(text_at(column, {"jsonPath"})) + "}";
}

void append_subresources(std::string& out, const json::Value* subresources) {
  if (subresources == nullptr) {
    out += "null";
    return;
  }
  out += at(subresources, "status") != nullptr ? R"({"Status":{},"Scale":)"
                                               : R"({"Status":null,"Scale":)";
  if (const json::Value* scale = at(subresources, "scale")) {
    append_struct(out, *scale,
                  {{"SpecReplicasPath", "specReplicasPath", Held::Text},
                   {"StatusReplicasPath", "statusReplicasPath", Held::Text},
                   {"LabelSelectorPath", "labelSelectorPath", Held::Any}});
  } else {
    out += "null";
  }
  out += '}';
}

void append_version(std::string& out, const DefinitionVersion& version) {
  const json::Value& value = *version.value;
  const auto flag = [&](std::string_view name) {
    return is_true(at(&value, name)) ? "true" : "false";
  };
  out += "{\"Name\":" + go_json(text_at(value, {"name"}));
  out.append(",\"Served\":").append(flag("served"));
  out.append(",\"Storage\":").append(flag("storage"));
  out.append(",\"Deprecated\":").append(flag("deprecated"));
  const json::Value* warning = at(&value, "deprecationWarning");
  out.append(",\"DeprecationWarning\":").append(warning == nullptr ? "null" : go_json(*warning));
  out += ",\"Schema\":";
  append_schema_holder(out, version.own.schema);
  out += ",\"Subresources\":";
  append_subresources(out, version.own.subresources);
  out += ",\"AdditionalPrinterColumns\":";
  version.own.columns == nullptr ? out.append("null")
                                 : (append_list(out, *version.own.columns, append_column), out);
  out += ",\"SelectableFields\":null}";
}

}  // namespace

std::string internal_schema_text(const json::Value& openapi) {
  std::string out;
  append_schema(out, openapi);
  return out;
}

std::string internal_items_text(const json::Value& items) {
  std::string out;
  append_held(out, Held::Items, items);
  return out;
}

std::string internal_versions_text(const DefinitionView& view) {
  if (view.versions.empty()) {
    return at(view.spec, "versions") == nullptr ? "null" : "[]";
  }
  std::string out = "[";
  for (const DefinitionVersion& version : view.versions) {
    out += out.back() == '[' ? "" : ",";
    append_version(out, version);
  }
  return out + "]";
}

}  // namespace kthena::apiserver
