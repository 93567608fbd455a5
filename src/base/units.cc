#include "base/units.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace kthena {
namespace {

struct Suffix {
  std::string_view text;
  std::int64_t factor;
};

constexpr std::int64_t kKilo = 1000;
constexpr std::int64_t kMega = kKilo * 1000;
constexpr std::int64_t kGiga = kMega * 1000;
constexpr std::int64_t kTera = kGiga * 1000;
constexpr std::int64_t kPeta = kTera * 1000;

constexpr std::array kSuffixes = {
    Suffix{"", 1},
    Suffix{"B", 1},
    Suffix{"k", kKilo},
    Suffix{"K", kKilo},
    Suffix{"M", kMega},
    Suffix{"G", kGiga},
    Suffix{"T", kTera},
    Suffix{"P", kPeta},
    Suffix{"kB", kKilo},
    Suffix{"KB", kKilo},
    Suffix{"MB", kMega},
    Suffix{"GB", kGiga},
    Suffix{"TB", kTera},
    Suffix{"PB", kPeta},
    Suffix{"Ki", 1LL << 10},
    Suffix{"Mi", 1LL << 20},
    Suffix{"Gi", 1LL << 30},
    Suffix{"Ti", 1LL << 40},
    Suffix{"Pi", 1LL << 50},
    Suffix{"KiB", 1LL << 10},
    Suffix{"MiB", 1LL << 20},
    Suffix{"GiB", 1LL << 30},
    Suffix{"TiB", 1LL << 40},
    Suffix{"PiB", 1LL << 50},
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits in front of `text`, as a number; `digits` counts them.
Result<std::int64_t> take_digits(std::string_view& text, int& digits) {
  std::int64_t value = 0;
  digits = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, text.front() - '0', &value)) {
      return fail(ErrorCode::InvalidArgument, "number too large");
    }
    ++digits;
    text.remove_prefix(1);
  }
  return value;
}

/// The bytes of 0.<digits> times `factor`, cut to whole bytes. Digits past the 18th add less than
/// one part in 10^18 and are read over.
std::int64_t take_fraction(std::string_view& text, std::int64_t factor, bool& any) {
  __extension__ using Wide = __int128;
  Wide numerator = 0;
  Wide denominator = 1;
  any = false;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    any = true;
    if (denominator < Wide{kPeta} * 1000) {
      numerator = numerator * 10 + (text.front() - '0');
      denominator *= 10;
    }
  }
  return static_cast<std::int64_t>(numerator * factor / denominator);
}

Result<std::int64_t> find_factor(std::string_view suffix) {
  for (const Suffix& known : kSuffixes) {
    if (known.text == suffix) {
      return known.factor;
    }
  }
  return fail(ErrorCode::InvalidArgument, "unknown unit");
}

Result<Bytes> parse_unquoted(std::string_view text) {
  int digits = 0;
  const std::int64_t whole = TRY(take_digits(text, digits));
  if (digits == 0) {
    return fail(ErrorCode::InvalidArgument, "a number is missing");
  }
  const auto unit_at = text.find_first_not_of("0123456789.");
  const std::string_view unit = unit_at == text.npos ? "" : text.substr(unit_at);
  const std::int64_t factor = TRY(find_factor(unit));
  text.remove_suffix(unit.size());
  std::int64_t part = 0;
  if (!text.empty()) {
    text.remove_prefix(1);  // the point
    bool any = false;
    part = take_fraction(text, factor, any);
    if (!any || !text.empty()) {
      return fail(ErrorCode::InvalidArgument, "not a decimal number");
    }
  }
  std::int64_t total = 0;
  if (__builtin_mul_overflow(whole, factor, &total) ||
      __builtin_add_overflow(total, part, &total)) {
    return fail(ErrorCode::InvalidArgument, "number too large");
  }
  return Bytes(total);
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  return with_context(parse_unquoted(text), "invalid size \"" + std::string(text) + '"');
}

std::string to_string(Bytes bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::int64_t count = bytes.count();
  std::size_t unit = 0;
  while (count != 0 && count % 1024 == 0 && unit + 1 < kUnits.size()) {
    count /= 1024;
    ++unit;
  }
  return std::to_string(count).append(kUnits[unit]);
}

std::string to_string(Tokens tokens) { return std::to_string(tokens.count()); }

std::ostream& operator<<(std::ostream& out, Bytes bytes) { return out << to_string(bytes); }
std::ostream& operator<<(std::ostream& out, Tokens tokens) { return out << tokens.count(); }

}  // namespace kthena
