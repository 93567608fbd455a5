#include "kube/meta/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::kube {

namespace {

__extension__ using Wide = __int128;
constexpr Wide kNano = 1'000'000'000;
constexpr Wide kMaxNanos = Wide{std::numeric_limits<std::int64_t>::max()} * kNano;
/// Longer numbers are beyond 2^63-1 or below a nano in any case.
constexpr std::size_t kMaxText = 512;

struct Suffix {
  std::string_view text;
  int power;  // of ten, or of two
};
constexpr std::array kDecimal{Suffix{"n", -9}, Suffix{"u", -6}, Suffix{"m", -3}, Suffix{"", 0},
                              Suffix{"k", 3},  Suffix{"M", 6},  Suffix{"G", 9},  Suffix{"T", 12},
                              Suffix{"P", 15}, Suffix{"E", 18}};
constexpr std::array kBinary{Suffix{"", 0},    Suffix{"Ki", 10}, Suffix{"Mi", 20}, Suffix{"Gi", 30},
                             Suffix{"Ti", 40}, Suffix{"Pi", 50}, Suffix{"Ei", 60}};

template <std::size_t N>
std::optional<int> power_of(const std::array<Suffix, N>& table, std::string_view text) {
  for (const Suffix& suffix : table) {
    if (suffix.text == text) {
      return suffix.power;
    }
  }
  return std::nullopt;
}

/// Digits × 10^exponent, in nanos, rounded away from zero and cut at the limit.
Wide scale_decimal(std::string_view digits, std::int64_t exponent) {
  Wide value = 0;
  bool inexact = false;
  exponent += 9;
  // Digits below a nano do not count, but for the rounding.
  if (exponent < 0) {
    const auto below = static_cast<std::size_t>(-exponent);
    const std::size_t kept = digits.size() > below ? digits.size() - below : 0;
    inexact = digits.substr(kept).find_first_not_of('0') != std::string_view::npos;
    digits = digits.substr(0, kept);
    exponent = 0;
  }
  for (const char c : digits) {
    value = value * 10 + (c - '0');
    if (value > kMaxNanos) {
      return kMaxNanos;
    }
  }
  for (; exponent > 0 && value != 0; --exponent) {
    value *= 10;
    if (value > kMaxNanos) {
      return kMaxNanos;
    }
  }
  return std::min(value + (inexact ? 1 : 0), kMaxNanos);
}

/// Digits × 10^-decimals × 2^power, in nanos, rounded away from zero and cut at the limit.
Wide scale_binary(std::string_view digits, std::size_t decimals, int power) {
  const Wide whole = scale_decimal(digits.substr(0, digits.size() - decimals), -9);
  const Wide unit = Wide{1} << power;
  if (whole > kMaxNanos / kNano / unit) {
    return kMaxNanos;
  }
  // The fraction, from its last digit on: each step divides by ten what is there so far. A floor of
  // floors is the floor of all, and any remainder on the way makes the whole inexact.
  const Wide unit_nanos = unit * kNano;  // < 2^90
  Wide below = 0;                        // < unit_nanos
  bool inexact = false;
  const std::string_view fraction = digits.substr(digits.size() - decimals);
  for (std::size_t i = fraction.size(); i-- > 0;) {
    below += (fraction[i] - '0') * unit_nanos;
    inexact = inexact || below % 10 != 0;
    below /= 10;
  }
  const Wide nanos = whole * unit_nanos + below;
  return std::min(nanos + (inexact ? 1 : 0), kMaxNanos);
}

struct Digits {
  std::string digits;
  std::size_t decimals = 0;  ///< how many of them stand after the point
};

/// Takes digits with at most one point among them.
Digits take_digits(std::string_view& rest) {
  Digits out;
  bool point = false;
  while (!rest.empty() && (is_ascii_digit(rest.front()) || (rest.front() == '.' && !point))) {
    if (rest.front() == '.') {
      point = true;
    } else {
      out.digits += rest.front();
      out.decimals += point ? 1 : 0;
    }
    rest.remove_prefix(1);
  }
  return out;
}

/// The n of "e+n", in either case.
std::optional<int> exponent_of(std::string_view suffix) {
  if (!suffix.starts_with('e') && !suffix.starts_with('E')) {
    return std::nullopt;
  }
  suffix.remove_prefix(suffix.size() > 2 && suffix[1] == '+' && is_ascii_digit(suffix[2]) ? 2 : 1);
  const auto exponent = parse_int<std::int16_t>(suffix);
  return exponent ? std::optional<int>(*exponent) : std::nullopt;
}

std::unexpected<Error> malformed() {
  return fail(ErrorCode::InvalidArgument,
              "quantities must match the regular expression "
              "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

std::string wide_text(Wide value) {
  std::string out;
  const bool negative = value < 0;
  do {
    const int digit = static_cast<int>(value % 10);
    out.insert(out.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
    value /= 10;
  } while (value != 0);
  return (negative ? "-" : "") + out;
}

}  // namespace

Quantity Quantity::from_integer(std::int64_t value) {
  Quantity out;
  out.nanos_ = Wide{value} * kNano;
  out.text_ = fmt::to_string(value);
  return out;
}

Result<Quantity> Quantity::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxText) {
    return malformed();
  }
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) {
    rest.remove_prefix(1);
  }
  const Digits number = take_digits(rest);
  if (number.digits.empty()) {
    return malformed();
  }
  Quantity out;
  const auto fraction = static_cast<std::int64_t>(number.decimals);
  if (const auto decimal = power_of(kDecimal, rest)) {
    out.nanos_ = scale_decimal(number.digits, *decimal - fraction);
  } else if (const auto binary = power_of(kBinary, rest)) {
    out.nanos_ = scale_binary(number.digits, number.decimals, *binary);
    out.format_ = Format::BinarySi;
  } else if (const auto exponent = exponent_of(rest)) {
    out.nanos_ = scale_decimal(number.digits, *exponent - fraction);
    out.format_ = Format::DecimalExponent;
  } else {
    return malformed();
  }
  if (negative) {
    out.nanos_ = -out.nanos_;
  }
  out.text_ = text;
  return out;
}

double Quantity::to_double() const { return static_cast<double>(nanos_) / 1e9; }

std::int64_t Quantity::ceiling() const {
  const Wide whole = nanos_ / kNano;
  return static_cast<std::int64_t>(whole + (nanos_ % kNano > 0 ? 1 : 0));
}

std::string Quantity::canonical() const {
  if (nanos_ == 0) {
    return "0";
  }
  const Wide magnitude = nanos_ < 0 ? -nanos_ : nanos_;
  if (format_ == Format::BinarySi && magnitude % kNano == 0 && magnitude >= 1024 * kNano) {
    Wide value = nanos_ / kNano;
    std::size_t step = 0;
    while (step + 1 < kBinary.size() && value % 1024 == 0) {
      value /= 1024;
      ++step;
    }
    return wide_text(value) + std::string(kBinary[step].text);
  }
  Wide value = nanos_;
  std::size_t step = 0;
  while (step + 1 < kDecimal.size() && value % 1000 == 0) {
    value /= 1000;
    ++step;
  }
  if (format_ == Format::DecimalExponent && kDecimal[step].power != 0) {
    return fmt::format("{}e{}", wide_text(value), kDecimal[step].power);
  }
  return wide_text(value) + std::string(kDecimal[step].text);
}

Result<Quantity> Quantity::from_json(const json::Value& value) {
  return parse(value.is_string() ? value.as_string() : value.number_text());
}

}  // namespace kthena::kube
