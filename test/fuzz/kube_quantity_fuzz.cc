// Quantities hold what arithmetic on their written digits says: whether a text is one, its value,
// its order among others, and its canonical spelling. Input: one quantity a line, at most two.
#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "json/codec.h"
#include "json/value.h"
#include "kube/meta/quantity.h"

namespace kthena::kube {
namespace {

using Wide = Quantity::Wide;

/// 2^63-1 in nanos, in digits.
constexpr std::string_view kLimit = "9223372036854775807000000000";

void drop_leading_zeros(std::string& digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
}

void double_digits(std::string& digits) {
  int carry = 0;
  for (std::size_t i = digits.size(); i-- > 0;) {
    const int twice = (digits[i] - '0') * 2 + carry;
    digits[i] = static_cast<char>('0' + twice % 10);
    carry = twice / 10;
  }
  if (carry != 0) {
    digits.insert(digits.begin(), '1');
  }
}

void add_one(std::string& digits) {
  for (std::size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != '9') {
      ++digits[i];
      return;
    }
    digits[i] = '0';
  }
  digits.insert(digits.begin(), '1');
}

bool is_number_character(char c) { return is_ascii_digit(c) || c == '+' || c == '-' || c == '.'; }

struct Scale {
  int twos;           // times 2^twos
  std::int64_t tens;  // times 10^tens
};

std::optional<Scale> scale_of(std::string_view suffix) {
  constexpr std::string_view kSteps = "KMGTPE";
  if (suffix.size() == 2 && suffix[1] == 'i' && kSteps.contains(suffix[0])) {
    return Scale{.twos = static_cast<int>(kSteps.find(suffix[0]) + 1) * 10, .tens = 0};
  }
  if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    const std::string text(suffix.substr(1));
    const std::size_t sign = text[0] == '-' || text[0] == '+' ? 1 : 0;
    if (text.size() == sign || text.find_first_not_of("0123456789", sign) != std::string::npos) {
      return std::nullopt;
    }
    const long long exponent = std::strtoll(text.c_str(), nullptr, 10);  // cut at 64 bits
    if (exponent > 32767 || exponent < -32768) {
      return std::nullopt;  // our bound
    }
    return Scale{.twos = 0, .tens = exponent};
  }
  constexpr std::string_view kPowers = "num kMGTPE";
  if (suffix.empty() || (suffix.size() == 1 && suffix != " " && kPowers.contains(suffix[0]))) {
    const auto step = static_cast<std::int64_t>(kPowers.find(suffix.empty() ? ' ' : suffix[0]));
    return Scale{.twos = 0, .tens = 3 * (step - 3)};
  }
  return std::nullopt;
}

/// What a text is worth, by the book: in nanos, rounded away from zero, cut at the limit.
struct Worth {
  bool negative = false;
  std::string nanos;  // no leading zeros; empty is 0
};

