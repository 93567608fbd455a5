#include "apiserver/apply/schema.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "json/fields.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

namespace shapes = kube::shapes;

/// Anything, as one piece: kube-apiserver's RawExtension.
const Schema& untyped_schema() {
  static const Schema schema{
      .scalar = ScalarType::Any, .is_list = true, .is_map = true, .map_is_atomic = true};
  return schema;
}

const Schema& scalar_schema(ScalarType type) {
  static const std::array<Schema, 5> schemas{
      Schema{}, Schema{.scalar = ScalarType::Any}, Schema{.scalar = ScalarType::Number},
      Schema{.scalar = ScalarType::String}, Schema{.scalar = ScalarType::Boolean}};
  return schemas[static_cast<std::size_t>(type)];
}

/// All shapes as schemas. They refer to each other, so they are made together.
class BuiltIns {
 public:
  BuiltIns() {
    for (const shapes::Type& type : shapes::types()) {
      by_type_.emplace(&type, &owned_.emplace_back());
    }
    for (const shapes::Type& type : shapes::types()) {
      fill(type, *by_type_.at(&type));
    }
    for (Schema& schema : owned_) {
      for (Schema::Key& key : schema.keys) {
        if (const Schema::Field* field = schema.item->find_field(key.name)) {
          key.default_value = field->default_value;
        }
      }
    }
    for (const auto& [copy, original] : atomic_copies_) {
      copy->fields = original->fields;
      copy->others = original->others;
    }
  }

  const Schema& of(const shapes::Type& type) const { return *by_type_.at(&type); }

 private:
  void fill(const shapes::Type& type, Schema& schema) {
    schema.is_map = true;
    schema.map_is_atomic = type.map_type == json::MapType::Atomic;
    if (type.fields.empty()) {
      schema.others = &deduced_schema();
    }
    for (const shapes::Field& field : type.fields) {
      schema.fields.push_back({.name = std::string(field.name),
                               .type = type_of(field),
                               .default_value = default_of(field),
                               .zero = zero_of(field)});
    }
  }

  /// A required field is written without fail, so that its zero is what absent means.
  static std::optional<json::Value> default_of(const shapes::Field& field) {
    if (field.default_value || !field.required || field.container != shapes::Container::One) {
      return field.default_value;
    }
    switch (field.kind) {
      case shapes::ValueKind::String:
        return field.format.empty() ? std::optional<json::Value>("") : std::nullopt;
      case shapes::ValueKind::Integer:
        return 0;
      case shapes::ValueKind::Boolean:
        return false;
      default:
        return std::nullopt;
    }
  }

  /// What Go has and prints where nothing was given; nothing if it leaves the field out.
  static std::optional<json::Value> zero_of(const shapes::Field& field) {
    if (field.always) {
      switch (field.kind) {
        case shapes::ValueKind::Object:
          return json::Object{};
        case shapes::ValueKind::Quantity:
          return "0";
        default:
          return json::Value();
      }
    }
    return field.required ? std::optional(default_of(field).value_or(json::Value())) : std::nullopt;
  }

  const Schema* value_of(const shapes::Field& field) {
    switch (field.kind) {
      case shapes::ValueKind::Any:
        return &untyped_schema();
      case shapes::ValueKind::Boolean:
        return &scalar_schema(ScalarType::Boolean);
      case shapes::ValueKind::Integer:
      case shapes::ValueKind::Number:
        return &scalar_schema(ScalarType::Number);
      case shapes::ValueKind::String:
        return &scalar_schema(field.format == "date-time" ? ScalarType::Any : ScalarType::String);
      case shapes::ValueKind::IntOrString:
      case shapes::ValueKind::Quantity:
        return &scalar_schema(ScalarType::Any);
      case shapes::ValueKind::Object:
        return by_type_.at(field.object);
    }
    return &untyped_schema();
  }

  const Schema* type_of(const shapes::Field& field) {
    const Schema* value = value_of(field);
    switch (field.container) {
      case shapes::Container::One:
        if (field.kind == shapes::ValueKind::Object && field.map_type == json::MapType::Atomic) {
          // Its fields may not be there yet.
          Schema& atomic = owned_.emplace_back();
          atomic = {.is_map = true, .map_is_atomic = true};
          atomic_copies_.emplace_back(&atomic, value);
          return &atomic;
        }
        return value;
      case shapes::Container::List:
        return list_of(field, value);
      case shapes::Container::Map: {
        Schema& map = owned_.emplace_back();
        map.is_map = true;
        map.map_is_atomic = field.map_type == json::MapType::Atomic;
        map.others = value;
        return &map;
      }
    }
    return value;
  }

