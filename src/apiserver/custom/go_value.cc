#include "apiserver/custom/go_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/patch/go_text.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

bool go_equal(const json::Value& a, const json::Value& b) {
  if (a.type() != b.type()) {
    return false;
  }
  switch (a.type()) {
    case json::Type::Number: {
      const auto x = a.to_int64();
      const auto y = b.to_int64();
      return x && y ? *x == *y : !x && !y && a.as_double() == b.as_double();
    }
    case json::Type::Array:
      return std::ranges::equal(a.as_array(), b.as_array(), go_equal);
    case json::Type::Object: {
      if (a.as_object().size() != b.as_object().size()) {
        return false;
      }
      auto expected = b.as_object().begin();
      for (const auto& [key, value] : a.as_object()) {
        // Mostly they are in the same order.
        const json::Value* other =
            expected->key == key ? &expected->value : b.as_object().find(key);
        ++expected;
        if (other == nullptr || !go_equal(value, *other)) {
          return false;
        }
      }
      return true;
    }
    default:
      return a == b;
  }
}

std::string go_identity(const json::Value& value) {
  std::string text = json::print_canonical(value);
  if (value.is_number() && !value.to_int64()) {
    text += 'f';  // print_canonical() has one spelling for 1 and 1.0
  }
  return text;
}

std::string shown_value(const json::Value& value) {
  switch (value.type()) {
    case json::Type::Null:
      return "null";
    case json::Type::String:
      return json::quoted(value.as_string());
    case json::Type::Bool:
      return go_text(value, GoNumbers::Exact);
    case json::Type::Number:
      return go_text(value, value.to_int64() ? GoNumbers::Exact : GoNumbers::Double);
    default:
      return go_json(value);
  }
}

std::string_view go_type(const json::Value& value) {
  switch (value.type()) {
    case json::Type::Null:
      return "<nil>";
    case json::Type::Bool:
      return "bool";
    case json::Type::Number:
      return value.to_int64() ? "int64" : "float64";
    case json::Type::String:
      return "string";
    case json::Type::Array:
      return "[]interface {}";
    case json::Type::Object:
      return "map[string]interface {}";
  }
  return {};
}

json::Problem wrong_type(std::string_view path, std::string_view shown, std::string_view detail) {
  json::Problem problem = json::invalid_value(json::FieldPath(std::string(path)), shown, detail);
  problem.kind = json::Problem::Kind::WrongType;
  return problem;
}

json::Problem too_long(std::string_view path, std::int64_t most) {
  return {.kind = json::Problem::Kind::TooLong,
          .path = std::string(path),
          .message =
              fmt::format("Too long: may not be more than {} byte{}", most, most == 1 ? "" : "s")};
}

json::Problem too_many(std::string_view path, std::int64_t count, std::int64_t most) {
  return {.kind = json::Problem::Kind::TooMany,
          .path = std::string(path),
          .message = fmt::format("Too many: {}: must have at most {} item{}", count, most,
                                 most == 1 ? "" : "s")};
}

}  // namespace kthena::apiserver
