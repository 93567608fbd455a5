// Sources: kube-openapi, packages strfmt and govalidator, and Go's packages net, net/url, net/mail
// and time, as of Kubernetes 1.34.
#include "apiserver/custom/formats.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/custom/format_texts.h"
#include "base/check.h"
#include "base/duration.h"
#include "base/regex.h"

namespace kthena::apiserver {

namespace {

/// An expression of ours, compiled once.
Regex compiled(std::string_view expression) {
  auto regex = Regex::create(expression);
  CHECK(regex.has_value());
  return *std::move(regex);
}

#define MATCHES(expression)                           \
  [](std::string_view text) {                         \
    static const Regex kRegex = compiled(expression); \
    return kRegex.found_in(text);                     \
  }(text)

bool is_hostname(std::string_view text) {
  if (text.size() > 255 ||
      !MATCHES(R"(^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}])"
               R"((([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,})"
               R"(([a-zA-Z\p{L}]){2,63})$)")) {
    return false;
  }
  while (true) {  // no label is longer than 63
    const std::size_t dot = text.find('.');
    if (std::min(dot, text.size()) > 63) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

bool is_credit_card(std::string_view written) {
  const std::string text = digits_of(written);
  if (!MATCHES(R"(^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12})"
               R"(|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$)")) {
    return false;
  }
  int sum = 0;  // Luhn's
  bool doubled = false;
  for (std::size_t i = text.size(); i-- > 0; doubled = !doubled) {
    const int digit = text[i] - '0';
    sum += !doubled ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return sum % 10 == 0;
}

std::string without_spaces_and_dashes(std::string_view text) {
  std::string rest;
  std::ranges::copy_if(text, std::back_inserter(rest), [](char c) {
    return std::string_view(" \t\n\f\r-").find(c) == std::string_view::npos;
  });
  return rest;
}

bool is_isbn10(std::string_view written) {
  const std::string text = without_spaces_and_dashes(written);
  if (!MATCHES("^(?:[0-9]{9}X|[0-9]{10})$")) {
    return false;
  }
  int sum = 0;
  for (int i = 0; i < 10; ++i) {
    sum += (i + 1) * (text[i] == 'X' ? 10 : text[i] - '0');
  }
  return sum % 11 == 0;
}

bool is_isbn13(std::string_view written) {
  const std::string text = without_spaces_and_dashes(written);
  if (!MATCHES("^(?:[0-9]{13})$")) {
    return false;
  }
  int sum = 0;
  for (int i = 0; i < 12; ++i) {
    sum += (i % 2 == 0 ? 1 : 3) * (text[i] - '0');
  }
  return text[12] - '0' == (10 - sum % 10) % 10;
}

bool is_date(std::string_view text) {
  if (!MATCHES("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")) {
    return false;
  }
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = 0;
    for (const char c : text.substr(at, length)) {
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) {
    return false;
  }
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool is_date_time(std::string_view written) {
  const std::size_t middle = written.find_first_of("tT");
  if (middle == std::string_view::npos || !is_date(written.substr(0, middle))) {
    return false;
  }
  std::string_view text = written.substr(middle + 1);
  text = text.substr(0, text.find_first_of("tT"));  // what follows is not looked at
  return MATCHES(R"((?i)^[0-9]{2}:[0-9]{2}:[0-9]{2}(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$)") &&
         text.substr(0, 2) <= "23" && text.substr(3, 2) <= "59" && text.substr(6, 2) <= "59";
}

/// As Scala writes them, "3 days 2 hrs", or anything else that has such a part.
bool is_duration(std::string_view text) {
  if (parse_duration(text)) {
    return true;
  }
  if (MATCHES(R"([0-9]{19,}\s*[A-Za-zµ])")) {
    return false;  // more than an int64
  }
  return MATCHES(
      R"((?i)\d\s*((ns|us|µs|ms|s|m|h|hr|d|w|wk)([^A-Za-zµ]|$)|nano|micro|milli|sec|min|hour|day|week))");
}

constexpr std::pair<std::string_view, StringFormat> kFormats[] = {
    {"bsonobjectid", StringFormat::BsonObjectId},
    {"byte", StringFormat::Byte},
    {"cidr", StringFormat::Cidr},
    {"creditcard", StringFormat::CreditCard},
    {"date", StringFormat::Date},
    {"datetime", StringFormat::DateTime},
    {"duration", StringFormat::Duration},
    {"email", StringFormat::Email},
    {"hexcolor", StringFormat::HexColor},
    {"hostname", StringFormat::Hostname},
    {"ipv4", StringFormat::Ipv4},
    {"ipv6", StringFormat::Ipv6},
    {"isbn", StringFormat::Isbn},
    {"isbn10", StringFormat::Isbn10},
    {"isbn13", StringFormat::Isbn13},
    {"mac", StringFormat::Mac},
    {"password", StringFormat::Password},
    {"rgbcolor", StringFormat::RgbColor},
    {"ssn", StringFormat::Ssn},
    {"uri", StringFormat::Uri},
    {"uuid", StringFormat::Uuid},
    {"uuid3", StringFormat::Uuid3},
    {"uuid4", StringFormat::Uuid4},
    {"uuid5", StringFormat::Uuid5},
};

}  // namespace

StringFormat find_format(std::string_view name) {
  std::string plain;
  std::ranges::copy_if(name, std::back_inserter(plain), [](char c) { return c != '-'; });
  for (const auto& [known, format] : kFormats) {
    if (known == plain) {
      return format;
    }
  }
  return StringFormat::None;
}

bool has_format(StringFormat format, std::string_view text) {
  switch (format) {
    case StringFormat::None:
    case StringFormat::Password:
      return true;
    case StringFormat::BsonObjectId:
      return MATCHES("^[0-9a-fA-F]{24}$");
    case StringFormat::Uri:
      return is_request_uri(text);
    case StringFormat::Email:
      return is_mail_address(text);
    case StringFormat::Hostname:
      return is_hostname(text);
    case StringFormat::Ipv4:
      return text.contains('.') && is_ip_address(text, LeadingZeros::Allowed);
    case StringFormat::Ipv6:
      return text.contains(':') && is_ip_address(text, LeadingZeros::Refused);
    case StringFormat::Cidr:
      return is_cidr(text);
    case StringFormat::Mac:
      return MATCHES(
          "^(?:[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){7}"
          "|[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){19}|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5}"
          "|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){7}|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){19}"
          R"(|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2}|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){3})"
          R"(|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){9})$)");
    case StringFormat::Uuid:
      return MATCHES("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$");
    case StringFormat::Uuid3:
      return MATCHES("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$");
    case StringFormat::Uuid4:
      return MATCHES(
          "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$");
    case StringFormat::Uuid5:
      return MATCHES(
          "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$");
    case StringFormat::Isbn:
      return is_isbn10(text) || is_isbn13(text);
    case StringFormat::Isbn10:
      return is_isbn10(text);
    case StringFormat::Isbn13:
      return is_isbn13(text);
    case StringFormat::CreditCard:
      return is_credit_card(text);
    case StringFormat::Ssn:
      return text.size() == 11 && MATCHES(R"(^\d{3}[- ]?\d{2}[- ]?\d{4}$)");
    case StringFormat::HexColor:
      return MATCHES("^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$");
    case StringFormat::RgbColor:
      return MATCHES(R"(^rgb\((\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,){2})"
                     R"(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$)");
    case StringFormat::Byte:
      return MATCHES(
          "^(?:[A-Za-z0-9+\\/]{4})*(?:[A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}="
          "|[A-Za-z0-9+\\/]{4})$");
    case StringFormat::Date:
      return is_date(text);
    case StringFormat::Duration:
      return is_duration(text);
    case StringFormat::DateTime:
      return is_date_time(text);
  }
  return true;
}

}  // namespace kthena::apiserver
