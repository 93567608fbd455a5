#include "sim/python_json.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/strings.h"

namespace kthena::sim {
namespace {

constexpr int kMaxDepth = 900;  // Python's recursion limit ends it about here

/// Walks over one JSON value. Each function leaves at_ behind what it has read, or sets error_.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<PythonJsonError> scan() {
    skip_blanks();
    value(0);
    if (!error_) {
      skip_blanks();
      if (at_ < text_.size()) {
        report("Extra data", at_);
      }
    }
    return error_;
  }

 private:
  void report(std::string_view message, std::size_t byte) {
    const std::string_view before = text_.substr(0, byte);
    const auto characters = std::ranges::count_if(
        before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    error_ = PythonJsonError{message, static_cast<std::size_t>(characters)};
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() &&
           (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) {
      ++at_;
    }
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  void value(int depth) {
    if (depth > kMaxDepth) {
      report("Expecting value", at_);
    } else if (peek() == '{') {
      object(depth);
    } else if (peek() == '[') {
      array(depth);
    } else if (peek() == '"') {
      string();
    } else if (!take("null") && !take("true") && !take("false") && !take("NaN") &&
               !take("Infinity") && !take("-Infinity")) {
      number();
    }
  }

  void object(int depth) {
    ++at_;
    skip_blanks();
    if (take("}")) {
      return;
    }
    while (true) {
      if (peek() != '"') {
        return report("Expecting property name enclosed in double quotes", at_);
      }
      string();
      if (error_) {
        return;
      }
      skip_blanks();
      if (!take(":")) {
        return report("Expecting ':' delimiter", at_);
      }
      skip_blanks();
      value(depth + 1);
      if (error_) {
        return;
      }
      skip_blanks();
      if (take("}")) {
        return;
      }
      if (!take(",")) {
        return report("Expecting ',' delimiter", at_);
      }
      skip_blanks();
    }
  }

  void array(int depth) {
    ++at_;
    skip_blanks();
    if (take("]")) {
      return;
    }
    while (true) {
      value(depth + 1);
      if (error_) {
        return;
      }
      skip_blanks();
      if (take("]")) {
        return;
      }
      if (!take(",")) {
        return report("Expecting ',' delimiter", at_);
      }
      skip_blanks();
    }
  }

  void string() {
    const std::size_t begin = at_++;
    while (true) {
      if (at_ >= text_.size()) {
        return report("Unterminated string starting at", begin);
      }
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return report("Invalid control character at", at_);
      }
      if (c == '\\') {
        escape(begin);
        if (error_) {
          return;
        }
      } else {
        ++at_;
      }
    }
  }

  void escape(std::size_t begin) {
    const std::size_t backslash = at_++;
    if (at_ >= text_.size()) {
      return report("Unterminated string starting at", begin);
    }
    if (peek() != 'u') {
      if (std::string_view("\"\\/bfnrt").find(peek()) == std::string_view::npos) {
        return report("Invalid \\escape", backslash);
      }
      ++at_;
      return;
    }
    ++at_;
    for (int digit = 0; digit < 4; ++digit, ++at_) {
      if (at_ >= text_.size() || hex_value(text_[at_]) < 0) {
        return report("Invalid \\uXXXX escape", backslash + 1);
      }
    }
  }

  void digits() {
    while (is_ascii_digit(peek())) {
      ++at_;
    }
  }

  void number() {
    const std::size_t begin = at_;
    take("-");
    if (!is_ascii_digit(peek())) {
      return report("Expecting value", begin);
    }
    if (!take("0")) {
      digits();
    }
    if (peek() == '.' && at_ + 1 < text_.size() && is_ascii_digit(text_[at_ + 1])) {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t exponent = at_++;
      if (peek() == '+' || peek() == '-') {
        ++at_;
      }
      if (!is_ascii_digit(peek())) {
        at_ = exponent;  // the number ends in front of it
        return;
      }
      digits();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<PythonJsonError> error_;
};

}  // namespace

std::optional<PythonJsonError> find_python_json_error(std::string_view text) {
  return Scanner(text).scan();
}

}  // namespace kthena::sim
