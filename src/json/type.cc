#include "json/type.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/regex.h"
#include "json/fields.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::json {

namespace detail {
Value encode_from(const TypeInfo& type, const void* self);
}

namespace {

/// Objects remember which fields they have seen in one word.
constexpr std::size_t kMaxFields = 64;

Value to_value(const DefaultValue& given) {
  switch (given.kind) {
    case DefaultValue::Kind::Bool:
      return given.number != 0;
    case DefaultValue::Kind::Integer:
      return given.number;
    case DefaultValue::Kind::Text:
      return given.text;
    case DefaultValue::Kind::Json: {
      auto parsed = parse(given.text);
      CHECK(parsed.has_value());
      return *std::move(parsed);
    }
    case DefaultValue::Kind::None:
      break;
  }
  return {};
}

template <class T>
std::int64_t load_as(const void* self) {
  T value{};
  std::memcpy(&value, self, sizeof value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

const FieldInfo* TypeInfo::find_field(std::string_view name) const {
  const auto found = std::ranges::lower_bound(
      by_name, name, {}, [this](std::uint16_t index) { return fields[index].name; });
  if (found == by_name.end() || fields[*found].name != name) {
    return nullptr;
  }
  return &fields[*found];
}

std::string_view TypeInfo::enum_text(const void* self) const {
  const std::int64_t value = load_integer(*this, self);
  for (const EnumEntry& entry : enum_entries) {
    if (entry.value == value) {
      return entry.text;
    }
  }
  return {};
}

std::int64_t load_integer(const TypeInfo& type, const void* self) {
  switch (type.size) {
    case 1:
      return type.is_signed ? load_as<std::int8_t>(self) : load_as<std::uint8_t>(self);
    case 2:
      return type.is_signed ? load_as<std::int16_t>(self) : load_as<std::uint16_t>(self);
    case 4:
      return type.is_signed ? load_as<std::int32_t>(self) : load_as<std::uint32_t>(self);
    default:
      return load_as<std::int64_t>(self);
  }
}

void store_integer(const TypeInfo& type, void* self, std::int64_t value) {
  static_assert(std::endian::native == std::endian::little, "the low bytes come first");
  std::memcpy(self, &value, type.size);
}

namespace {

bool is_initial(const FieldInfo& field, const void* member) {
  const TypeInfo& type = field.type();
  if (field.initial) {
    return detail::encode_from(type, member) == *field.initial;
  }
  return is_zero(type, member);
}

}  // namespace

bool is_zero(const TypeInfo& type, const void* self) {
  switch (type.kind) {
    case Kind::Bool:
      return !*static_cast<const bool*>(self);
    case Kind::Integer:
      return load_integer(type, self) == 0;
    case Kind::Number:
      return *static_cast<const double*>(self) == 0;
    case Kind::String:
      return static_cast<const std::string*>(self)->empty();
    case Kind::Enum:
      return false;
    case Kind::Scalar:
      return type.scalar.is_zero(self);
    case Kind::Any:
      return static_cast<const Value*>(self)->is_null();
    case Kind::Optional:
      return type.optional.get(self) == nullptr;
    case Kind::List:
      return type.list.size(self) == 0;
    case Kind::Map:
      return type.map.size(self) == 0;
    case Kind::Object:
      return std::ranges::all_of(type.fields, [self](const FieldInfo& field) {
        return is_initial(field, static_cast<const std::byte*>(self) + field.offset);
      });
  }
  return false;
}

namespace detail {

namespace {

FieldInfo describe_field(const FieldRules& rules, std::string_view name, TypeRef type,
                         std::size_t offset, const void* member) {
  FieldInfo field{.name = name, .offset = offset, .type = type, .rules = rules};
  if (rules.default_value.kind != DefaultValue::Kind::None) {
    field.default_value = to_value(rules.default_value);
  }
  if (rules.initialised || type().kind == Kind::Enum) {
    field.initial = encode_from(type(), member);
  }
  if (rules.initialised && !field.default_value) {
    field.default_value = field.initial;
  }
  // An absent plain field reads as its initialiser, and a zero is not written: unless the list says
  // that the two differ, they must be the same.
  CHECK(rules.required || rules.initialised || is_zero(type(), member));
  // A default is for what can be absent; a plain member's is its initialiser.
  CHECK(rules.default_value.kind == DefaultValue::Kind::None || rules.initialised ||
        type().kind == Kind::Optional);
  if (!rules.pattern.empty()) {
    auto regex = Regex::create(rules.pattern);
    CHECK(regex.has_value());
    field.pattern = std::make_shared<const Regex>(*std::move(regex));
  }
  return field;
}

}  // namespace

void add_field(TypeInfo& info, const FieldRules& rules, std::string_view name, TypeRef type,
               const void* prototype, const void* member) {
  const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(member) -
                                               static_cast<const std::byte*>(prototype));
  if (!rules.inlined) {
    info.fields.push_back(describe_field(rules, name, type, offset, member));
    return;
  }
  const TypeInfo& inner = type();
  CHECK(inner.kind == Kind::Object);
  for (FieldInfo field : inner.fields) {
    field.offset += offset;
    info.fields.push_back(std::move(field));
  }
}

void finish_object(TypeInfo& info) {
  CHECK_LE(info.fields.size(), kMaxFields);
  info.by_name.resize(info.fields.size());
  for (std::size_t i = 0; i < info.by_name.size(); ++i) {
    info.by_name[i] = static_cast<std::uint16_t>(i);
    const FieldInfo& field = info.fields[i];
    if (field.rules.required || (field.default_value && field.type().kind == Kind::Optional)) {
      info.not_just_absent |= std::uint64_t{1} << i;
    }
    info.has_old_names = info.has_old_names || !field.rules.old_names[0].empty();
  }
  std::ranges::sort(info.by_name, {}, [&](std::uint16_t index) { return info.fields[index].name; });
}

}  // namespace detail

}  // namespace kthena::json
