#include "base/utf8.h"

#include <cstdint>
#include <cstring>
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

std::size_t utf8_sequence_length(std::string_view text) {
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

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= 8) {  // eight bytes of ASCII at once
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        text.remove_prefix(8);
        continue;
      }
    }
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace kthena
