#include "json/string_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/utf8.h"

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

StringScan found(std::size_t begin, std::size_t quote, std::size_t less) noexcept {
  // Escapes without digits take more away than is there.
  return {.end = quote + 1, .characters = quote - begin - std::min(less, quote - begin)};
}

// The vector code is written once, in the compiler's own vectors, and compiled for each kind of
// machine that it is worth having for; so all of it must end up inlined.
#define KTHENA_INLINE [[gnu::always_inline]] inline

constexpr std::size_t kBlock = 64;

/// 64 bytes, and what stands where in them: bit i of a mask is of byte i.
class Block {
 public:
  KTHENA_INLINE explicit Block(const char* at) noexcept {
    std::memcpy(&bytes_, at, sizeof(bytes_));
  }
  KTHENA_INLINE std::uint64_t equal(unsigned char c) const noexcept { return mask(bytes_ == c); }
  KTHENA_INLINE std::uint64_t below(unsigned char c) const noexcept { return mask(bytes_ < c); }
  KTHENA_INLINE std::uint64_t between(unsigned char first, unsigned char last) const noexcept {
    return mask(bytes_ - first <= static_cast<unsigned char>(last - first));
  }
  /// Control characters, and all beyond ASCII, which are negative.
  KTHENA_INLINE std::uint64_t strange() const noexcept {
    using SignedBytes [[gnu::vector_size(kBlock)]] = signed char;
    return mask(reinterpret_cast<SignedBytes>(bytes_) < 0x20);
  }
  KTHENA_INLINE void make_lower_case() noexcept { bytes_ |= 0x20; }

 private:
  using Bytes [[gnu::vector_size(kBlock)]] = unsigned char;
  typedef bool Bits __attribute__((ext_vector_type(kBlock)));  // NOLINT: no `using` takes it

  template <class Lanes>
  KTHENA_INLINE static std::uint64_t mask(const Lanes& lanes) noexcept {
    return std::bit_cast<std::uint64_t>(__builtin_convertvector(lanes, Bits));
  }

  Bytes bytes_;
};

/// The escapes of a block.
struct Escapes {
  std::uint64_t starts;   ///< backslashes that begin one
  std::uint64_t escaped;  ///< what stands behind them

  /// Every other backslash of a run begins an escape. A subtraction borrows along each run and so
  /// finds them all at once. Source: simdjson 3, json_escape_scanner.
  /// @param carried  1: the first byte of the block is escaped
  KTHENA_INLINE Escapes(std::uint64_t backslashes, std::uint64_t carried) noexcept {
    constexpr std::uint64_t kOdd = 0xAAAAAAAAAAAAAAAA;
    const std::uint64_t candidates = backslashes & ~carried;
    const std::uint64_t starts_and_ends = (((candidates << 1) | kOdd) - candidates) ^ kOdd;
    starts = starts_and_ends & backslashes;
    escaped = starts_and_ends ^ (backslashes | carried);
  }
};

/// Checks the UTF-8 of blocks with letters beyond ASCII, and counts the bytes that are not the
/// first of theirs.
class Letters {
 public:
  /// Not 0: a letter goes on in the next block, which must be given then.
  KTHENA_INLINE std::uint64_t open() const noexcept { return expected_; }
  KTHENA_INLINE bool valid() const noexcept { return wrong_ == 0; }

