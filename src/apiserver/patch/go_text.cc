#include "apiserver/patch/go_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// The shortest digits that read back, with an exponent from 10^6 on or below 10^-4: `%v` of a
/// float64.
std::string double_text(double number) {
  char buffer[64];
  const double size = std::fabs(number);
  const bool scientific = number != 0 && (size < 1e-4 || size >= 1e6);
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, number,
                    scientific ? std::chars_format::scientific : std::chars_format::fixed);
  return {buffer, end.ptr};
}

std::string number_text(const json::Value& value, GoNumbers numbers) {
  if (numbers == GoNumbers::Exact && (value.to_int64() || value.to_uint64())) {
    return value.number_text();
  }
  return double_text(value.as_double());
}

void append(std::string& out, const json::Value& value, GoNumbers numbers) {
  switch (value.type()) {
    case json::Type::Null:
      out += "<nil>";
      break;
    case json::Type::Bool:
      out += value.as_bool() ? "true" : "false";
      break;
    case json::Type::Number:
      out += number_text(value, numbers);
      break;
    case json::Type::String:
      out += value.as_string();
      break;
    case json::Type::Array: {
      out += '[';
      bool first = true;
      for (const json::Value& item : value.as_array()) {
        out += first ? "" : " ";
        first = false;
        append(out, item, numbers);
      }
      out += ']';
      break;
    }
    case json::Type::Object: {
      std::vector<const json::Member*> members;
      for (const json::Member& member : value.as_object()) {
        members.push_back(&member);
      }
      std::ranges::sort(members, {}, &json::Member::key);
      out += "map[";
      bool first = true;
      for (const json::Member* member : members) {
        out += first ? "" : " ";
        first = false;
        out += member->key + ":";
        append(out, member->value, numbers);
      }
      out += ']';
      break;
    }
  }
}

}  // namespace

std::string go_text(const json::Value& value, GoNumbers numbers) {
  std::string out;
  append(out, value, numbers);
  return out;
}

std::string go_syntax(const json::Value& value, GoNumbers numbers) {
  return value.is_string() ? json::quoted(value.as_string()) : go_text(value, numbers);
}

std::string go_json(const json::Value& value) {
  std::string out;
  for (const char c : json::print_canonical(value)) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view go_json_type(const json::Value& value) {
  return value.type() == json::Type::Bool ? "bool" : json::to_string(value.type());
}

}  // namespace kthena::apiserver
