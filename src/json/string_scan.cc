#include "json/string_scan.h"

#include <simdjson.h>

#include <algorithm>
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

/// How many of the bytes of `\uXXXX` behind the u are no characters of their own: its digits, and
/// for the second half of a surrogate pair, \uDC00 to \uDFFF, the escape itself, for it is one
/// character with the first half.
/// @param at  of the u
std::size_t count_behind_u(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3 || (text[at + 1] | 0x20) != 'd') {
    return 4;
  }
  const auto second = static_cast<char>(text[at + 2] | 0x20);
  return second >= 'c' && second <= 'f' ? 5 : 4;
}

/// Non-ASCII strings alone are looked at twice: whole, by what does it fastest.
StringScan finish(std::string_view text, std::size_t begin, std::size_t quote, std::size_t less,
                  bool ascii) noexcept {
  if (!ascii && !simdjson::validate_utf8(text.data() + begin, quote - begin)) {
    return {.fault = Fault::InvalidUtf8};
  }
  // Escapes without digits take more away than is there.
  return {.end = quote + 1, .characters = quote - begin - std::min(less, quote - begin)};
}

#if defined(__x86_64__)
#define KTHENA_AVX2 __attribute__((target("avx2,bmi,popcnt"), always_inline)) inline

/// 64 bytes, and what stands where in them: bit i of a mask is of byte i.
class Block {
 public:
  KTHENA_AVX2 explicit Block(const char* at) noexcept
      : low_(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at))),
        high_(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32))),
        low_quotes_(equal(low_, '"')),
        high_quotes_(equal(high_, '"')),
        low_backslashes_(equal(low_, '\\')),
        high_backslashes_(equal(high_, '\\')),
        strange_(_mm256_or_si256(strange(low_), strange(high_))) {}

  /// Neither quotes nor escapes nor what is strange.
  KTHENA_AVX2 bool plain() const noexcept {
    const __m256i special = _mm256_or_si256(_mm256_or_si256(low_quotes_, high_quotes_),
                                            _mm256_or_si256(low_backslashes_, high_backslashes_));
    return _mm256_movemask_epi8(_mm256_or_si256(special, strange_)) == 0;
  }
  /// Control characters, or letters beyond ASCII.
  KTHENA_AVX2 bool has_strange() const noexcept { return _mm256_movemask_epi8(strange_) != 0; }
  KTHENA_AVX2 std::uint64_t quotes() const noexcept { return mask(low_quotes_, high_quotes_); }
  KTHENA_AVX2 std::uint64_t backslashes() const noexcept {
    return mask(low_backslashes_, high_backslashes_);
  }
  KTHENA_AVX2 std::uint64_t where(char c) const noexcept {
    return mask(equal(low_, c), equal(high_, c));
  }
  KTHENA_AVX2 std::uint64_t controls() const noexcept {
    return mask(below_blank(low_), below_blank(high_));
  }
  KTHENA_AVX2 std::uint64_t beyond_ascii() const noexcept { return mask(low_, high_); }
  KTHENA_AVX2 std::uint64_t continuations() const noexcept {
    const __m256i first = _mm256_set1_epi8(-64);  // as signed bytes they are below 0xC0
    return mask(_mm256_cmpgt_epi8(first, low_), _mm256_cmpgt_epi8(first, high_));
  }

 private:
  KTHENA_AVX2 static __m256i equal(__m256i bytes, char c) noexcept {
    return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c));
  }
  KTHENA_AVX2 static __m256i below_blank(__m256i bytes) noexcept {
    const __m256i last = _mm256_set1_epi8(0x1F);
    return _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, last), last);
  }
  /// Letters beyond ASCII have the top bit, which is all that a mask takes of a byte.
  KTHENA_AVX2 static __m256i strange(__m256i bytes) noexcept {
    return _mm256_or_si256(below_blank(bytes), bytes);
  }
  KTHENA_AVX2 static std::uint64_t mask(__m256i low, __m256i high) noexcept {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }

  __m256i low_;
  __m256i high_;
  __m256i low_quotes_;
  __m256i high_quotes_;
  __m256i low_backslashes_;
  __m256i high_backslashes_;
  __m256i strange_;
};

/// The escapes of a block.
struct Escapes {
  std::uint64_t starts;   ///< backslashes that begin one
  std::uint64_t escaped;  ///< what stands behind them
  std::uint64_t carry;    ///< 1: the first byte of the next block is escaped

  /// Every other backslash of a run begins an escape. A subtraction borrows along each run and so
  /// finds them all at once. Source: simdjson 3, json_escape_scanner.
  Escapes(std::uint64_t backslashes, std::uint64_t carried) noexcept {
    constexpr std::uint64_t kOdd = 0xAAAAAAAAAAAAAAAA;
    const std::uint64_t candidates = backslashes & ~carried;
    const std::uint64_t starts_and_ends = (((candidates << 1) | kOdd) - candidates) ^ kOdd;
    starts = starts_and_ends & backslashes;
    escaped = starts_and_ends ^ (backslashes | carried);
    carry = starts >> 63;
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
    const Escapes escapes(block.backslashes(), carry);
    carry = escapes.carry;
    const std::uint64_t quotes = block.quotes() & ~escapes.escaped;
    const std::uint64_t within = quotes - 1 & ~quotes;  // the bits below the first; all if none
    if (block.has_strange()) {
      if (const std::uint64_t controls = block.controls() & within; controls != 0) {
        const std::size_t where = at + static_cast<std::size_t>(std::countr_zero(controls));
        return {.fault = where >= text.size() ? Fault::Unterminated : Fault::ControlCharacter};
      }
      ascii = ascii && (block.beyond_ascii() & within) == 0;
      less += static_cast<std::size_t>(std::popcount(block.continuations() & within));
    }
    less += static_cast<std::size_t>(std::popcount(escapes.starts & within));
    for (std::uint64_t left = escapes.escaped & block.where('u') & within; left != 0;
         left &= left - 1) {
      less += count_behind_u(text, at + static_cast<std::size_t>(std::countr_zero(left)));
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
