// Small helpers for text in protocols. ASCII only: letters beyond it are compared byte by byte and
// are never blanks; nothing depends on the locale.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace kthena {

constexpr bool is_ascii_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_ascii_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_ascii_alpha(char c) { return is_ascii_upper(c) || is_ascii_lower(c); }
constexpr bool is_ascii_alnum(char c) { return is_ascii_alpha(c) || is_ascii_digit(c); }
constexpr char to_ascii_lower(char c) {
  return is_ascii_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}
/// 0 … 15, or -1 if `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (is_ascii_digit(c)) {
    return c - '0';
  }
  const char lower = to_ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Without the blanks (space, \t \n \v \f \r) at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_ascii_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_ascii_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

constexpr bool equals_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_ascii_lower(a[i]) != to_ascii_lower(b[i])) {
      return false;
    }
  }
  return true;
}
constexpr bool starts_with_ignore_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignore_case(text.substr(0, prefix.size()), prefix);
}
constexpr bool ends_with_ignore_case(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() &&
         equals_ignore_case(text.substr(text.size() - suffix.size()), suffix);
}

std::string to_lower(std::string_view text);

/// Calls `visit(std::string_view part)` for each part between separators, also for empty ones; an
/// empty text is one empty part.
template <class Visit>
constexpr void for_each_part(std::string_view text, char separator, Visit&& visit) {
  while (true) {
    const std::size_t at = text.find(separator);
    visit(text.substr(0, at));
    if (at == std::string_view::npos) {
      return;
    }
    text.remove_prefix(at + 1);
  }
}

/// The parts between separators, which point into `text`; n separators give n + 1 parts.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The text before and after the first separator; nothing if there is none.
constexpr std::optional<std::pair<std::string_view, std::string_view>> split_once(
    std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

/// The entries with `separator` between them. Entries convert to std::string_view.
template <class Range>
std::string join(const Range& parts, std::string_view separator) {
  std::string text;
  bool first = true;
  for (const auto& part : parts) {
    if (!first) {
      text += separator;
    }
    first = false;
    text += std::string_view(part);
  }
  return text;
}

namespace detail {
Error not_a_number(std::string_view text, std::string_view kind);
Error out_of_range(std::string_view text);
}  // namespace detail

/// Reads a whole text as an integer: digits, and a '-' where T has negative numbers. No '+', no
/// blanks, nothing after it. Errors: InvalidArgument.
template <std::integral T>
Result<T> parse_int(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error == std::errc::result_out_of_range) {
    return fail(detail::out_of_range(text));
  }
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(detail::not_a_number(text, "an integer"));
  }
  return value;
}

/// Reads a whole text as a finite decimal number ("1", "-0.5", "1e-3"). Errors: InvalidArgument.
Result<double> parse_double(std::string_view text);

/// Whether '+' stands for a blank, as it does in queries and forms but not in paths.
enum class PlusIsBlank : bool { No, Yes };

/// Replaces %XX by the byte. Errors: InvalidArgument if two hexadecimal digits do not follow a '%'.
/// The result may hold any byte, also NUL and invalid UTF-8.
Result<std::string> percent_decode(std::string_view text, PlusIsBlank plus = PlusIsBlank::No);

/// Writes every byte but letters, digits and "-._~" as %XX.
std::string percent_encode(std::string_view text);

/// For maps with std::string keys that are looked up by std::string_view without a copy.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

}  // namespace kthena
