#include "apiserver/apply/path_element.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "apiserver/patch/go_text.h"
#include "base/error.h"
#include "base/result.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// Keys nest no deeper than scalars; what comes in from outside is held to that, more or less.
constexpr json::ParseOptions kParse{
    .max_depth = 8, .max_bytes = 1UL << 20, .duplicate_keys = json::DuplicateKeys::LastWins};

std::weak_ordering compare_numbers(const json::Value& a, const json::Value& b) {
  const auto left = a.to_int64();
  const auto right = b.to_int64();
  if (left && right) {
    return *left <=> *right;
  }
  const double x = a.as_double();
  const double y = b.as_double();
  return x < y ? std::weak_ordering::less
               : (x > y ? std::weak_ordering::greater : std::weak_ordering::equivalent);
}

int rank(json::Type type) {
  switch (type) {
    case json::Type::Number:
      return 0;
    case json::Type::String:
      return 1;
    case json::Type::Bool:
      return 2;
    case json::Type::Array:
      return 3;
    case json::Type::Object:
      return 4;
    case json::Type::Null:
      return 5;
  }
  return 5;
}

/// Both in the order of their names.
template <class Range, class Get>
std::weak_ordering compare_members(const Range& a, const Range& b, Get get) {
  auto left = a.begin();
  auto right = b.begin();
  for (; left != a.end() && right != b.end(); ++left, ++right) {
    if (const auto names = get(*left).key.compare(get(*right).key) <=> 0; names != 0) {
      return names;
    }
    if (const auto values = compare_values(get(*left).value, get(*right).value); values != 0) {
      return values;
    }
  }
  return static_cast<int>(left != a.end()) <=> static_cast<int>(right != b.end());
}

std::vector<const json::Member*> sorted(const json::Object& object) {
  std::vector<const json::Member*> members;
  for (const json::Member& member : object) {
    members.push_back(&member);
  }
  std::ranges::sort(members, {}, &json::Member::key);
  return members;
}

std::weak_ordering compare_objects(const json::Object& a, const json::Object& b) {
  // Keys of items are sorted, and are what this is for.
  if (std::ranges::is_sorted(a, {}, &json::Member::key) &&
      std::ranges::is_sorted(b, {}, &json::Member::key)) {
    return compare_members(a, b, [](const json::Member& m) -> const json::Member& { return m; });
  }
  return compare_members(sorted(a), sorted(b),
                         [](const json::Member* m) -> const json::Member& { return *m; });
}

void append_described(std::string& out, const json::Value& value) {
  if (value.is_null()) {
    out += "null";
  } else {
    out += go_syntax(value, GoNumbers::Double);
  }
}

}  // namespace

std::weak_ordering compare_values(const json::Value& a, const json::Value& b) {
  if (a.type() != b.type()) {
    return rank(a.type()) <=> rank(b.type());
  }
  switch (a.type()) {
    case json::Type::Null:
      return std::weak_ordering::equivalent;
    case json::Type::Bool:
      return static_cast<int>(a.as_bool()) <=> static_cast<int>(b.as_bool());
    case json::Type::Number:
      return compare_numbers(a, b);
    case json::Type::String:
      return a.as_string().compare(b.as_string()) <=> 0;
    case json::Type::Array: {
      const json::Array& left = a.as_array();
      const json::Array& right = b.as_array();
      for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (const auto order = compare_values(left[i], right[i]); order != 0) {
          return order;
        }
      }
      return left.size() <=> right.size();
    }
    case json::Type::Object:
      return compare_objects(a.as_object(), b.as_object());
  }
  return std::weak_ordering::equivalent;
}

PathElement PathElement::key(json::Object members) { return {Kind::Key, std::move(members)}; }

PathElement PathElement::value(json::Value scalar) { return {Kind::Value, std::move(scalar)}; }

PathElement PathElement::index(std::size_t index) { return {Kind::Index, index}; }

std::weak_ordering PathElement::compare_others(const PathElement& a, const PathElement& b) {
  if (a.kind() != b.kind()) {
    return a.kind() <=> b.kind();
  }
  const json::Value& left = std::get<Other>(a.data_)->value;
  const json::Value& right = std::get<Other>(b.data_)->value;
  if (a.kind() == Kind::Key) {
    return compare_members(left.as_object(), right.as_object(),
                           [](const json::Member& m) -> const json::Member& { return m; });
  }
  return compare_values(left, right);
}

Result<std::optional<PathElement>> PathElement::parse(std::string_view text) {
  if (text.size() < 2 || text[1] != ':') {
    return fail(ErrorCode::InvalidArgument, fmt::format("no path element: {}", json::quote(text)));
  }
  const std::string_view rest = text.substr(2);
  switch (text[0]) {
    case 'f':
      return field(rest);
    case 'v':
      return value(TRY(json::parse(rest, kParse)));
    case 'k': {
      json::Value members = TRY(json::parse(rest, kParse));
      if (!members.is_object()) {
        return fail(ErrorCode::InvalidArgument, "a key that is no object");
      }
      std::ranges::sort(members.as_object(), {}, &json::Member::key);
      return key(std::move(members.as_object()));
    }
    case 'i': {
      std::int64_t index = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
      if (error != std::errc{} || end != rest.data() + rest.size()) {
        return fail(ErrorCode::InvalidArgument, fmt::format("no index: {}", json::quote(rest)));
      }
      return PathElement(Kind::Index, index);
    }
    default:
      return std::optional<PathElement>();
  }
}

std::string PathElement::print() const {
  if (is_field()) {
    return "f:" + name();
  }
  const Content& content = *std::get<Other>(data_);
  std::string out(1, content.kind == Kind::Key ? 'k' : (content.kind == Kind::Value ? 'v' : 'i'));
  out += ':';
  out += go_json(content.value);
  return out;
}

std::string PathElement::describe() const {
  if (is_field()) {
    return "." + name();
  }
  const Content& content = *std::get<Other>(data_);
  std::string out = "[";
  if (content.kind == Kind::Key) {
    for (const json::Member& member : content.value.as_object()) {
      out += (out.size() > 1 ? "," : "") + member.key + "=";
      append_described(out, member.value);
    }
  } else {
    out += content.kind == Kind::Value ? "=" : "";
    append_described(out, content.value);
  }
  return out + "]";
}

}  // namespace kthena::apiserver
