#include "json/findings.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/spelling.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::json {

namespace {

/// Longer values are cut in messages: the path says which one is meant.
constexpr std::size_t kMaxShown = 256;

}  // namespace

std::string path_text(const Step* at) {
  if (at == nullptr) {
    return {};
  }
  std::string path = path_text(at->parent);
  switch (at->kind) {
    case Step::Kind::Field:
      path.append(path.empty() ? "" : ".").append(at->name);
      break;
    case Step::Kind::Index:
      path += fmt::format("[{}]", at->index);
      break;
    case Step::Kind::Key:
      path.append("[").append(at->name).append("]");
      break;
  }
  return path;
}

std::string shown(const Value& value) {
  std::string text = value.is_string() ? quoted(value.as_string()) : print(value);
  if (text.size() > kMaxShown) {
    std::size_t end = kMaxShown;
    while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
      --end;
    }
    text.resize(end);
    text += "…";
  }
  return text;
}

std::string_view schema_type(const Value& value) {
  switch (value.type()) {
    case Type::Null:
      return "null";
    case Type::Bool:
      return "boolean";
    case Type::Number:
      return value.to_int64() ? "integer" : "number";
    case Type::String:
      return "string";
    case Type::Array:
      return "array";
    case Type::Object:
      return "object";
  }
  return "";
}

std::optional<std::int64_t> integer_of(const Value& value) {
  if (const auto integer = value.to_int64()) {
    return integer;
  }
  constexpr double kExact = 9007199254740992.0;
  const double number = value.as_double();
  if (std::abs(number) <= kExact && number == std::trunc(number)) {
    return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

void add_wrong_type(Findings& findings, std::string_view wanted, const Value& value,
                    const Step* at) {
  const std::string found = quoted(schema_type(value));
  findings.add(Problem::Kind::WrongType, at, [&](const std::string& path) {
    return fmt::format("Invalid value: {}: {} in body must be of type {}: {}", found, path, wanted,
                       found);
  });
}

void add_not_in_range(Findings& findings, const Value& value, std::int64_t lowest,
                      std::int64_t highest, const Step* at) {
  if (!integer_of(value) && std::abs(value.as_double()) < static_cast<double>(highest)) {
    return add_wrong_type(findings, "integer", value, at);
  }
  findings.add(Problem::Kind::WrongType, at, [&](const std::string& path) {
    return fmt::format("Invalid value: {}: {} in body should be between {} and {}", shown(value),
                       path, lowest, highest);
  });
}

void add_unknown_field(Findings& findings, const Step* at, Severity severity,
                       std::span<const std::string_view> known) {
  findings.add(
      Problem::Kind::UnknownField, at,
      [&](const std::string&) {
        const std::string_view meant = nearest_word(at->name, known);
        return meant.empty() ? std::string(kUnknownField)
                             : fmt::format("{}; did you mean {}?", kUnknownField, quoted(meant));
      },
      severity);
}

}  // namespace kthena::json
