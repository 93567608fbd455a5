#include "json/schema.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "json/fields.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json {

namespace {

/// Far beyond any kind of ours: only a type that contains itself comes here.
constexpr int kMaxDepth = 48;

Value cel_rule(std::string_view rule, std::string_view message) {
  return Object{{"rule", rule}, {"message", message}};
}

class Printer {
 public:
  explicit Printer(const SchemaOptions& options) : options_(options) {}

  Value type(const TypeInfo& type, int depth, std::string_view shape = {}) const;

 private:
  Value scalar(const ScalarSchema& scalar) const;
  Value integer(const TypeInfo& type) const;
  Value enumeration(const TypeInfo& type) const;
  Value object(const TypeInfo& type, int depth) const;
  Value free_form(std::string_view shape) const;
  Value field(const FieldInfo& field, int depth) const;
  void add_field(const FieldInfo& field, int depth, Object& properties, Array& required,
                 Array& rules) const;

  const SchemaOptions& options_;
};

Value Printer::type(const TypeInfo& type, int depth, std::string_view shape) const {
  CHECK_LT(depth, kMaxDepth);
  switch (type.kind) {
    case Kind::Bool:
      return Object{{"type", "boolean"}};
    case Kind::Integer:
      return integer(type);
    case Kind::Number:
      return Object{{"type", "number"}};
    case Kind::String:
      return Object{{"type", "string"}};
    case Kind::Enum:
      return enumeration(type);
    case Kind::Scalar:
      return scalar(*type.scalar_schema);
    case Kind::Any:
      return free_form(shape);
    case Kind::Optional:
      return this->type(type.element(), depth, shape);
    case Kind::List:
      return Object{{"type", "array"}, {"items", this->type(type.element(), depth + 1, shape)}};
    case Kind::Map:
      return Object{{"type", "object"},
                    {"additionalProperties", this->type(type.element(), depth + 1, shape)}};
    case Kind::Object:
      // A struct for the part we read of a built-in type: the schema is that of the whole type.
      return shape.empty() ? object(type, depth) : free_form(shape);
  }
  return {};
}

Value Printer::integer(const TypeInfo& type) const {
  Object schema{{"type", "integer"}, {"format", type.size == 8 ? "int64" : "int32"}};
  const int bits = 8 * type.size - (type.is_signed ? 1 : 0);
  if (!type.is_signed) {
    schema.set("minimum", 0);
  } else if (bits < 31) {
    schema.set("minimum", -(std::int64_t{1} << bits));
  }
  if (bits < 31) {
    schema.set("maximum", (std::int64_t{1} << bits) - 1);
  }
  return schema;
}

Value Printer::enumeration(const TypeInfo& type) const {
  Array texts;
  for (const EnumEntry& entry : type.enum_entries) {
    texts.emplace_back(entry.text);
  }
  return Object{{"type", "string"}, {"enum", std::move(texts)}};
}

Value Printer::scalar(const ScalarSchema& scalar) const {
  Object schema;
  if (scalar.int_or_string) {
    schema.set("anyOf", Array{Object{{"type", "integer"}}, Object{{"type", "string"}}});
    schema.set("x-kubernetes-int-or-string", true);
  } else {
    schema.set("type", "string");
  }
  if (!scalar.format.empty()) {
    schema.set("format", scalar.format);
  }
  if (!scalar.pattern.empty()) {
    schema.set("pattern", scalar.pattern);
  }
  return schema;
}

Value Printer::free_form(std::string_view shape) const {
  if (!shape.empty() && options_.shape != nullptr) {
    Value schema = options_.shape(shape);
    if (!schema.is_null()) {
      return schema;
    }
  }
  return Object{{"x-kubernetes-preserve-unknown-fields", true}};
}

template <class T>
void set_if(Value& schema, std::string_view key, const std::optional<T>& bound) {
  if (bound) {
    schema.set(key, *bound);
  }
}

void set_if(Value& schema, std::string_view key, std::string_view text) {
  if (!text.empty()) {
    schema.set(key, text);
  }
}

void add_bounds(const FieldRules& rules, Value& schema) {
  set_if(schema, "minimum", rules.minimum);
  set_if(schema, "maximum", rules.maximum);
  set_if(schema, "minLength", rules.min_length);
  set_if(schema, "maxLength", rules.max_length);
  set_if(schema, "minItems", rules.min_items);
  set_if(schema, "maxItems", rules.max_items);
  set_if(schema, "minProperties", rules.min_properties);
  set_if(schema, "maxProperties", rules.max_properties);
  set_if(schema, "pattern", rules.pattern);
  set_if(schema, "format", rules.format);
}

void add_merge_types(const FieldRules& rules, Value& schema) {
  switch (rules.list_type) {
    case ListType::Unsaid:
      break;
    case ListType::Atomic:
      schema.set("x-kubernetes-list-type", "atomic");
      break;
    case ListType::Set:
      schema.set("x-kubernetes-list-type", "set");
      break;
    case ListType::Map: {
      Array keys;
      for (const std::string_view key : rules.list_keys) {
        if (!key.empty()) {
          keys.emplace_back(key);
        }
      }
      schema.set("x-kubernetes-list-type", "map");
      schema.set("x-kubernetes-list-map-keys", std::move(keys));
      break;
    }
  }
  if (rules.map_type != MapType::Unsaid) {
    schema.set("x-kubernetes-map-type", rules.map_type == MapType::Atomic ? "atomic" : "granular");
  }
}

void add_rule(Value& schema, Value rule) {
  Value* rules = schema.find("x-kubernetes-validations");
  (rules != nullptr ? *rules : schema.set("x-kubernetes-validations", Array{}))
      .push_back(std::move(rule));
}

Value Printer::field(const FieldInfo& field, int depth) const {
  const FieldRules& rules = field.rules;
  Value schema = type(field.type(), depth + 1, rules.shape);
  add_bounds(rules, schema);
  add_merge_types(rules, schema);
  if (!rules.immutable.empty()) {
    add_rule(schema, cel_rule("self == oldSelf", rules.immutable));
  }
  for (const Cel& cel : rules.cel) {
    if (!cel.rule.empty()) {
      add_rule(schema, cel_rule(cel.rule, cel.message));
    }
  }
  if (!rules.deprecated.empty()) {
    schema.set("description", rules.help.empty()
                                  ? fmt::format("Deprecated: {}", rules.deprecated)
                                  : fmt::format("{} Deprecated: {}", rules.help, rules.deprecated));
  } else if (!rules.help.empty()) {
    schema.set("description", rules.help);
  }
  return schema;
}

void Printer::add_field(const FieldInfo& info, int depth, Object& properties, Array& required,
                        Array& rules) const {
  Value schema = field(info, depth);
  std::string wanted = fmt::format("has(self.{})", info.name);
  bool has_old_names = false;
  for (const std::string_view old : info.rules.old_names) {
    if (!old.empty()) {
      Value old_schema = schema;
      old_schema.set("description", fmt::format("An earlier name of {}.", info.name));
      properties.append_new(std::string(old), std::move(old_schema));
      wanted += fmt::format(" || has(self.{})", old);
      has_old_names = true;
    }
  }
  if (info.default_value) {
    schema.set("default", *info.default_value);
  }
  properties.append_new(std::string(info.name), std::move(schema));
  if (!info.rules.required) {
    return;
  }
  if (!has_old_names) {
    required.emplace_back(info.name);
  } else if (!info.default_value) {
    rules.emplace_back(Object{{"rule", std::move(wanted)},
                              {"message", fmt::format("{} is required", info.name)},
                              {"reason", "FieldValueRequired"},
                              {"fieldPath", fmt::format(".{}", info.name)}});
  }
}

Value Printer::object(const TypeInfo& type, int depth) const {
  Object properties;
  Array required;
  Array rules;
  for (const Constant& constant : type.constants) {
    Value schema = Object{{"type", "string"}, {"enum", Array{constant.text}}};
    set_if(schema, "description", constant.help);
    properties.append_new(std::string(constant.name), std::move(schema));
  }
  for (const std::string_view name : type.ignored) {
    properties.append_new(std::string(name),
                          Object{{"x-kubernetes-preserve-unknown-fields", true}});
  }
  for (const FieldInfo& info : type.fields) {
    add_field(info, depth, properties, required, rules);
  }
  for (const RuleInfo& rule : type.rules) {
    rules.push_back(cel_rule(rule.rule, rule.message));
  }
  Object schema{{"type", "object"}};
  if (!properties.empty()) {
    schema.set("properties", std::move(properties));
  }
  if (!required.empty()) {
    schema.set("required", std::move(required));
  }
  if (!rules.empty()) {
    schema.set("x-kubernetes-validations", std::move(rules));
  }
  if (type.partial) {
    schema.set("x-kubernetes-preserve-unknown-fields", true);
  }
  return schema;
}

}  // namespace

Value schema_of(const TypeInfo& type, const SchemaOptions& options) {
  return Printer(options).type(type, 0);
}

}  // namespace kthena::json
