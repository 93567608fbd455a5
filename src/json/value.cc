#include "json/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "json/number.h"

namespace kthena::json {
namespace {

// Above this many members, comparing goes by sorted keys instead of one scan per key.
constexpr std::size_t kFewMembers = 16;

std::vector<const Member*> sorted_by_key(const Object& object) {
  std::vector<const Member*> members;
  members.reserve(object.size());
  for (const Member& member : object) {
    members.push_back(&member);
  }
  std::ranges::sort(members, {}, [](const Member* m) -> const std::string& { return m->key; });
  return members;
}

template <class T>
std::optional<T> read_integer(std::string_view literal) noexcept {
  T value{};
  const char* end = literal.data() + literal.size();
  const auto [stop, error] = std::from_chars(literal.data(), end, value);
  if (error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string_view to_string(Type type) noexcept {
  constexpr std::array<std::string_view, 6> kNames = {"null",   "bool",  "number",
                                                      "string", "array", "object"};
  return kNames[static_cast<std::size_t>(type)];
}

Object::Object() noexcept = default;
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

Object::Object(std::initializer_list<Member> members) {
  for (const Member& member : members) {
    set(member.key, member.value);
  }
}

std::size_t Object::size() const noexcept { return members_.size(); }
std::vector<Member>::const_iterator Object::begin() const noexcept { return members_.begin(); }
std::vector<Member>::const_iterator Object::end() const noexcept { return members_.end(); }
std::vector<Member>::iterator Object::begin() noexcept { return members_.begin(); }
std::vector<Member>::iterator Object::end() noexcept { return members_.end(); }

const Value* Object::find(std::string_view key) const noexcept {
  for (const Member& member : members_) {
    if (member.key == key) {
      return &member.value;
    }
  }
  return nullptr;
}

Value* Object::find(std::string_view key) noexcept {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Object::set(std::string_view key, Value value) {
  if (Value* old = find(key)) {
    return *old = std::move(value);
  }
  return append_new(std::string(key), std::move(value));
}

Value& Object::append_new(std::string key, Value value) {
  return members_.emplace_back(std::move(key), std::move(value)).value;
}

bool Object::erase(std::string_view key) {
  const auto at = std::ranges::find(members_, key, &Member::key);
  if (at == members_.end()) {
    return false;
  }
  members_.erase(at);
  return true;
}

bool operator==(const Object& a, const Object& b) {
  if (a.size() != b.size()) {
    return false;
  }
  if (a.size() > kFewMembers) {
    return std::ranges::equal(sorted_by_key(a), sorted_by_key(b),
                              [](const Member* x, const Member* y) { return *x == *y; });
  }
  return std::ranges::all_of(a, [&b](const Member& member) {
    const Value* other = b.find(member.key);
    return other != nullptr && *other == member.value;
  });
}

Value::Value(double value) {
  if (std::isfinite(value)) {
    *this = from_number_literal(canonical_number(fmt::to_string(value))).value();
  }
}

std::optional<Value> Value::from_number_literal(std::string_view literal) {
  if (literal.empty() || number_length(literal) != literal.size()) {
    return std::nullopt;
  }
  Value value;
  if (const auto integer = read_integer<std::int64_t>(literal); integer && literal != "-0") {
    value.data_ = *integer;
  } else if (const auto large = read_integer<std::uint64_t>(literal)) {
    value.data_ = *large;
  } else if (std::isfinite(nearest_double(literal))) {
    value.data_ = Decimal{std::string(literal)};
  } else {
    return std::nullopt;
  }
  return value;
}

Type Value::type() const noexcept {
  constexpr std::array kTypes = {Type::Null,   Type::Bool,   Type::Number, Type::Number,
                                 Type::Number, Type::String, Type::Array,  Type::Object};
  return kTypes[data_.index()];
}

bool Value::as_bool() const {
  CHECK(is_bool());
  return *std::get_if<bool>(&data_);
}

const std::string& Value::as_string() const {
  CHECK(is_string());
  return *std::get_if<std::string>(&data_);
}

std::string& Value::as_string() {
  CHECK(is_string());
  return *std::get_if<std::string>(&data_);
}

const Array& Value::as_array() const {
  CHECK(is_array());
  return *std::get_if<Array>(&data_);
}

Array& Value::as_array() {
  CHECK(is_array());
  return *std::get_if<Array>(&data_);
}

const Object& Value::as_object() const {
  CHECK(is_object());
  return *std::get_if<Object>(&data_);
}

Object& Value::as_object() {
  CHECK(is_object());
  return *std::get_if<Object>(&data_);
}

double Value::as_double() const {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) {
    return static_cast<double>(*integer);
  }
  if (const auto* large = std::get_if<std::uint64_t>(&data_)) {
    return static_cast<double>(*large);
  }
  const auto* decimal = std::get_if<Decimal>(&data_);
  CHECK(decimal != nullptr);
  return nearest_double(decimal->literal);
}

std::optional<std::int64_t> Value::to_int64() const noexcept {
  const auto* integer = std::get_if<std::int64_t>(&data_);
  return integer != nullptr ? std::optional(*integer) : std::nullopt;
}

std::optional<std::uint64_t> Value::to_uint64() const noexcept {
  if (const auto* large = std::get_if<std::uint64_t>(&data_)) {
    return *large;
  }
  const auto* integer = std::get_if<std::int64_t>(&data_);
  if (integer == nullptr || *integer < 0) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*integer);
}

std::string Value::number_text() const {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) {
    return fmt::to_string(*integer);
  }
  if (const auto* large = std::get_if<std::uint64_t>(&data_)) {
    return fmt::to_string(*large);
  }
  const auto* decimal = std::get_if<Decimal>(&data_);
  CHECK(decimal != nullptr);
  return decimal->literal;
}

const Value* Value::find(std::string_view key) const noexcept {
  const auto* object = std::get_if<Object>(&data_);
  return object != nullptr ? object->find(key) : nullptr;
}

Value* Value::find(std::string_view key) noexcept {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) {
    data_ = Object();
  }
  return as_object().set(key, std::move(value));
}

bool Value::erase(std::string_view key) {
  auto* object = std::get_if<Object>(&data_);
  return object != nullptr && object->erase(key);
}

Value& Value::push_back(Value item) {
  if (is_null()) {
    data_ = Array();
  }
  return as_array().emplace_back(std::move(item));
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number() && a.data_.index() != b.data_.index()) {
    return decimal_parts(a.number_text()) == decimal_parts(b.number_text());
  }
  if (const auto* decimal = std::get_if<Decimal>(&a.data_)) {
    const auto* other = std::get_if<Decimal>(&b.data_);
    return other != nullptr && (decimal->literal == other->literal ||
                                decimal_parts(decimal->literal) == decimal_parts(other->literal));
  }
  if (a.data_.index() != b.data_.index()) {
    return false;
  }
  return std::visit(
      [&b]<class T>(const T& left) {
        if constexpr (std::same_as<T, Decimal>) {
          return false;  // compared above
        } else {
          return left == *std::get_if<T>(&b.data_);
        }
      },
      a.data_);
}

}  // namespace kthena::json
