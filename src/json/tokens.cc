#include "json/tokens.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "base/error.h"
#include "json/string_scan.h"
#include "json/value.h"

namespace kthena::json {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// A set of characters.
class CharacterSet {
 public:
  explicit constexpr CharacterSet(std::string_view characters) {
    for (const char c : characters) {
      has_[static_cast<unsigned char>(c)] = true;
    }
  }
  constexpr bool operator[](char c) const noexcept { return has_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> has_{};
};

/// What may follow a number or a word.
constexpr CharacterSet kEndsToken(" \t\n\r,:[]{}");

constexpr std::size_t kNear = 16;

/// Where the first of 16 bytes stands that is not plain text in a string; 16 or more if none is.
std::size_t find_special_near(const char* bytes) noexcept {
  using Block [[gnu::vector_size(kNear)]] = unsigned char;
  Block block;
  std::memcpy(&block, bytes, sizeof(block));
  const auto special = (block == '"') | (block == '\\') | (block < 0x20) | (block >= 0x80);
#if defined(__x86_64__)
  const auto mask = static_cast<unsigned>(_mm_movemask_epi8(std::bit_cast<__m128i>(special)));
  return static_cast<std::size_t>(std::countr_zero(mask | 1U << kNear));
#else
  // Lanes are all ones or zeros; the lowest address is the lowest byte on the machines we build
  // for.
  static_assert(std::endian::native == std::endian::little);
  const auto words = std::bit_cast<std::array<std::uint64_t, 2> >(special);
  const int bits = words[0] != 0 ? std::countr_zero(words[0]) : 64 + std::countr_zero(words[1]);
  return static_cast<std::size_t>(bits) / 8;
#endif
}

const char* describe(StringScan::Fault fault) noexcept {
  switch (fault) {
    case StringScan::Fault::Unterminated:
      return "unexpected EOF in a string";
    case StringScan::Fault::ControlCharacter:
      return "a control character in a string must be escaped";
    case StringScan::Fault::InvalidUtf8:
      return "the text is not valid UTF-8";
    case StringScan::Fault::None:
      break;
  }
  return nullptr;
}

}  // namespace

std::optional<Type> TokenWalker::value_type() const noexcept {
  switch (peek()) {
    case '{':
      return Type::Object;
    case '[':
      return Type::Array;
    case '"':
      return Type::String;
    case 't':
    case 'f':
      return Type::Bool;
    case 'n':
      return Type::Null;
    default:
      return peek() == '-' || is_digit(peek()) ? std::optional(Type::Number) : std::nullopt;
  }
}

bool TokenWalker::skip_value() noexcept {
  Containers open;
  while (true) {
    const char c = peek();
    if (c == '{' || c == '[') {
      if (depth_ + open.depth == kMaxTokenDepth) {
        return expect("no deeper nesting");
      }
      advance();
      if (!take(c == '{' ? '}' : ']')) {
        open.push(c == '{');
        if (c == '{' && !skip_name()) {
          return false;
        }
        continue;
      }
    } else if (c == '"') {
      if (!skip_string()) {
        return false;
      }
    } else if (!(open.in_array() && skip_naturals()) && !skip_scalar()) {
      return false;
    }
    if (!go_on_after_value(open)) {
      return false;
    }
    if (open.depth == 0) {
      return true;
    }
  }
}

/// Out of the containers that end here, and on to the next value of the one that does not.
bool TokenWalker::go_on_after_value(Containers& open) noexcept {
  while (open.depth > 0 && !take(',')) {
    if (!take(open.in_object() ? '}' : ']')) {
      return expect(open.in_object() ? "',' or '}'" : "',' or ']'");
    }
    --open.depth;
  }
  return open.depth == 0 || !open.in_object() || skip_name();
}

/// The size of the string that begins here if it is shorter than kNear, of plain ASCII and without
/// escapes, as names and most values are; else kNear or more.
std::size_t TokenWalker::near_string_size() const noexcept {
  const std::size_t begin = at_ + 1;
  if (text_.size() - begin <= kNear) {
    return kNear;
  }
  const std::size_t special = find_special_near(text_.data() + begin);
  return text_.data()[begin + special] == '"' ? special : kNear;
}

bool TokenWalker::take_string(String& string) noexcept {
  if (peek() != '"') {
    return expect("a string");
  }
  const char* const begin = text_.data() + at_ + 1;
  if (const std::size_t size = near_string_size(); size < kNear) [[likely]] {
    string = {.raw = {begin, size}, .characters = size};
    go_to(at_ + size + 2);
    return true;
  }
  const StringScan scan = scan_string(text_, at_);
  fault_ = describe(scan.fault);
  if (fault_ != nullptr) {
    return false;
  }
  string = {.raw = {begin, scan.end - at_ - 2}, .characters = scan.characters};
  go_to(scan.end);
  return true;
}

bool TokenWalker::skip_string() noexcept {
  if (const std::size_t size = near_string_size(); size < kNear) [[likely]] {
    go_to(at_ + size + 2);
    return true;
  }
  String string;
  return take_string(string);
}

bool TokenWalker::skip_name() noexcept {
  std::string_view name;
  return take_name(name);
}

bool TokenWalker::take_name(std::string_view& name) noexcept {
  if (peek() != '"') {
    return expect("a name in quotes");
  }
  // Nearly all: a short name with the colon right behind it, in one step.
  if (const std::size_t size = near_string_size(); size < kNear) [[likely]] {
    name = {text_.data() + at_ + 1, size};
    const std::size_t behind = at_ + size + 2;
    if (behind < text_.size() && text_[behind] == ':') [[likely]] {
      go_to(behind + 1);
      return true;
    }
    go_to(behind);
    return take(':') || expect("':'");
  }
  String string;
  if (!take_string(string)) {
    return false;
  }
  name = string.raw;
  return take(':') || expect("':'");
}

bool TokenWalker::skip_scalar() noexcept {
  switch (peek()) {
    case 't':
      return skip_word("true");
    case 'f':
      return skip_word("false");
    case 'n':
      return skip_word("null");
    default:
      return skip_natural() || skip_number();
  }
}

/// How many digits stand at `at`, counted up to eight.
std::size_t TokenWalker::digits_at(std::size_t at) const noexcept {
  std::size_t count = 0;
  if (text_.size() - at < 8) {
    while (at + count < text_.size() && is_digit(text_[at + count])) {
      ++count;
    }
    return count;
  }
  std::uint64_t word = 0;
  std::memcpy(&word, text_.data() + at, sizeof(word));
  word ^= 0x3030303030303030;  // digits become 0 to 9
  // The top bit of each byte that is none; a carry spoils only bytes behind the first of those.
  const std::uint64_t others = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
  return others == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(others) / 8);
}

