// The ground of on_demand.h and stream_event.h: walks the tokens of a JSON text, once, with SIMD
// where texts are long. For readers that look into values while a text is scanned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "json/value.h"

namespace kthena::json {

/// How deep a text may nest: as deep as parse() allows.
inline constexpr std::size_t kMaxTokenDepth = 512;

/// Walks the tokens of one JSON text: brackets, commas, colons, strings, numbers and words. The
/// text must outlive the walk. Copies walk on from where the original stands.
///
/// What is checked of all that is walked over: UTF-8, control characters in strings, that strings
/// end, the grammar of arrays and objects, numbers and words. What is not: the escapes in strings
/// and the size of numbers. No reader takes other ends of values from those, so they cannot make us
/// see other fields than an engine sees, and the engine answers for them.
class TokenWalker {
 public:
  explicit TokenWalker(std::string_view text) noexcept : text_(text) { skip_space(); }

  bool at_end() const noexcept { return at_ == text_.size(); }
  /// The first character of the token, or NUL at the end.
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  /// Where the token begins; the size of the text at the end.
  std::size_t offset() const noexcept { return at_; }
  /// Where the token before this one ends.
  std::size_t end_of_previous() const noexcept { return end_; }
  /// Goes past a bracket, comma or colon.
  void advance() noexcept { go_to(at_ + 1); }
  /// Goes past the token if it is the bracket, comma or colon `c`.
  bool take(char c) noexcept {
    if (peek() != c) {
      return false;
    }
    advance();
    return true;
  }
  /// The token behind a bracket, comma or colon.
  char peek_second() const noexcept {
    TokenWalker copy = *this;
    copy.advance();
    return copy.peek();
  }

  /// What kind of value begins here; nothing if none does.
  std::optional<Type> value_type() const noexcept;

  // All that follow return false when the text is not in order there; error() says what was wrong.

  /// Goes past a value, checking it.
  bool skip_value() noexcept;

  struct String {
    std::string_view raw;        ///< as written, without the quotes
    std::size_t characters = 0;  ///< see StringScan
  };
  /// Goes past a string.
  bool take_string(String& string) noexcept;

  /// Goes past a name and its colon.
  /// @param name  the text between the quotes, escapes and all
  bool take_name(std::string_view& name) noexcept;

  /// Goes past the object that begins here. `visit(name)` goes past each member's value and says
  /// whether that was in order.
  template <class Visit>
  bool for_each_member(Visit&& visit) {
    return within('}', "',' or '}'", [&] {
      std::string_view name;
      return take_name(name) && visit(name);
    });
  }

  /// Goes past the array that begins here. `visit()` goes past each element and says whether that
  /// was in order.
  template <class Visit>
  bool for_each_element(Visit&& visit) {
    return within(']', "',' or ']'", visit);
  }

  /// Notes what should stand here, for error(). Always false.
  bool expect(const char* what) noexcept {
    expected_ = what;
    return false;
  }

  /// "unexpected EOF" if the text ended where more was due, else "byte 12: expected ':'". The code
  /// is InvalidArgument.
  Error error() const;

 private:
  /// The arrays and objects that a walk is in.
  struct Containers {
    std::array<bool, kMaxTokenDepth> is_object;  // the first `depth` of them count
    std::size_t depth = 0;

    Containers() noexcept {}  // NOLINT: half a kilobyte is not cleared for each value
    bool in_object() const noexcept { return is_object[depth - 1]; }
    bool in_array() const noexcept { return depth > 0 && !in_object(); }
    void push(bool object) noexcept { is_object[depth++] = object; }
  };

  template <class Visit>
  bool within(char closing, const char* expected, Visit&& visit) {
    if (depth_ == kMaxTokenDepth) {
      return expect("no deeper nesting");
    }
    advance();
    if (take(closing)) {
      return true;
    }
    ++depth_;
    do {
      if (!visit()) {
        return false;
      }
    } while (take(','));
    --depth_;
    return take(closing) || expect(expected);
  }

  /// The token ends at `end`; on to the next one.
  void go_to(std::size_t end) noexcept {
    end_ = at_ = end;
    skip_space();
  }
  void skip_space() noexcept {
    if (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) > ' ') [[likely]] {
      return;
    }
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  std::size_t near_string_size() const noexcept;
  bool skip_string() noexcept;
  bool go_on_after_value(Containers& open) noexcept;
  bool skip_name() noexcept;
  bool skip_scalar() noexcept;
  std::size_t digits_at(std::size_t at) const noexcept;
  bool skip_natural() noexcept;
  bool skip_naturals() noexcept;
  bool skip_word(std::string_view word) noexcept;
  bool skip_number() noexcept;
  bool ends_token(std::size_t offset) const noexcept;
  bool cut_or(std::size_t offset, const char* what) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;     // where the token begins
  std::size_t end_ = 0;    // of the token before
  std::size_t depth_ = 0;  // of for_each_member() and for_each_element()
  const char* expected_ = "a value";
  const char* fault_ = nullptr;  // of the string that begins here
  bool cut_ = false;             // the text ends within a token
};

}  // namespace kthena::json
