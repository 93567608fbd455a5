#include "base/strings.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace kthena {
namespace {

// A message quotes what came from outside, but not all of it if it is long.
constexpr std::size_t kMostQuoted = 64;

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  quoted += text.substr(0, kMostQuoted);
  quoted += text.size() > kMostQuoted ? "…\"" : "\"";
  return quoted;
}

constexpr bool is_unreserved(char c) {
  return is_ascii_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

namespace detail {

Error not_a_number(std::string_view text, std::string_view kind) {
  return {ErrorCode::InvalidArgument, quote(text).append(" is not ").append(kind)};
}

Error out_of_range(std::string_view text) {
  return {ErrorCode::InvalidArgument, quote(text) + " is out of range"};
}

}  // namespace detail

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = to_ascii_lower(c);
  }
  return lower;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for_each_part(text, separator, [&](std::string_view part) { parts.push_back(part); });
  return parts;
}

Result<double> parse_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    return fail(detail::out_of_range(text));
  }
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return fail(detail::not_a_number(text, "a number"));
  }
  return value;
}

Result<std::string> percent_decode(std::string_view text, PlusIsBlank plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '+' && plus == PlusIsBlank::Yes) {
      decoded += ' ';
    } else if (c != '%') {
      decoded += c;
    } else {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return fail(ErrorCode::InvalidArgument,
                    "no two hexadecimal digits after % at offset " + std::to_string(i));
      }
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[static_cast<unsigned char>(c) >> 4];
      encoded += kDigits[static_cast<unsigned char>(c) & 0x0f];
    }
  }
  return encoded;
}

}  // namespace kthena