  const Schema* list_of(const shapes::Field& field, const Schema* item) {
    Schema& list = owned_.emplace_back();
    list.is_list = true;
    list.item = item;
    if (field.list_type == json::ListType::Map) {
      list.list_is_atomic = false;
      for (const std::string_view key : field.list_keys) {
        if (!key.empty()) {
          list.keys.push_back({.name = std::string(key)});
        }
      }
    } else if (field.list_type == json::ListType::Set) {
      list.list_is_atomic = false;
    } else if (field.list_type == json::ListType::Unsaid &&
               field.patch_strategy.starts_with("merge")) {
      list.list_is_atomic = false;
      if (!field.patch_key.empty()) {
        list.keys.push_back({.name = std::string(field.patch_key)});
      }
    }
    std::ranges::sort(list.keys, {}, &Schema::Key::name);
    return &list;
  }

  std::deque<Schema> owned_;  // addresses stay
  std::unordered_map<const shapes::Type*, Schema*> by_type_;
  std::vector<std::pair<Schema*, const Schema*>> atomic_copies_;
};

}  // namespace

const Schema::Field* Schema::find_field(std::string_view name) const {
  const auto found = std::ranges::lower_bound(fields, name, {}, &Field::name);
  return found == fields.end() || found->name != name ? nullptr : &*found;
}

const Schema* Schema::member(std::string_view name) const {
  const Field* field = find_field(name);
  return field == nullptr ? others : field->type;
}

const Schema& built_in_schema(const kube::shapes::Type& type) {
  static const BuiltIns table;
  return table.of(type);
}

const Schema& deduced_schema() {
  static const Schema& schema = *[] {
    static Schema self{
        .scalar = ScalarType::Any, .is_list = true, .is_map = true, .is_deduced = true};
    self.others = &self;
    self.item = &untyped_schema();
    return &self;
  }();
  return schema;
}

json::Value zero_value(const Schema& schema) {
  json::Object out;
  for (const Schema::Field& field : schema.fields) {
    if (field.zero) {
      out.append_new(field.name, field.zero->is_object() ? zero_value(*field.type) : *field.zero);
    }
  }
  return out;
}

namespace {

/// Whether Go leaves a field of that value out, if it is not required.
bool is_left_out(const Schema& type, const json::Value& value) {
  if (value.is_object() && value.as_object().empty()) {
    return type.is_map && type.fields.empty();  // a map; an empty struct was given on purpose
  }
  return value.is_null() || (value.is_array() && value.as_array().empty());
}

void members_as_stored(const Schema& schema, json::Object& object) {
  const auto leaves_out = [&schema](const json::Member& member) {
    const Schema::Field* field = schema.find_field(member.key);
    return field != nullptr && !field->zero && is_left_out(*field->type, member.value);
  };
  for (json::Member& member : object) {
    if (const Schema* type = schema.member(member.key)) {
      as_stored(*type, member.value);
    }
  }
  if (std::ranges::any_of(object, leaves_out)) {
    json::Object kept;
    for (json::Member& member : object) {
      if (!leaves_out(member)) {
        kept.append_new(std::move(member.key), std::move(member.value));
      }
    }
    object = std::move(kept);
  }
  for (const Schema::Field& field : schema.fields) {
    if (!field.zero) {
      continue;
    }
    json::Value* value = object.find(field.name);
    if (value == nullptr) {
      as_stored(*field.type, object.append_new(field.name, *field.zero));
    } else if (value->is_null() && field.zero->is_object()) {
      *value = *field.zero;
      as_stored(*field.type, *value);
    }
  }
}

}  // namespace

void as_stored(const Schema& schema, json::Value& value) {
  if (value.is_array() && schema.is_list && !schema.is_map) {
    for (json::Value& item : value.as_array()) {
      as_stored(*schema.item, item);
    }
  } else if (value.is_object() && schema.is_map && !schema.is_deduced &&
             schema.scalar == ScalarType::None) {
    members_as_stored(schema, value.as_object());
  }
}

}  // namespace kthena::apiserver
