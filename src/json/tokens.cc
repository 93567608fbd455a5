#include "json/tokens.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::json {
namespace {

constexpr std::size_t kFirstCapacity = 64UL << 10;
constexpr std::size_t kKeptCapacity = 1UL
                                      << 20;     // 4 bytes of index for each; larger ones are freed
constexpr std::size_t kLargestText = 1UL << 30;  // offsets have 32 bits

/// The structural index of simdjson, its first stage: where every token begins, found at gigabytes
/// per second, with the widest vectors of this CPU. Its public on-demand interface skips over
/// nested values by counting brackets, which takes `[}` for an array; we walk the index ourselves
/// and check the grammar. Written for simdjson 3.0.1, whose class is in a namespace called
/// internal.
class Indexer {
 public:
  simdjson::error_code index(std::string_view text) {
    if (text.size() > capacity_) {
      const std::size_t wanted = std::max(std::bit_ceil(text.size()), kFirstCapacity);
      capacity_ = 0;
      const auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
          wanted, 1, parser_);
      if (error != simdjson::SUCCESS) {
        return error;
      }
      capacity_ = wanted;
    }
    return parser_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                           simdjson::stage1_mode::regular);
  }

  /// Gives the memory of a giant back once smaller texts come.
  void shrink_for(std::size_t next) noexcept {
    if (capacity_ > kKeptCapacity && next <= kKeptCapacity) {
      parser_.reset();
      capacity_ = 0;
    }
  }

  const std::uint32_t* starts() const noexcept { return parser_->structural_indexes.get(); }
  std::size_t count() const noexcept { return parser_->n_structural_indexes; }

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
};

Indexer& thread_indexer() {
  thread_local Indexer indexer;
  return indexer;
}

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
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

/// What may follow a number or a word: after white space or an operator a new token begins, and the
/// index knows it. All else is still the same token to the index.
constexpr CharacterSet kEndsToken(" \t\n\r,:[]{}");

/// Whether the last character of `text` was cut in the middle.
bool ends_within_character(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) != 0x80U) {
      const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
      return length > back;
    }
  }
  return false;
}

Error index_error(simdjson::error_code code, std::string_view text) {
  const auto invalid = [](const char* what) { return Error(ErrorCode::InvalidArgument, what); };
  switch (code) {
    case simdjson::EMPTY:
      return invalid("unexpected EOF, expected a JSON object");
    case simdjson::UNCLOSED_STRING:
      return invalid("unexpected EOF in a string");
    case simdjson::UTF8_ERROR:
      return invalid(ends_within_character(text) ? "unexpected EOF in a character"
                                                 : "the text is not valid UTF-8");
    case simdjson::UNESCAPED_CHARS:
      return invalid("a control character in a string must be escaped");
    default:
      return {ErrorCode::Internal, simdjson::error_message(code)};
  }
}

}  // namespace

Result<TokenWalker> TokenWalker::create(std::string_view text) {
  if (text.empty()) {
    return fail(index_error(simdjson::EMPTY, text));
  }
  if (text.size() > kLargestText) {
    return fail(ErrorCode::TooLarge, fmt::format("{} bytes of JSON", text.size()));
  }
  Indexer& indexer = thread_indexer();
  indexer.shrink_for(text.size());
  if (const auto code = indexer.index(text); code != simdjson::SUCCESS) {
    return fail(index_error(code, text));
  }
  return TokenWalker(text, indexer.starts(), indexer.count());
}

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
      if (open.depth == kMaxTokenDepth) {
        return expect("no deeper nesting");
      }
      ++at_;
      if (!take(c == '{' ? '}' : ']')) {
        open.push(c == '{');
        if (c == '{' && !skip_name()) {
          return false;
        }
        continue;
      }
    } else if (!take('"') && !skip_scalar()) {
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

bool TokenWalker::skip_name() noexcept {
  if (!take('"')) {
    return expect("a name in quotes");
  }
  return take(':') || expect("':'");
}

bool TokenWalker::take_name(std::string_view& name) noexcept {
  const std::size_t start = offset();
  if (!take('"')) {
    return expect("a name in quotes");
  }
  const std::size_t end = end_of_previous();
  if (end < start + 2) {
    return expect("a name in quotes");
  }
  if (!take(':')) {
    return expect("':'");
  }
  name = text_.substr(start + 1, end - start - 2);
  return true;
}

std::size_t TokenWalker::end_of_previous() const noexcept {
  std::size_t end = offset();
  while (end > 0 && is_space(text_[end - 1])) {
    --end;
  }
  return end;
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
      return skip_digits() || skip_number();
  }
}

/// A natural number without frills: arrays of token ids are made of them.
bool TokenWalker::skip_digits() noexcept {
  const char* const begin = text_.data() + offset();
  const char* const end = text_.data() + text_.size();
  const char* at = begin;
  while (at != end && is_digit(*at)) {
    ++at;
  }
  if (at == begin || at == end || (*begin == '0' && at - begin > 1) || !kEndsToken[*at]) {
    return false;
  }
  ++at_;
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
  ++at_;
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
  ++at_;
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
  if (cut_ || at_end()) {
    return {ErrorCode::InvalidArgument, fmt::format("unexpected EOF, expected {}", expected_)};
  }
  return {ErrorCode::InvalidArgument, fmt::format("byte {}: expected {}", offset(), expected_)};
}

}  // namespace kthena::json
