#include "apiserver/built_in/go_scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/rfc3339.h"
#include "base/strings.h"
#include "json/base64.h"
#include "json/problem.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

/// What a time's text is made of, in Go's words: the time that it is shown by.
struct Element {
  std::string_view layout;
  bool is_number;
  int lowest = 0;
  int highest = 9999;
  std::string_view name = {};
};
constexpr std::array kDateAndTime{
    Element{"2006", true},
    Element{"-", false},
    Element{"01", true, 1, 12, "month"},
    Element{"-", false},
    Element{"02", true, 1, 31, "day"},
    Element{"T", false},
    Element{"15", true, 0, 23, "hour"},
    Element{":", false},
    Element{"04", true, 0, 59, "minute"},
    Element{":", false},
    Element{"05", true, 0, 59, "second"},
};

bool is_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_ascii_digit(c)) {
      return false;
    }
  }
  return true;
}

std::string cannot_parse(std::string_view text, std::string_view layout, std::string_view rest,
                         std::string_view element) {
  return fmt::format("parsing time {} as {}: cannot parse {} as {}", json::quoted(text),
                     json::quoted(layout), json::quoted(rest), json::quoted(element));
}

std::string out_of_range(std::string_view text, std::string_view what) {
  return fmt::format("parsing time {}: {} out of range", json::quoted(text), what);
}

std::size_t fraction_length(std::string_view rest) {
  std::size_t length = 0;
  if (rest.size() > 1 && (rest[0] == '.' || rest[0] == ',') && is_ascii_digit(rest[1])) {
    length = 1;
    while (length < rest.size() && is_ascii_digit(rest[length])) {
      ++length;
    }
  }
  return length;
}

/// "Z", "+01:00" at the beginning; 0 if there is none.
std::size_t zone_length(std::string_view rest) {
  if (rest.starts_with('Z')) {
    return 1;
  }
  const bool signed_zone = rest.starts_with('+') || rest.starts_with('-');
  if (signed_zone && rest.size() >= 6 && rest[3] == ':' && is_digits(rest.substr(1, 2)) &&
      is_digits(rest.substr(4, 2))) {
    return 6;
  }
  return 0;
}

/// What Go says of a text that is no time.
std::string why_no_time(std::string_view text, std::string_view layout, std::size_t digits) {
  std::string_view rest = text;
  std::string_view range;
  for (const Element& element : kDateAndTime) {
    const std::string_view part = rest.substr(0, element.layout.size());
    const bool fits = part.size() == element.layout.size() &&
                      (element.is_number ? is_digits(part) : part == element.layout);
    if (!fits) {
      return cannot_parse(text, layout, rest, element.layout);
    }
    if (element.is_number) {
      const int number = parse_int<int>(part).value_or(0);
      if (number < element.lowest || number > element.highest) {
        range = range.empty() ? element.name : range;
      }
    }
    rest.remove_prefix(part.size());
  }
  if (!range.empty()) {
    return out_of_range(text, range);
  }
  const std::size_t fraction = fraction_length(rest);
  if (digits > 0 && fraction != digits + 1) {
    return cannot_parse(text, layout, rest, "." + std::string(digits, '0'));
  }
  rest.remove_prefix(fraction);
  const std::size_t zone = zone_length(rest);
  if (zone == 0) {
    return cannot_parse(text, layout, rest, "Z07:00");
  }
  if (zone < rest.size()) {
    return fmt::format("parsing time {}: extra text: {}", json::quoted(text),
                       json::quoted(rest.substr(zone)));
  }
  return out_of_range(text, "day");
}

constexpr std::string_view kSecondLayout = "2006-01-02T15:04:05Z07:00";
constexpr std::string_view kMicroLayout = "2006-01-02T15:04:05.000000Z07:00";

}  // namespace

Normal normal_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) {
    return std::unexpected(why_no_time(text, kSecondLayout, 0));
  }
  return std::string(print_rfc3339(*time, Rfc3339Fraction::None).view());
}

Normal normal_micro_time(std::string_view text) {
  constexpr std::size_t kSeconds = 19;
  const auto time = parse_rfc3339(text);
  if (!time || fraction_length(text.substr(kSeconds)) != 7) {
    return std::unexpected(why_no_time(text, kMicroLayout, 6));
  }
  return std::string(print_rfc3339(*time, Rfc3339Fraction::Micro).view());
}

Normal normal_quantity(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (auto quantity = kube::Quantity::parse(trimmed)) {
    return quantity->canonical();
  }
  std::string_view rest = trimmed;
  const std::size_t number_end = std::min(rest.find_first_not_of("0123456789.", 1), rest.size());
  if (std::ranges::count(rest.substr(0, number_end), '.') > 1) {
    rest = "?";
  }
  rest.remove_prefix(std::min(rest.find_first_not_of("+-"), rest.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of("0123456789."), rest.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of("eEinumkKMGTP"), rest.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of("-+"), rest.size()));
  if (!trimmed.empty() && is_digits(rest) &&
      trimmed.find_first_of("0123456789") != std::string_view::npos) {
    return std::unexpected("unable to parse quantity's suffix");
  }
  return std::unexpected(
      "quantities must match the regular expression "
      "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

namespace {

bool is_base64_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '+' ||
         c == '/';
}

bool is_line_break(char c) { return c == '\n' || c == '\r'; }

/// Where Go's decoder stops.
std::size_t base64_fault(std::string_view text) {
  std::size_t at = 0;
  const auto skip_breaks = [&] {
    while (at < text.size() && is_line_break(text[at])) {
      ++at;
    }
  };
  while (true) {
    for (std::size_t in_group = 0; in_group < 4; ++in_group) {
      skip_breaks();
      if (at == text.size()) {
        return at - in_group;
      }
      const char c = text[at++];
      if (is_base64_digit(c)) {
        continue;
      }
      if (c != '=' || in_group < 2) {
        return at - 1;
      }
      if (in_group == 2) {
        skip_breaks();
        if (at == text.size()) {
          return at;
        }
        if (text[at] != '=') {
          return at;
        }
        ++at;
      }
      skip_breaks();
      return at;
    }
  }
}

}  // namespace

Normal normal_base64(std::string_view text) {
  const auto bytes = json::decode_base64(text);
  if (!bytes) {
    return std::unexpected(fmt::format("illegal base64 data at input byte {}", base64_fault(text)));
  }
  return json::encode_base64(*bytes);
}

std::string rounded_to_milli(std::string_view text) {
  constexpr kube::Quantity::Wide kMilli = 1'000'000;
  const auto quantity = kube::Quantity::parse(text);
  if (!quantity || quantity->nanos() % kMilli == 0) {
    return std::string(text);
  }
  const auto whole = quantity->nanos() / kMilli;
  const auto rounded = whole + (quantity->nanos() > 0 ? 1 : -1);
  const auto again = kube::Quantity::parse(fmt::format("{}m", static_cast<std::int64_t>(rounded)));
  return again ? again->canonical() : std::string(text);
}

}  // namespace kthena::apiserver
