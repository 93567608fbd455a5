#include "json/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>

namespace kthena::json {
namespace {

constexpr std::int64_t kHugeExponent = 1'000'000'000'000;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::size_t digits_length(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

std::int64_t read_exponent(std::string_view text) noexcept {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  for (const char c : text) {
    value = std::min(value * 10 + (c - '0'), kHugeExponent);
  }
  return negative ? -value : value;
}

}  // namespace

std::size_t number_length(std::string_view text) noexcept {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_length(text.substr(at));
  if (whole == 0) {
    return 0;
  }
  at += text[at] == '0' ? 1 : whole;  // no digit may follow a leading zero
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = digits_length(text.substr(at + 1));
    if (fraction == 0) {
      return at;
    }
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t start = at + 1;
    if (start < text.size() && (text[start] == '+' || text[start] == '-')) {
      ++start;
    }
    const std::size_t exponent = digits_length(text.substr(start));
    if (exponent == 0) {
      return at;
    }
    at = start + exponent;
  }
  return at;
}

DecimalParts decimal_parts(std::string_view literal) {
  DecimalParts parts;
  if (literal.starts_with('-')) {
    parts.negative = true;
    literal.remove_prefix(1);
  }
  if (const std::size_t e = literal.find_first_of("eE"); e != std::string_view::npos) {
    parts.exponent = read_exponent(literal.substr(e + 1));
    literal = literal.substr(0, e);
  }
  const std::size_t point = literal.find('.');
  parts.digits = literal.substr(0, point);
  if (point != std::string_view::npos) {
    const std::string_view fraction = literal.substr(point + 1);
    parts.digits += fraction;
    parts.exponent -= static_cast<std::int64_t>(fraction.size());
  }
  const std::size_t last = parts.digits.find_last_not_of('0');
  if (last == std::string::npos) {
    return {};  // zero
  }
  parts.exponent += static_cast<std::int64_t>(parts.digits.size() - last - 1);
  parts.digits.resize(last + 1);
  parts.digits.erase(0, parts.digits.find_first_not_of('0'));
  return parts;
}

double nearest_double(std::string_view literal) {
  double value = 0;
  const auto [end, error] = std::from_chars(literal.data(), literal.data() + literal.size(), value);
  if (error != std::errc::result_out_of_range) {
    return value;
  }
  const DecimalParts parts = decimal_parts(literal);  // from_chars does not say in which direction
  const bool large = parts.exponent + static_cast<std::int64_t>(parts.digits.size()) > 0;
  value = large ? std::numeric_limits<double>::infinity() : 0.0;
  return parts.negative ? -value : value;
}

std::string canonical_number(std::string_view literal) {
  constexpr std::int64_t kLongestPlain = 21;  // as JavaScript prints numbers
  constexpr std::int64_t kMostLeadingZeros = 6;
  const DecimalParts parts = decimal_parts(literal);
  if (parts.digits.empty()) {
    return "0";
  }
  const std::string_view sign = parts.negative ? "-" : "";
  const auto count = static_cast<std::int64_t>(parts.digits.size());
  const std::int64_t whole = count + parts.exponent;  // digits before the point
  if (parts.exponent >= 0 && whole <= kLongestPlain) {
    return fmt::format("{}{}{}", sign, parts.digits,
                       std::string(static_cast<std::size_t>(parts.exponent), '0'));
  }
  const std::string_view digits = parts.digits;
  if (parts.exponent < 0 && whole > 0 && whole <= kLongestPlain) {
    const auto point = static_cast<std::size_t>(whole);
    return fmt::format("{}{}.{}", sign, digits.substr(0, point), digits.substr(point));
  }
  if (whole <= 0 && whole > -kMostLeadingZeros) {
    return fmt::format("{}0.{}{}", sign, std::string(static_cast<std::size_t>(-whole), '0'),
                       digits);
  }
  return fmt::format("{}{}{}{}e{:+}", sign, digits.substr(0, 1), count > 1 ? "." : "",
                     digits.substr(1), whole - 1);
}

}  // namespace kthena::json