std::optional<Worth> worth_of(std::string_view text) {
  Worth out;
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    out.negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  const auto end =
      static_cast<std::size_t>(std::ranges::find_if_not(rest, is_number_character) - rest.begin());
  std::string digits(rest.substr(0, end));
  const auto scale = scale_of(rest.substr(end));
  if (!scale || text.size() > 512) {
    return std::nullopt;
  }
  const std::size_t point = digits.find('.');
  std::int64_t tens = scale->tens + 9;
  if (point != std::string::npos) {
    tens -= static_cast<std::int64_t>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  drop_leading_zeros(digits);
  for (int i = 0; i < scale->twos; ++i) {
    double_digits(digits);
  }
  if (tens >= 0) {
    digits.append(digits.empty() ? 0 : static_cast<std::size_t>(tens), '0');
  } else if (!digits.empty()) {
    const auto below = std::min(static_cast<std::size_t>(-tens), digits.size());
    const bool inexact = digits.find_first_not_of('0', digits.size() - below) != std::string::npos;
    digits.resize(digits.size() - below);
    if (inexact) {
      add_one(digits);
    }
  }
  const bool beyond =
      digits.size() > kLimit.size() || (digits.size() == kLimit.size() && digits > kLimit);
  out.nanos = beyond ? std::string(kLimit) : digits;
  out.negative = out.negative && !out.nanos.empty();
  return out;
}

Wide number_of(const Worth& worth) {
  Wide value = 0;
  for (const char c : worth.nanos) {
    value = value * 10 + (c - '0');
  }
  return worth.negative ? -value : value;
}

std::strong_ordering compare_digits(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() <=> b.size() : a.compare(b) <=> 0;
}

std::strong_ordering compare(const Worth& a, const Worth& b) {
  if (a.negative != b.negative) {
    return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.negative ? compare_digits(b.nanos, a.nanos) : compare_digits(a.nanos, b.nanos);
}

/// Whole units, the rest of a positive number counted as one more.
std::int64_t ceiling_of(const Worth& worth) {
  std::string digits = worth.nanos;
  digits.insert(0, 10, '0');
  const bool more = digits.find_first_not_of('0', digits.size() - 9) != std::string::npos;
  digits.resize(digits.size() - 9);
  if (more && !worth.negative) {
    add_one(digits);
  }
  const std::int64_t whole = std::strtoll(digits.c_str(), nullptr, 10);
  return worth.negative ? -whole : whole;
}

void check_canonical(const Quantity& quantity) {
  const std::string canonical = quantity.canonical();
  CHECK(canonical.size() <= 32);  // sign, 28 digits of nanos, "e-9"
  const auto again = Quantity::parse(canonical);
  CHECK(again.has_value());
  CHECK(*again == quantity);
  // Three digits less stand for one letter more; a binary number without a letter reads as a
  // decimal one, which may be shorter still.
  CHECK(again->canonical().size() <= canonical.size());
  CHECK_EQ(Quantity::parse(again->canonical())->canonical(), again->canonical());
}

std::optional<std::pair<Quantity, Worth>> check_one(std::string_view text) {
  const auto quantity = Quantity::parse(text);
  const auto worth = worth_of(text);
  CHECK_EQ(quantity.has_value(), worth.has_value());
  if (!quantity) {
    return std::nullopt;
  }
  CHECK_EQ(quantity->text(), text);
  CHECK(quantity->nanos() == number_of(*worth));
  CHECK_EQ(quantity->sign(), worth->nanos.empty() ? 0 : worth->negative ? -1 : 1);
  CHECK_EQ(quantity->ceiling(), ceiling_of(*worth));
  const double near = quantity->to_double();
  CHECK(near > -9.3e18 && near < 9.3e18);
  CHECK_EQ(near < 0, quantity->sign() < 0);
  CHECK_EQ(near > 0, quantity->sign() > 0);
  check_canonical(*quantity);

  const auto decoded = json::decode<Quantity>(json::Value(text));
  CHECK(decoded.problems.empty() && decoded.value == *quantity);
  CHECK_EQ(json::encode(decoded.value).as_string(), text);
  if (quantity->nanos() % 1'000'000'000 == 0) {
    CHECK(Quantity::from_integer(quantity->ceiling()) == *quantity);
  }
  return std::pair(*quantity, *worth);
}

void check(std::string_view text) {
  const std::size_t line = text.find('\n');
  const auto a = check_one(text.substr(0, line));
  if (!a || line == std::string_view::npos) {
    return;
  }
  const auto b = check_one(text.substr(line + 1));
  if (!b) {
    return;
  }
  const auto order = a->first <=> b->first;
  CHECK(order == compare(a->second, b->second));
  CHECK(0 <=> order == (b->first <=> a->first));
  CHECK_EQ(a->first == b->first, order == std::strong_ordering::equal);
  // Order and nearest double never contradict each other.
  CHECK(order != std::strong_ordering::less || a->first.to_double() <= b->first.to_double());
}

}  // namespace
}  // namespace kthena::kube

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kthena::kube::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
