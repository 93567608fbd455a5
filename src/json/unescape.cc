#include "json/unescape.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace kthena::json {
namespace {

/// The four hexadecimal digits at the start of `text`.
std::optional<char32_t> read_hex4(std::string_view text) noexcept {
  if (text.size() < 4) {
    return std::nullopt;
  }
  char32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = (static_cast<unsigned>(c) & 0x07U) + 9;
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

bool is_high_surrogate(char32_t c) noexcept { return c >= 0xD800 && c <= 0xDBFF; }
bool is_low_surrogate(char32_t c) noexcept { return c >= 0xDC00 && c <= 0xDFFF; }

/// Reads `\uXXXX`, or two of them, at `at`. Returns where it ends, or 0 if it is wrong.
std::size_t unescape_unicode(std::string_view raw, std::size_t at, std::string& out) {
  const auto first = read_hex4(raw.substr(at + 2));
  if (!first || is_low_surrogate(*first)) {
    return 0;
  }
  if (!is_high_surrogate(*first)) {
    append_utf8(out, *first);
    return at + 6;
  }
  const std::string_view next = raw.substr(at + 6);
  const auto second = next.starts_with("\\u") ? read_hex4(next.substr(2)) : std::nullopt;
  if (!second || !is_low_surrogate(*second)) {
    return 0;
  }
  append_utf8(out, 0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00));
  return at + 12;
}

/// The character that `\c` stands for, or NUL if there is none.
char simple_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

std::optional<StringFault> unescape(std::string_view raw, std::string& out) {
  std::size_t at = 0;
  while (at < raw.size()) {
    std::size_t plain = at;
    while (plain < raw.size() && raw[plain] != '\\' &&
           static_cast<unsigned char>(raw[plain]) >= 0x20) {
      ++plain;
    }
    out += raw.substr(at, plain - at);
    at = plain;
    if (at == raw.size()) {
      break;
    }
    if (raw[at] != '\\') {
      return StringFault{at, "a control character in a string must be escaped"};
    }
    const char kind = at + 1 < raw.size() ? raw[at + 1] : '\0';
    if (kind == 'u') {
      const std::size_t end = unescape_unicode(raw, at, out);
      if (end == 0) {
        return StringFault{at, "the \\u escape is no character"};
      }
      at = end;
      continue;
    }
    const char meant = simple_escape(kind);
    if (meant == '\0') {
      return StringFault{at, "unknown escape in a string"};
    }
    out += meant;
    at += 2;
  }
  return std::nullopt;
}

}  // namespace kthena::json
