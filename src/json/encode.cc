// Typed structs to JSON values, defaults in place, and what an update may not change.
#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "json/codec.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json::detail {

namespace {

const void* member_of(const FieldInfo& field, const void* object) {
  return static_cast<const std::byte*>(object) + field.offset;
}
void* member_of(const FieldInfo& field, void* object) {
  return static_cast<std::byte*>(object) + field.offset;
}

/// Whether the field is written at all.
bool is_present(const FieldInfo& field, const void* member) {
  const TypeInfo& type = field.type();
  if (type.kind == Kind::Optional) {
    return type.optional.get(member) != nullptr;
  }
  return field.rules.required || field.rules.initialised || !is_zero(type, member);
}

Value encode_object(const TypeInfo& type, const void* self) {
  Object out;
  for (const Constant& constant : type.constants) {
    out.append_new(std::string(constant.name), constant.text);
  }
  for (const FieldInfo& field : type.fields) {
    const void* member = member_of(field, self);
    if (is_present(field, member)) {
      out.append_new(std::string(field.name), encode_from(field.type(), member));
    }
  }
  return out;
}

Value encode_list(const TypeInfo& type, const void* self) {
  Array out;
  const TypeInfo& element = type.element();
  const std::size_t size = type.list.size(self);
  out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(encode_from(element, type.list.at(self, i)));
  }
  return out;
}

struct MapEncoding {
  const TypeInfo& element;
  Object out;
};

Value encode_map(const TypeInfo& type, const void* self) {
  MapEncoding encoding{.element = type.element(), .out = {}};
  type.map.visit(self, &encoding, [](void* context, std::string_view key, const void* element) {
    auto& into = *static_cast<MapEncoding*>(context);
    into.out.append_new(std::string(key), encode_from(into.element, element));
  });
  return std::move(encoding.out);
}

}  // namespace

Value encode_from(const TypeInfo& type, const void* self) {
  switch (type.kind) {
    case Kind::Bool:
      return *static_cast<const bool*>(self);
    case Kind::Integer:
      return load_integer(type, self);
    case Kind::Number:
      return *static_cast<const double*>(self);
    case Kind::String:
      return *static_cast<const std::string*>(self);
    case Kind::Enum:
      return type.enum_text(self);
    case Kind::Scalar:
      return type.scalar.write(self);
    case Kind::Any:
      return *static_cast<const Value*>(self);
    case Kind::Optional: {
      const void* element = type.optional.get(self);
      return element == nullptr ? Value{} : encode_from(type.element(), element);
    }
    case Kind::List:
      return encode_list(type, self);
    case Kind::Map:
      return encode_map(type, self);
    case Kind::Object:
      return encode_object(type, self);
  }
  return {};
}

namespace {

void default_field(const FieldInfo& field, void* member) {
  const TypeInfo& type = field.type();
  if (type.kind == Kind::Optional && type.optional.get(member) == nullptr && field.default_value) {
    std::vector<Problem> problems;
    decode_into(type, *field.default_value, member, DecodeOptions::trusted(), problems);
  }
  default_into(type, member);
}

}  // namespace

void default_into(const TypeInfo& type, void* self) {
  // The containers hand out const elements; the container itself is ours to change.
  const auto change = [&type](const void* element) {
    default_into(type.element(), const_cast<void*>(element));
  };
  switch (type.kind) {
    case Kind::Optional:
      if (const void* element = type.optional.get(self)) {
        change(element);
      }
      return;
    case Kind::List:
      for (std::size_t i = 0; i < type.list.size(self); ++i) {
        change(type.list.at(self, i));
      }
      return;
    case Kind::Map:
      type.map.visit(self, const_cast<TypeInfo*>(&type.element()),
                     [](void* element_type, std::string_view, const void* element) {
                       default_into(*static_cast<const TypeInfo*>(element_type),
                                    const_cast<void*>(element));
                     });
      return;
    case Kind::Object:
      for (const FieldInfo& field : type.fields) {
        default_field(field, member_of(field, self));
      }
      return;
    default:
      return;
  }
}

}  // namespace kthena::json::detail
