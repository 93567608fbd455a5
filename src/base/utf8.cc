#include "base/utf8.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kthena {
namespace {

constexpr bool is_between(unsigned char byte, unsigned char first, unsigned char last) {
  return byte >= first && byte <= last;
}

constexpr bool is_tail(unsigned char byte) { return is_between(byte, 0x80, 0xbf); }

/// Whether the second byte may follow a first byte of 0xe0 … 0xf4. These bounds alone exclude
/// overlong forms, surrogates and what is above U+10FFFF.
constexpr bool may_follow(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0:
      return is_between(second, 0xa0, 0xbf);
    case 0xed:
      return is_between(second, 0x80, 0x9f);
    case 0xf0:
      return is_between(second, 0x90, 0xbf);
    case 0xf4:
      return is_between(second, 0x80, 0x8f);
    default:
      return is_tail(second);
  }
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  if (text.empty()) {
    return 0;
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  if (is_between(first, 0xc2, 0xdf)) {
    return text.size() >= 2 && is_tail(byte(1)) ? 2 : 0;
  }
  if (is_between(first, 0xe0, 0xef)) {
    return text.size() >= 3 && may_follow(first, byte(1)) && is_tail(byte(2)) ? 3 : 0;
  }
  if (is_between(first, 0xf0, 0xf4)) {
    const bool valid =
        text.size() >= 4 && may_follow(first, byte(1)) && is_tail(byte(2)) && is_tail(byte(3));
    return valid ? 4 : 0;
  }
  return 0;
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t word = 0;
    if (text.size() - at >= sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & kHighBits) == 0) {
        at += sizeof word;
        continue;
      }
    }
    const std::size_t length = utf8_sequence_length(text.substr(at));
    if (length == 0) {
      return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto tail = [code_point](unsigned shift) {
    return static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0U | (code_point >> 6U));
    out += tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0U | (code_point >> 12U));
    out += tail(6);
    out += tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code_point >> 18U));
    out += tail(12);
    out += tail(6);
    out += tail(0);
  }
}

std::string make_valid_utf8(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t bad = find_invalid_utf8(text);
    out += text.substr(0, bad);
    if (bad == std::string_view::npos) {
      return out;
    }
    out += kReplacementCharacter;
    text.remove_prefix(bad + 1);
  }
}

}  // namespace kthena
