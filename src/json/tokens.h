// The ground of on_demand.h and stream_event.h: finds the tokens of a JSON text with SIMD and walks
// them. Only those two use it. simdjson is seen by tokens.cc alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace kthena::json {

/// How deep a text may nest: as deep as parse() allows.
inline constexpr std::size_t kMaxTokenDepth = 512;

/// Walks the tokens of one JSON text: brackets, commas, colons, strings, numbers and words. The
/// text must outlive the walk; a thread walks one text at a time, for the index belongs to the
/// thread.
///
/// What is checked of all that is walked over: UTF-8, control characters in strings, that strings
/// end, the grammar of arrays and objects, numbers and words. What is not: the escapes in strings
/// and the size of numbers. No reader takes other ends of values from those, so they cannot make us
/// see other fields than an engine sees, and the engine answers for them.
class TokenWalker {
 public:
  /// Indexes `text`. Errors: those of error().
  static Result<TokenWalker> create(std::string_view text);

  bool at_end() const noexcept { return at_ == count_; }
  /// The first character of the token, or NUL at the end.
  char peek() const noexcept { return at_ < count_ ? text_[starts_[at_]] : '\0'; }
  /// Where the token begins; the size of the text at the end.
  std::size_t offset() const noexcept { return at_ < count_ ? starts_[at_] : text_.size(); }
  void advance() noexcept { ++at_; }
  /// Goes past the token if it is `c`.
  bool take(char c) noexcept {
    if (peek() != c) {
      return false;
    }
    ++at_;
    return true;
  }

  /// What kind of value begins here; nothing if none does.
  std::optional<Type> value_type() const noexcept;

  /// Goes past a value, checking it. On false, error() says what was wrong.
  bool skip_value() noexcept;

  /// Goes past a name and its colon. On false, error() says what was wrong.
  /// @param name  the text between the quotes, escapes and all
  bool take_name(std::string_view& name) noexcept;

  /// Where the token before this one ends: values have their last byte just before white space.
  std::size_t end_of_previous() const noexcept;

  /// Notes what should stand here, for error(). Always false.
  bool expect(const char* what) noexcept {
    expected_ = what;
    return false;
  }

  /// "unexpected EOF" if the text ended where more was due, else "byte 12: expected ':'". The code
  /// is InvalidArgument.
  Error error() const;

 private:
  TokenWalker(std::string_view text, const std::uint32_t* starts, std::size_t count) noexcept
      : text_(text), starts_(starts), count_(count) {}

  /// The arrays and objects that a walk is in.
  struct Containers {
    std::array<bool, kMaxTokenDepth> is_object;  // the first `depth` of them count
    std::size_t depth = 0;

    Containers() noexcept {}  // NOLINT: half a kilobyte is not cleared for each value
    bool in_object() const noexcept { return is_object[depth - 1]; }
    void push(bool object) noexcept { is_object[depth++] = object; }
  };

  bool go_on_after_value(Containers& open) noexcept;
  bool skip_name() noexcept;
  bool skip_scalar() noexcept;
  bool skip_digits() noexcept;
  bool skip_word(std::string_view word) noexcept;
  bool skip_number() noexcept;
  bool ends_token(std::size_t offset) const noexcept;
  bool cut_or(std::size_t offset, const char* what) noexcept;

  std::string_view text_;
  const std::uint32_t* starts_;  // of the thread's parser
  std::size_t count_;
  std::size_t at_ = 0;
  const char* expected_ = "a value";
  bool cut_ = false;  // the text ends within a token
};

}  // namespace kthena::json
