#include "json/string_scan.h"

#include <simdjson.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kthena::json {
namespace {

using Fault = StringScan::Fault;

bool is_hex(char c) noexcept {
  const auto letter = static_cast<char>(c | 0x20);
  return (c >= '0' && c <= '9') || (letter >= 'a' && letter <= 'f');
}

/// How many of the bytes of `\uXXXX` behind the u are no characters of their own: its digits, and
/// for the second half of a surrogate pair, \uDC00 to \uDFFF, the escape itself, for it is one
/// character with the first half.
/// @param at  of the u
std::size_t count_behind_u(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 5) {
    return 0;
  }
  for (std::size_t i = at + 1; i < at + 5; ++i) {
    if (!is_hex(text[i])) {
      return 0;
    }
  }
  const auto second = static_cast<char>(text[at + 2] | 0x20);
  return (text[at + 1] | 0x20) == 'd' && second >= 'c' && second <= 'f' ? 5 : 4;
}

/// Non-ASCII strings alone are looked at twice: whole, by what does it fastest.
StringScan finish(std::string_view text, std::size_t begin, std::size_t quote, std::size_t less,
                  bool ascii) noexcept {
  if (!ascii && !simdjson::validate_utf8(text.data() + begin, quote - begin)) {
    return {.fault = Fault::InvalidUtf8};
  }
  return {.end = quote + 1, .characters = quote - begin - less};
}

#if defined(__x86_64__)
#define KTHENA_AVX2 __attribute__((target("avx2,bmi,popcnt"), always_inline)) inline

/// 64 bytes, and what stands where in them: bit i is of byte i.
struct Block {
  __m256i low;
  __m256i high;

  KTHENA_AVX2 explicit Block(const char* at) noexcept
      : low(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))),
        high(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32))) {}

  KTHENA_AVX2 static std::uint64_t mask(__m256i low, __m256i high) noexcept {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }
  KTHENA_AVX2 static __m256i below_blank(__m256i bytes) noexcept {
    const __m256i last = _mm256_set1_epi8(0x1F);
    return _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, last), last);
  }
  KTHENA_AVX2 static __m256i special(__m256i bytes) noexcept {
    const __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    const __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    // Letters beyond ASCII have the top bit, which is all that a mask takes of a byte.
    return _mm256_or_si256(_mm256_or_si256(quote, backslash),
                           _mm256_or_si256(below_blank(bytes), bytes));
  }

  KTHENA_AVX2 bool plain() const noexcept {
    return _mm256_movemask_epi8(_mm256_or_si256(special(low), special(high))) == 0;
  }
  KTHENA_AVX2 std::uint64_t where(char c) const noexcept {
    return mask(_mm256_cmpeq_epi8(low, _mm256_set1_epi8(c)),
                _mm256_cmpeq_epi8(high, _mm256_set1_epi8(c)));
  }
  KTHENA_AVX2 std::uint64_t controls() const noexcept {
    return mask(below_blank(low), below_blank(high));
  }
  KTHENA_AVX2 std::uint64_t beyond_ascii() const noexcept { return mask(low, high); }
  KTHENA_AVX2 std::uint64_t continuations() const noexcept {
    const __m256i first = _mm256_set1_epi8(-64);  // as signed bytes they are below 0xC0
    return mask(_mm256_cmpgt_epi8(first, low), _mm256_cmpgt_epi8(first, high));
  }
};

/// The escapes of a block.
struct Escapes {
  std::uint64_t starts = 0;   ///< backslashes that begin one
  std::uint64_t escaped = 0;  ///< what stands behind them
  std::uint64_t carry = 0;    ///< 1: the first byte of the next block is escaped

  Escapes(std::uint64_t backslashes, std::uint64_t carried) noexcept : escaped(carried) {
    for (std::uint64_t left = backslashes & ~escaped; left != 0;) {
      const std::uint64_t bit = left & -left;
      starts |= bit;
      escaped |= bit << 1;
      carry = bit >> 63;
      left &= ~(bit | bit << 1);
    }
  }
};

__attribute__((target("avx2,bmi,popcnt"))) StringScan scan_avx2(std::string_view text,
                                                                std::size_t begin) noexcept {
  std::size_t less = 0;  // bytes so far that are no characters of their own
  std::uint64_t carry = 0;
  bool ascii = true;
  std::array<char, 64> tail;
  for (std::size_t at = begin;; at += 64) {
    const char* bytes = text.data() + at;
    if (text.size() - at < 64) [[unlikely]] {
      // Zeros behind the end are control characters, which no string goes past.
      tail.fill(0);
      std::memcpy(tail.data(), bytes, text.size() - at);
      bytes = tail.data();
    }
    const Block block(bytes);
    if (block.plain() && carry == 0) {
      continue;
    }
    const Escapes escapes(block.where('\\'), carry);
    carry = escapes.carry;
    const std::uint64_t quotes = block.where('"') & ~escapes.escaped;
    const std::uint64_t within = quotes == 0 ? ~std::uint64_t{0} : (quotes & -quotes) - 1;
    if (const std::uint64_t controls = block.controls() & within; controls != 0) {
      const std::size_t where = at + static_cast<std::size_t>(std::countr_zero(controls));
      return {.fault = where >= text.size() ? Fault::Unterminated : Fault::ControlCharacter};
    }
    if (const std::uint64_t beyond = block.beyond_ascii() & within; beyond != 0) {
      ascii = false;
      less += static_cast<std::size_t>(std::popcount(block.continuations() & within));
    }
    less += static_cast<std::size_t>(std::popcount(escapes.starts & within));
    if (const std::uint64_t escaped = escapes.escaped & within; escaped != 0) {
      for (std::uint64_t left = escaped & block.where('u'); left != 0; left &= left - 1) {
        less += count_behind_u(text, at + static_cast<std::size_t>(std::countr_zero(left)));
      }
    }
    if (quotes != 0) {
      return finish(text, begin, at + static_cast<std::size_t>(std::countr_zero(quotes)), less,
                    ascii);
    }
  }
}
#endif

}  // namespace

StringScan scan_string_scalar(std::string_view text, std::size_t begin) noexcept {
  ++begin;
  std::size_t less = 0;
  bool ascii = true;
  for (std::size_t at = begin; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '"') {
      return finish(text, begin, at, less, ascii);
    }
    if (byte < 0x20) {
      return {.fault = Fault::ControlCharacter};
    }
    if (byte >= 0x80) {
      ascii = false;
      less += (byte & 0xC0U) == 0x80 ? 1 : 0;
    } else if (byte == '\\') {
      ++less;
      if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0x80 &&
          static_cast<unsigned char>(text[at + 1]) >= 0x20) {
        ++at;
        less += text[at] == 'u' ? count_behind_u(text, at) : 0;
      }
    }
  }
  return {.fault = Fault::Unterminated};
}

StringScan scan_string(std::string_view text, std::size_t begin) noexcept {
#if defined(__x86_64__)
  static const bool has_avx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;
  if (has_avx2) {
    return scan_avx2(text, begin + 1);
  }
#endif
  return scan_string_scalar(text, begin);
}

}  // namespace kthena::json