  /// @param bytes  of the block; one in front of them can be read
  /// @param within  up to and with the closing quote
  KTHENA_INLINE std::size_t take(const char* bytes, const Block& block,
                                 std::uint64_t within) noexcept {
    const std::uint64_t leads = ~block.below(0xC0);
    const std::uint64_t behind_first = ~block.below(0x80) & ~leads;
    const std::uint64_t of_three = ~block.below(0xE0);
    const std::uint64_t of_four = ~block.below(0xF0);
    const std::uint64_t expected = leads << 1 | of_three << 2 | of_four << 3 | expected_;
    expected_ = leads >> 63 | of_three >> 62 | of_four >> 61;
    // Overlong ones, surrogates, and what is beyond U+10FFFF show in the first two bytes. Source:
    // Unicode 15, table 3-7.
    const Block before(bytes - 1);
    const std::uint64_t below_a0 = block.below(0xA0);
    const std::uint64_t below_90 = block.below(0x90);
    const std::uint64_t never = (leads & block.below(0xC2)) | ~block.below(0xF5);
    const std::uint64_t second = (before.equal(0xE0) & below_a0) |
                                 (before.equal(0xED) & ~below_a0) |
                                 (before.equal(0xF0) & below_90) | (before.equal(0xF4) & ~below_90);
    wrong_ |= ((expected ^ behind_first) | never | (second & behind_first)) & within;
    return static_cast<std::size_t>(std::popcount(behind_first & within));
  }

 private:
  std::uint64_t expected_ = 0;  // bytes at the front of the next block that go on with a letter
  std::uint64_t wrong_ = 0;
};

/// Counts the bytes that `\uXXXX` have beyond one character, as count_behind_u() does.
class UnicodeEscapes {
 public:
  /// Not 0: the next block must be given.
  KTHENA_INLINE std::uint64_t open() const noexcept { return behind_u_ | behind_d_; }

  /// @param at  where a u is escaped
  KTHENA_INLINE std::size_t take(Block block, std::uint64_t at) noexcept {
    block.make_lower_case();
    const std::uint64_t first = (at << 1 | behind_u_) & block.equal('d');
    const std::uint64_t second = (first << 1 | behind_d_) & block.between('c', 'f');
    behind_u_ = at >> 63;
    behind_d_ = first >> 63;
    return static_cast<std::size_t>(4 * std::popcount(at) + std::popcount(second));
  }

 private:
  std::uint64_t behind_u_ = 0;  // 1: the next block begins behind the u
  std::uint64_t behind_d_ = 0;
};

/// Whether the first byte behind a block is escaped: 1 if so. No more than a run of backslashes at
/// its end counts, so that blocks need not wait for each other.
KTHENA_INLINE std::uint64_t carry_of(std::uint64_t backslashes, std::uint64_t carried) noexcept {
  if (backslashes == ~0ULL) [[unlikely]] {
    return carried;
  }
  return static_cast<std::uint64_t>(std::countl_one(backslashes)) & 1;
}

/// Takes a string block by block.
class Scanner {
 public:
  /// @param begin  behind the opening quote
  KTHENA_INLINE Scanner(std::string_view text, std::size_t begin) noexcept
      : text_(text), begin_(begin) {}

  /// Goes past whole blocks from `at` on that have nothing but plain text and short escapes, which
  /// all prompts are full of: nothing branches on those. Returns where that ends.
  KTHENA_INLINE std::size_t pass_simple(std::size_t at) noexcept {
    // Letters beyond ASCII seldom come alone.
    if ((letters_.open() | unicode_.open() | strange_) != 0) {
      return at;
    }
    for (; text_.size() - at >= kBlock; at += kBlock) {
      const Block block(text_.data() + at);
      const std::uint64_t backslashes = block.equal('\\');
      const Escapes escapes(backslashes, carry_);
      const std::uint64_t quotes = block.equal('"') & ~escapes.escaped;
      const std::uint64_t escaped_u = block.equal('u') & escapes.escaped;
      if ((quotes | escaped_u | block.strange()) != 0) {
        break;
      }
      less_ += static_cast<std::size_t>(std::popcount(escapes.starts));
      carry_ = carry_of(backslashes, carry_);
    }
    return at;
  }

