#include "base/duration.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},  // micro sign
    Unit{"\u03bcs", 1'000},  // Greek letter mu
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};

/// The magnitude of the most negative duration: the largest number that is read.
constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> wrong(std::string_view why) {
  return fail(ErrorCode::InvalidArgument, std::string(why));
}

std::unexpected<Error> too_large() { return wrong("more than a duration can hold"); }

/// Takes the digits in front of `text`; 0 if there are none.
Result<std::uint64_t> take_whole(std::string_view& text) {
  std::uint64_t value = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(text.front() - '0'), &value) ||
        value > kLimit) {
      return too_large();
    }
  }
  return value;
}

struct Fraction {
  std::uint64_t digits = 0;
  double scale = 1;
};

/// Takes the digits after the point. Those that 63 bits do not hold are read over.
Fraction take_fraction(std::string_view& text) {
  Fraction fraction;
  bool full = false;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    full = full || fraction.digits > (kLimit - 1) / 10 ||
           fraction.digits * 10 + static_cast<std::uint64_t>(text.front() - '0') > kLimit;
    if (!full) {
      fraction.digits = fraction.digits * 10 + static_cast<std::uint64_t>(text.front() - '0');
      fraction.scale *= 10;
    }
  }
  return fraction;
}

/// Takes the unit in front of `text`, which ends where the next number begins.
Result<std::uint64_t> take_unit(std::string_view& text) {
  const auto end = std::min(text.find_first_of(".0123456789"), text.size());
  const std::string_view name = text.substr(0, end);
  if (name.empty()) {
    return wrong("a unit is missing");
  }
  text.remove_prefix(end);
  for (const Unit& unit : kUnits) {
    if (unit.name == name) {
      return unit.nanoseconds;
    }
  }
  return wrong("unknown unit \"" + std::string(name) + '"');
}

/// Takes one number with its unit; in nanoseconds, at most kLimit.
Result<std::uint64_t> take_term(std::string_view& text) {
  const std::size_t before = text.size();
  std::uint64_t value = TRY(take_whole(text));
  bool any = text.size() != before;
  Fraction fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t at_point = text.size();
    fraction = take_fraction(text);
    any = any || text.size() != at_point;
  }
  if (!any) {
    return wrong("a number is missing");
  }
  const std::uint64_t unit = TRY(take_unit(text));
  if (value > kLimit / unit) {
    return too_large();
  }
  value *= unit;
  // In floating point and in this order, because that decides the last nanosecond as Go does.
  value += static_cast<std::uint64_t>(static_cast<double>(fraction.digits) *
                                      (static_cast<double>(unit) / fraction.scale));
  if (value > kLimit) {
    return too_large();
  }
  return value;
}

Result<Duration> parse_unquoted(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return Duration::zero();
  }
  if (text.empty()) {
    return wrong("a number is missing");
  }
  std::uint64_t total = 0;
  while (!text.empty()) {
    const std::uint64_t term = TRY(take_term(text));
    if (__builtin_add_overflow(total, term, &total) || total > kLimit) {
      return too_large();
    }
  }
  if (negative) {
    return Duration(static_cast<std::int64_t>(0 - total));
  }
  if (total == kLimit) {
    return too_large();
  }
  return Duration(static_cast<std::int64_t>(total));
}

/// Writes text from its end to its front.
class BackwardWriter {
 public:
  void put(char c) { buffer_[--at_] = c; }
  void put(std::string_view text) {
    for (std::size_t i = text.size(); i > 0; --i) {
      put(text[i - 1]);
    }
  }
  void put_number(std::uint64_t value) {
    do {
      put(static_cast<char>('0' + value % 10));
      value /= 10;
    } while (value != 0);
  }
  /// The last `digits` digits of `value` as a fraction without trailing zeros; returns the rest.
  std::uint64_t put_fraction(std::uint64_t value, int digits) {
    bool any = false;
    for (; digits > 0; --digits, value /= 10) {
      any = any || value % 10 != 0;
      if (any) {
        put(static_cast<char>('0' + value % 10));
      }
    }
    if (any) {
      put('.');
    }
    return value;
  }
  std::string text() const { return {buffer_.data() + at_, buffer_.size() - at_}; }

 private:
  std::array<char, 32> buffer_{};  // the longest is "-2562047h47m16.854775808s"
  std::size_t at_ = buffer_.size();
};

void put_below_a_second(BackwardWriter& out, std::uint64_t nanoseconds) {
  if (nanoseconds < 1'000) {
    out.put("ns");
    out.put_number(nanoseconds);
  } else if (nanoseconds < 1'000'000) {
    out.put("\u00b5s");
    out.put_number(out.put_fraction(nanoseconds, 3));
  } else {
    out.put("ms");
    out.put_number(out.put_fraction(nanoseconds, 6));
  }
}

void put_from_a_second(BackwardWriter& out, std::uint64_t nanoseconds) {
  out.put('s');
  const std::uint64_t seconds = out.put_fraction(nanoseconds, 9);
  out.put_number(seconds % 60);
  if (const std::uint64_t minutes = seconds / 60; minutes > 0) {
    out.put('m');
    out.put_number(minutes % 60);
    if (const std::uint64_t hours = minutes / 60; hours > 0) {
      out.put('h');
      out.put_number(hours);
    }
  }
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  return with_context(parse_unquoted(text), "invalid duration \"" + std::string(text) + '"');
}

std::string print_duration(Duration duration) {
  if (duration == Duration::zero()) {
    return "0s";
  }
  const bool negative = duration < Duration::zero();
  const auto bits = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t nanoseconds = negative ? 0 - bits : bits;
  BackwardWriter out;
  if (nanoseconds < 1'000'000'000) {
    put_below_a_second(out, nanoseconds);
  } else {
    put_from_a_second(out, nanoseconds);
  }
  if (negative) {
    out.put('-');
  }
  return out.text();
}

}  // namespace kthena
