#include "llm/json_string_scan.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kthena::llm {
namespace {

/// Whether the digits behind a `\u` are those of the second half of a surrogate pair, \uDC00 to
/// \uDFFF: with the first half it is one character, not two.
bool is_low_surrogate(std::string_view text, std::size_t digits) noexcept {
  if (digits + 1 >= text.size() || (text[digits] | 0x20) != 'd') {
    return false;
  }
  const char second = static_cast<char>(text[digits + 1] | 0x20);
  return second >= 'c' && second <= 'f';
}

struct Escape {
  std::size_t size;
  std::uint64_t characters;
};

/// The escape whose backslash stands at `at`.
Escape read_escape(std::string_view text, std::size_t at) noexcept {
  if (at + 1 >= text.size() || text[at + 1] != 'u') {
    return {.size = 2, .characters = 1};
  }
  return {.size = 6, .characters = is_low_surrogate(text, at + 2) ? 0U : 1U};
}

constexpr bool continues_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// From within the string to its end.
StringScan scan_rest(std::string_view text, std::size_t at, std::uint64_t characters) noexcept {
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      return {.end = at + 1, .characters = characters};
    }
    if (c == '\\') {
      const Escape escape = read_escape(text, at);
      at += escape.size;
      characters += escape.characters;
      continue;
    }
    characters += continues_character(c) ? 0 : 1;
    ++at;
  }
  return {.end = text.size(), .characters = characters};
}

#if defined(__x86_64__)
std::uint64_t count_low_surrogates(std::string_view text, std::size_t at,
                                   std::uint32_t u_mask) noexcept {
  std::uint64_t count = 0;
  for (; u_mask != 0; u_mask &= u_mask - 1) {
    count +=
        is_low_surrogate(text, at + static_cast<std::size_t>(std::countr_zero(u_mask)) + 1) ? 1 : 0;
  }
  return count;
}

/// 32 bytes at a time, whatever stands in them: an escape is its backslash less, a \u escape its
/// four digits less.
__attribute__((target("avx2,bmi,popcnt"))) StringScan scan_avx2(std::string_view text,
                                                                std::size_t at) noexcept {
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i first_byte =
      _mm256_set1_epi8(-64);  // as signed bytes, continuations are below 0xC0
  const std::size_t begin = at;
  std::uint64_t less = 0;   // bytes so far that are no characters of their own
  std::uint32_t carry = 0;  // the block's first byte is escaped by the last of the block before
  for (; at + 32 <= text.size(); at += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const auto backslashes =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, backslash)));
    auto quotes = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, quote)));
    auto continuations =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(first_byte, block)));
    std::uint32_t escaped = carry;
    std::uint32_t escapes = 0;
    carry = 0;
    for (std::uint32_t left = backslashes & ~escaped; left != 0;) {
      const std::uint32_t bit = left & -left;
      escapes |= bit;
      escaped |= bit << 1;
      carry = bit >> 31;
      left &= ~(bit | bit << 1);
    }
    quotes &= ~escaped;
    if (quotes != 0) {
      const std::uint32_t before = (quotes & -quotes) - 1;  // bits of the string's last bytes
      escaped &= before;
      escapes &= before;
      continuations &= before;
    }
    less += static_cast<std::uint64_t>(std::popcount(continuations) + std::popcount(escapes));
    if (escaped != 0) {
      const auto u_mask = escaped & static_cast<std::uint32_t>(_mm256_movemask_epi8(
                                        _mm256_cmpeq_epi8(block, _mm256_set1_epi8('u'))));
      if (u_mask != 0) [[unlikely]] {
        less += 4 * static_cast<std::uint64_t>(std::popcount(u_mask)) +
                count_low_surrogates(text, at, u_mask);
      }
    }
    if (quotes != 0) {
      const std::size_t end = at + static_cast<std::size_t>(std::countr_zero(quotes));
      return {.end = end + 1, .characters = end - begin - less};
    }
  }
  std::uint64_t characters = at - begin - less;
  if (carry != 0) {
    // The tail begins within an escape, whose backslash was taken for no character.
    const Escape escape = read_escape(text, at - 1);
    characters += escape.characters;
    at += escape.size - 1;
  }
  return scan_rest(text, at, characters);
}
#endif

}  // namespace

StringScan scan_string_scalar(std::string_view text, std::size_t begin) noexcept {
  return scan_rest(text, begin + 1, 0);
}

StringScan scan_string(std::string_view text, std::size_t begin) noexcept {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) {
    return scan_avx2(text, begin + 1);
  }
#endif
  return scan_string_scalar(text, begin);
}

}  // namespace kthena::llm
