#include "json/value_scanner.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace kthena::json {
namespace {

constexpr std::size_t kBlock = 64;

/// What stands where in 64 bytes: bit i is of byte i.
struct Marks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opening = 0;
  std::uint64_t closing = 0;
};

Marks marks_of(const char* block) noexcept {
  Marks marks;
#if defined(__x86_64__)
  for (unsigned i = 0; i < kBlock; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
    // '[' and ']' are '{' and '}' without this bit.
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const auto where = [i](__m128i in, char c) {
      const int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(in, _mm_set1_epi8(c)));
      return static_cast<std::uint64_t>(static_cast<unsigned>(mask)) << i;
    };
    marks.quotes |= where(bytes, '"');
    marks.backslashes |= where(bytes, '\\');
    marks.opening |= where(folded, '{');
    marks.closing |= where(folded, '}');
  }
#else
  for (unsigned i = 0; i < kBlock; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    const char folded = static_cast<char>(block[i] | 0x20);
    marks.quotes |= block[i] == '"' ? bit : 0;
    marks.backslashes |= block[i] == '\\' ? bit : 0;
    marks.opening |= folded == '{' ? bit : 0;
    marks.closing |= folded == '}' ? bit : 0;
  }
#endif
  return marks;
}

/// Bit i is the parity of bits 0 to i.
std::uint64_t running_parity(std::uint64_t bits) noexcept {
  for (unsigned shift = 1; shift < kBlock; shift *= 2) {
    bits ^= bits << shift;
  }
  return bits;
}

}  // namespace

void ValueScanner::start(char first) noexcept {
  *this = ValueScanner();
  kind_ = first == '{' || first == '[' ? Kind::Container : first == '"' ? Kind::String : Kind::Word;
}

std::size_t ValueScanner::feed(std::string_view bytes) noexcept {
  switch (kind_) {
    case Kind::Container:
      return feed_container(bytes);
    case Kind::String:
      return feed_string(bytes);
    case Kind::Word:
      break;
  }
  return feed_word(bytes);
}

std::size_t ValueScanner::feed_word(std::string_view bytes) noexcept {
  const std::size_t end = bytes.find_first_of(" \t\r\n,:[]{}\"");
  done_ = end != std::string_view::npos;
  return done_ ? end : bytes.size();
}

std::size_t ValueScanner::feed_string(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (escaped_) {
      escaped_ = false;
    } else if (bytes[i] == '\\') {
      escaped_ = true;
    } else if (bytes[i] == '"') {
      done_ = opened_;
      opened_ = true;
      if (done_) {
        return i + 1;
      }
    }
  }
  return bytes.size();
}

std::size_t ValueScanner::feed_container(std::string_view bytes) noexcept {
  std::size_t at = 0;
  while (bytes.size() - at >= kBlock) {
    const std::size_t taken = step(bytes.data() + at, kBlock);
    at += taken;
    if (done_) {
      return at;
    }
  }
  if (at < bytes.size()) {
    std::array<char, kBlock> last;
    last.fill(' ');
    std::memcpy(last.data(), bytes.data() + at, bytes.size() - at);
    at += step(last.data(), bytes.size() - at);
  }
  return at;
}

/// How many bytes of the block belong to the value; those behind `size` are blanks.
std::size_t ValueScanner::step(const char* block, std::size_t size) noexcept {
  Marks marks = marks_of(block);
  std::uint64_t escaped = escaped_ ? 1 : 0;
  escaped_ = false;
  for (std::uint64_t left = marks.backslashes & ~escaped; left != 0;) {
    const auto at = static_cast<std::size_t>(std::countr_zero(left));
    if (at + 1 == size) {
      escaped_ = true;
      break;
    }
    escaped |= std::uint64_t{2} << at;
    left &= ~(std::uint64_t{3} << at);  // what it escapes is no escape itself
  }
  const std::uint64_t inside = running_parity(marks.quotes & ~escaped) ^ inside_;
  inside_ = (inside >> (kBlock - 1)) != 0 ? ~std::uint64_t{0} : 0;
  marks.opening &= ~inside;
  marks.closing &= ~inside;
  const auto closing = static_cast<unsigned>(std::popcount(marks.closing));
  if (depth_ > closing) {  // it cannot end here
    depth_ = depth_ + static_cast<unsigned>(std::popcount(marks.opening)) - closing;
    return size;
  }
  for (std::uint64_t brackets = marks.opening | marks.closing; brackets != 0;
       brackets &= brackets - 1) {
    const std::uint64_t bit = brackets & -brackets;
    if ((marks.opening & bit) != 0) {
      ++depth_;
    } else if (--depth_ == 0) {
      done_ = true;
      return static_cast<std::size_t>(std::countr_zero(bit)) + 1;
    }
  }
  return size;
}

}  // namespace kthena::json
