#include "base/rfc3339.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"

namespace kthena {
namespace {

using std::chrono::days;
using std::chrono::seconds;

void put_digits(char* at, int count, std::int64_t value) {
  for (int i = count; i > 0; --i, value /= 10) {
    at[i - 1] = static_cast<char>('0' + value % 10);
  }
}

/// Takes exactly `count` digits; -1 if they are not there.
std::int64_t take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return -1;
  }
  std::int64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_ascii_digit(text[i])) {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// Takes two digits of at most `last`.
bool take_pair(std::string_view& text, std::int64_t last, std::int64_t& value) {
  value = take_digits(text, 2);
  return value >= 0 && value <= last;
}

bool take_date(std::string_view& text, std::chrono::sys_days& date) {
  const std::int64_t year = take_digits(text, 4);
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (year < 0 || !take(text, "-") || !take_pair(text, 12, month) || !take(text, "-") ||
      !take_pair(text, 31, day)) {
    return false;
  }
  const std::chrono::year_month_day ymd{std::chrono::year(static_cast<int>(year)),
                                        std::chrono::month(static_cast<unsigned>(month)),
                                        std::chrono::day(static_cast<unsigned>(day))};
  date = ymd;
  return ymd.ok();
}

bool take_time_of_day(std::string_view& text, seconds& since_midnight) {
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  if (!take_pair(text, 23, hour) || !take(text, ":") || !take_pair(text, 59, minute) ||
      !take(text, ":") || !take_pair(text, 59, second)) {
    return false;
  }
  since_midnight = seconds(hour * 3600 + minute * 60 + second);
  return true;
}

bool take_fraction(std::string_view& text, Duration& fraction) {
  fraction = Duration::zero();
  if (!take(text, ".")) {
    return true;
  }
  std::int64_t weight = 100'000'000;
  bool any = false;
  for (; !text.empty() && is_ascii_digit(text.front()); text.remove_prefix(1), weight /= 10) {
    fraction += Duration((text.front() - '0') * weight);
    any = true;
  }
  return any;
}

/// Takes "Z" or the offset from UTC.
bool take_offset(std::string_view& text, seconds& offset) {
  offset = seconds(0);
  if (take(text, "Zz")) {
    return true;
  }
  const bool west = text.starts_with('-');
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  if (!take(text, "+-") || !take_pair(text, 23, hour) || !take(text, ":") ||
      !take_pair(text, 59, minute)) {
    return false;
  }
  offset = seconds(hour * 3600 + minute * 60) * (west ? -1 : 1);
  return true;
}

}  // namespace

Rfc3339Text print_rfc3339(WallTime time, Rfc3339Fraction fraction) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const Duration since_midnight = time - day;
  const std::int64_t second_of_day = since_midnight / seconds(1);
  std::int64_t nanoseconds = (since_midnight % seconds(1)).count();

  Rfc3339Text text;
  char* at = text.buffer_.data();
  put_digits(at, 4, static_cast<int>(date.year()));
  at[4] = at[7] = '-';
  put_digits(at + 5, 2, static_cast<unsigned>(date.month()));
  put_digits(at + 8, 2, static_cast<unsigned>(date.day()));
  at[10] = 'T';
  put_digits(at + 11, 2, second_of_day / 3600);
  at[13] = at[16] = ':';
  put_digits(at + 14, 2, second_of_day / 60 % 60);
  put_digits(at + 17, 2, second_of_day % 60);
  at += 19;
  int digits = 0;
  if (fraction == Rfc3339Fraction::Micro) {
    nanoseconds /= 1000;
    digits = 6;
  } else if (fraction == Rfc3339Fraction::Shortest && nanoseconds != 0) {
    for (digits = 9; nanoseconds % 10 == 0; --digits) {
      nanoseconds /= 10;
    }
  }
  if (digits > 0) {
    *at++ = '.';
    put_digits(at, digits, nanoseconds);
    at += digits;
  }
  *at++ = 'Z';
  text.size_ = static_cast<std::size_t>(at - text.buffer_.data());
  return text;
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  std::string_view rest = text;
  std::chrono::sys_days date;
  seconds since_midnight{};
  Duration fraction{};
  seconds offset{};
  if (!take_date(rest, date) || !take(rest, "Tt") || !take_time_of_day(rest, since_midnight) ||
      !take_fraction(rest, fraction) || !take_offset(rest, offset) || !rest.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "not a time of RFC 3339: \"" + std::string(text.substr(0, 64)) + '"');
  }
  const std::chrono::sys_seconds whole = date + since_midnight - offset;
  constexpr auto kFirst = std::chrono::ceil<days>(WallTime::min());
  constexpr auto kLast = std::chrono::floor<days>(WallTime::max());
  if (whole < kFirst || whole > kLast) {
    return fail(ErrorCode::InvalidArgument,
                "time out of range: \"" + std::string(text.substr(0, 64)) + '"');
  }
  return WallTime(whole) + fraction;
}

}  // namespace kthena
