#include "telemetry/escape.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace kthena::telemetry {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

constexpr unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

/// Printable ASCII but for some characters, as a table: each line of the access log asks for some
/// hundred characters.
class PlainCharacters {
 public:
  constexpr explicit PlainCharacters(std::string_view but) {
    for (char c = 0x20; c < 0x7f; ++c) {
      plain_[byte_of(c)] = !but.contains(c);
    }
  }
  constexpr bool operator()(char c) const { return plain_[byte_of(c)]; }

 private:
  std::array<bool, 256> plain_{};
};

constexpr PlainCharacters is_plain_in_quotes("\"\\");
constexpr PlainCharacters is_plain_bare("\"\\ =");

void append_unicode_escape(std::string& out, unsigned code_point) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out += kHexDigits[(code_point >> shift) & 0xfU];
  }
}

void append_ascii_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_unicode_escape(out, byte_of(c));
  }
}

/// The code point of a well-formed sequence of two or three bytes.
unsigned code_point_of(std::string_view sequence) {
  unsigned code_point = byte_of(sequence[0]) & (sequence.size() == 2 ? 0x1fU : 0x0fU);
  for (const char c : sequence.substr(1)) {
    code_point = code_point << 6 | (byte_of(c) & 0x3fU);
  }
  return code_point;
}

/// Controls beyond ASCII, line and paragraph separators, marks of direction.
constexpr bool misleads(unsigned code_point) {
  return code_point < 0xa0 || code_point == 0x200e || code_point == 0x200f ||
         (code_point >= 0x2028 && code_point <= 0x202e) ||
         (code_point >= 0x2066 && code_point <= 0x2069);
}

enum class InvalidByte : std::uint8_t { Replaced, Shown };

void append_quoted(std::string& out, std::string_view text, InvalidByte invalid) {
  out += '"';
  while (!text.empty()) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain_in_quotes) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) {
      break;
    }
    const std::size_t length = utf8_sequence_length(text);
    if (length == 1) {
      append_ascii_escape(out, text[0]);
    } else if (length == 0 && invalid == InvalidByte::Replaced) {
      out += kReplacementCharacter;
    } else if (length == 0) {
      out += "\\x";
      out += kHexDigits[byte_of(text[0]) >> 4];
      out += kHexDigits[byte_of(text[0]) & 0x0f];
    } else if (length < 4 && misleads(code_point_of(text.substr(0, length)))) {
      append_unicode_escape(out, code_point_of(text.substr(0, length)));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  append_quoted(out, text, InvalidByte::Replaced);
}

void append_text_value(std::string& out, std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain_bare)) {
    out += text;
  } else {
    append_quoted(out, text, InvalidByte::Shown);
  }
}

}  // namespace kthena::telemetry
