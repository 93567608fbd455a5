#include "json/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"

namespace kthena::json {

std::string Problem::to_string() const {
  if (kind == Kind::UnknownField) {
    return fmt::format(
        "{} {}{}", kUnknownField, quoted(path),
        std::string_view(message).substr(std::min(kUnknownField.size(), message.size())));
  }
  return path.empty() ? message : fmt::format("{}: {}", path, message);
}

FieldPath FieldPath::child(std::string_view name) const {
  return FieldPath(text_.empty() ? std::string(name) : fmt::format("{}.{}", text_, name));
}

FieldPath FieldPath::index(std::size_t position) const {
  return FieldPath(fmt::format("{}[{}]", text_, position));
}

FieldPath FieldPath::key(std::string_view key) const {
  return FieldPath(fmt::format("{}[{}]", text_, key));
}

namespace {

Problem make(Problem::Kind kind, const FieldPath& path, std::string message,
             std::string_view detail) {
  if (!detail.empty()) {
    message.append(": ").append(detail);
  }
  return {.kind = kind, .path = path.text(), .message = std::move(message)};
}

}  // namespace

Problem required_value(const FieldPath& path, std::string_view detail) {
  return make(Problem::Kind::Required, path, "Required value", detail);
}

Problem invalid_value(const FieldPath& path, std::string_view shown, std::string_view detail) {
  return make(Problem::Kind::Invalid, path, fmt::format("Invalid value: {}", shown), detail);
}

Problem unsupported_value(const FieldPath& path, std::string_view shown,
                          std::span<const std::string_view> supported) {
  std::string detail = "supported values: ";
  for (std::size_t i = 0; i < supported.size(); ++i) {
    detail.append(i == 0 ? "" : ", ").append(quoted(supported[i]));
  }
  return make(Problem::Kind::NotSupported, path, fmt::format("Unsupported value: {}", shown),
              supported.empty() ? std::string_view{} : detail);
}

Problem forbidden(const FieldPath& path, std::string_view detail) {
  return make(Problem::Kind::Forbidden, path, "Forbidden", detail);
}

Problem duplicate_value(const FieldPath& path, std::string_view shown) {
  return make(Problem::Kind::Duplicate, path, fmt::format("Duplicate value: {}", shown), {});
}

Problem as_warning(Problem problem) {
  problem.severity = Severity::Warning;
  return problem;
}

namespace {

/// Whether a character of more than one byte has no shape of its own: spaces and what steers the
/// direction of a text, which would hide or reorder what stands beside it.
bool is_invisible(char32_t c) {
  return (c >= 0x80 && c <= 0xa0) || c == 0xad || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff;
}

/// The code point of a well-formed sequence of 2 or 3 bytes; 0 for others.
char32_t short_code_point(std::string_view sequence) {
  const auto bits = [&](std::size_t i, unsigned mask) {
    return static_cast<char32_t>(static_cast<unsigned char>(sequence[i]) & mask);
  };
  switch (sequence.size()) {
    case 2:
      return bits(0, 0x1f) << 6 | bits(1, 0x3f);
    case 3:
      return bits(0, 0x0f) << 12 | bits(1, 0x3f) << 6 | bits(2, 0x3f);
    default:
      return 0;
  }
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view sequence = text.substr(i, utf8_sequence_length(text.substr(i)));
    if (sequence.size() > 1) {
      const char32_t code_point = short_code_point(sequence);
      if (is_invisible(code_point)) {
        out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code_point));
      } else {
        out += sequence;
      }
      i += sequence.size() - 1;
      continue;
    }
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\v':
        out += "\\v";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
          out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
  return out;
}

bool has_errors(std::span<const Problem> problems) {
  return std::ranges::any_of(problems,
                             [](const Problem& p) { return p.severity == Severity::Error; });
}

}  // namespace kthena::json
