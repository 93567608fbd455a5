#include "apiserver/built_in/access.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

using json::Value;

const Value* at(const Value* value, std::string_view name) {
  const Value* found = value == nullptr ? nullptr : value->find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const Value* at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* here = &value;
  for (const std::string_view name : path) {
    here = at(here, name);
  }
  return here;
}

Value* at(Value& value, std::initializer_list<std::string_view> path) {
  Value* here = &value;
  for (const std::string_view name : path) {
    here = here == nullptr ? nullptr : here->find(name);
  }
  return here == nullptr || here->is_null() ? nullptr : here;
}

std::string_view text_of(const Value* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view{};
}

std::string_view text_at(const Value& value, std::initializer_list<std::string_view> path) {
  return text_of(at(value, path));
}

std::optional<std::int64_t> number_of(const Value* value) {
  return value == nullptr ? std::nullopt : value->to_int64();
}

bool is_true(const Value* value) {
  return value != nullptr && value->is_bool() && value->as_bool();
}

const json::Array& items_of(const Value* value) {
  static const json::Array kNone;
  return value != nullptr && value->is_array() ? value->as_array() : kNone;
}

const json::Object& members_of(const Value* value) {
  static const json::Object kNone;
  return value != nullptr && value->is_object() ? value->as_object() : kNone;
}

bool is_nothing(const Value* value) {
  return value == nullptr || value->is_null() ||
         (value->is_string() && value->as_string().empty()) ||
         (value->is_array() && value->as_array().empty()) ||
         (value->is_object() && value->as_object().empty());
}

Value& object_at(Value& value, std::string_view name) {
  Value* found = value.find(name);
  if (found != nullptr && found->is_object()) {
    return *found;
  }
  return value.set(name, json::Object{});
}

bool same(const Value* a, const Value* b) {
  const bool no_a = a == nullptr || a->is_null();
  const bool no_b = b == nullptr || b->is_null();
  return no_a || no_b ? no_a == no_b : *a == *b;
}

}  // namespace kthena::apiserver