  /// Whether the string ends in the block at `at`, well or not; result() says how.
  /// @param bytes  what stands there
  KTHENA_INLINE bool take(std::size_t at, const char* bytes) noexcept {
    const Block block(bytes);
    const std::uint64_t backslashes = block.equal('\\');
    const Escapes escapes(backslashes, carry_);
    carry_ = carry_of(backslashes, carry_);
    const std::uint64_t quotes = block.equal('"') & ~escapes.escaped;
    const std::uint64_t within = (quotes - 1) & ~quotes;  // before the closing one; all if none
    less_ += static_cast<std::size_t>(std::popcount(escapes.starts & within));
    less_ += unicode_.take(block, block.equal('u') & escapes.escaped & within);
    strange_ = block.strange();
    if ((strange_ | letters_.open()) != 0) {
      if (const std::uint64_t controls = block.below(0x20) & within; controls != 0) {
        const std::size_t where = at + static_cast<std::size_t>(std::countr_zero(controls));
        result_.fault = where >= text_.size() ? Fault::Unterminated : Fault::ControlCharacter;
        return true;
      }
      less_ += letters_.take(bytes, block, quotes ^ (quotes - 1));
    }
    if (quotes == 0) {
      return false;
    }
    if (letters_.valid()) {
      result_ = found(begin_, at + static_cast<std::size_t>(std::countr_zero(quotes)), less_);
    } else {
      result_.fault = Fault::InvalidUtf8;
    }
    return true;
  }
  KTHENA_INLINE const StringScan& result() const noexcept { return result_; }

 private:
  std::string_view text_;
  std::size_t begin_;
  std::size_t less_ = 0;       // bytes so far that are no characters of their own
  std::uint64_t carry_ = 0;    // 1: the next block begins with what is escaped
  std::uint64_t strange_ = 0;  // of the last block taken
  Letters letters_;
  UnicodeEscapes unicode_;
  StringScan result_;
};

KTHENA_INLINE StringScan scan_blocks(std::string_view text, std::size_t begin) noexcept {
  Scanner scanner(text, begin);
  std::size_t at = begin;
  while (true) {
    at = scanner.pass_simple(at);
    if (text.size() - at < kBlock) {
      break;
    }
    if (scanner.take(at, text.data() + at)) {
      return scanner.result();
    }
    at += kBlock;
  }
  // Zeros behind the end are control characters, which no string goes past. One byte in front is
  // looked at, too.
  std::array<char, 1 + kBlock> tail{};
  text.copy(tail.data(), tail.size(), at - 1);
  scanner.take(at, tail.data() + 1);
  return scanner.result();
}

using Scan = StringScan (*)(std::string_view, std::size_t) noexcept;

#if defined(__x86_64__)
// VBMI2 is not used: it tells newer machines from those that clock down for wide vectors.
__attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,lzcnt,popcnt"))) StringScan
scan_avx512(std::string_view text, std::size_t begin) noexcept {
  return scan_blocks(text, begin);
}

__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))) StringScan
scan_avx2(std::string_view text, std::size_t begin) noexcept {
  return scan_blocks(text, begin);
}

Scan best_scan() noexcept {
  const bool has_bmi = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                       __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt");
  if (has_bmi && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vbmi2")) {
    return scan_avx512;
  }
  if (has_bmi && __builtin_cpu_supports("avx2")) {
    return scan_avx2;
  }
  return scan_blocks;
}
#else
Scan best_scan() noexcept { return scan_blocks; }
#endif

}  // namespace

StringScan scan_string_scalar(std::string_view text, std::size_t begin) noexcept {
  ++begin;
  std::size_t less = 0;
  for (std::size_t at = begin; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '"') {
      return is_valid_utf8(text.substr(begin, at - begin))
                 ? found(begin, at, less)
                 : StringScan{.fault = Fault::InvalidUtf8};
    }
    if (byte < 0x20) {
      return {.fault = Fault::ControlCharacter};
    }
    if (byte >= 0x80) {
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
  static const Scan best = best_scan();
  return best(text, begin + 1);
}

}  // namespace kthena::json