/// Goes past a natural number without frills if one is here.
bool TokenWalker::skip_natural() noexcept {
  const std::size_t digits = digits_at(at_);
  const std::size_t end = at_ + digits;
  if (digits == 0 || end == text_.size() || !kEndsToken[text_[end]] ||
      (digits > 1 && text_[at_] == '0')) {
    return false;
  }
  go_to(end);
  return true;
}

/// Goes past the elements of an array as long as they are naturals; false if the first is none.
/// Token ids come by the ten thousands, and nothing else needs to be looked at between them.
bool TokenWalker::skip_naturals() noexcept {
  if (!skip_natural()) {
    return false;
  }
  while (peek() == ',') {
    const TokenWalker before_comma = *this;
    advance();
    if (!skip_natural()) {
      *this = before_comma;
      return true;
    }
  }
  return true;
}

bool TokenWalker::skip_word(std::string_view word) noexcept {
  const std::string_view rest = text_.substr(offset());
  if (!rest.starts_with(word)) {
    cut_ = word.starts_with(rest);
    return expect("true, false or null");
  }
  if (!ends_token(offset() + word.size())) {
    return expect("true, false or null");
  }
  go_to(offset() + word.size());
  return true;
}

bool TokenWalker::skip_number() noexcept {
  std::size_t i = offset();
  const auto is_at = [&](char c) { return i < text_.size() && text_[i] == c; };
  const auto digits = [&] {
    const std::size_t first = i;
    while (i < text_.size() && is_digit(text_[i])) {
      ++i;
    }
    return i > first;
  };
  if (is_at('-')) {
    ++i;
  }
  if (is_at('0')) {
    ++i;
  } else if (!digits()) {
    return cut_or(i, "a value");
  }
  if (is_at('.')) {
    ++i;
    if (!digits()) {
      return cut_or(i, "a digit after the point");
    }
  }
  if (is_at('e') || is_at('E')) {
    ++i;
    if (is_at('+') || is_at('-')) {
      ++i;
    }
    if (!digits()) {
      return cut_or(i, "a digit in the exponent");
    }
  }
  if (!ends_token(i)) {
    return expect("a number");
  }
  go_to(i);
  return true;
}

bool TokenWalker::ends_token(std::size_t offset) const noexcept {
  return offset == text_.size() || kEndsToken[text_[offset]];
}

bool TokenWalker::cut_or(std::size_t offset, const char* what) noexcept {
  cut_ = offset == text_.size();
  return expect(what);
}

Error TokenWalker::error() const {
  if (fault_ != nullptr) {
    return {ErrorCode::InvalidArgument, fault_};
  }
  if (cut_ || at_end()) {
    return {ErrorCode::InvalidArgument, fmt::format("unexpected EOF, expected {}", expected_)};
  }
  return {ErrorCode::InvalidArgument, fmt::format("byte {}: expected {}", offset(), expected_)};
}

}  // namespace kthena::json
