// Counts with a unit in the type, so that bytes are not taken for tokens.
#pragma once

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kthena {

/// A signed number of one unit: a budget may be overdrawn, a difference may be negative.
/// Arithmetic is that of std::int64_t; a caller that adds numbers from outside bounds them first.
template <class Unit>
class Count {
 public:
  constexpr Count() = default;
  constexpr explicit Count(std::int64_t count) : count_(count) {}

  /// The bare number, for where it leaves the program.
  constexpr std::int64_t count() const { return count_; }

  static constexpr Count zero() { return Count(0); }
  static constexpr Count max() { return Count(INT64_MAX); }

  friend constexpr auto operator<=>(Count, Count) = default;

  constexpr Count operator-() const { return Count(-count_); }
  constexpr Count& operator+=(Count other) { return *this = *this + other; }
  constexpr Count& operator-=(Count other) { return *this = *this - other; }
  friend constexpr Count operator+(Count a, Count b) { return Count(a.count_ + b.count_); }
  friend constexpr Count operator-(Count a, Count b) { return Count(a.count_ - b.count_); }
  friend constexpr Count operator*(Count a, std::int64_t times) { return Count(a.count_ * times); }
  friend constexpr Count operator*(std::int64_t times, Count a) { return a * times; }
  /// Rounds towards zero.
  friend constexpr Count operator/(Count a, std::int64_t by) { return Count(a.count_ / by); }
  /// How often `b` fits into `a`.
  friend constexpr std::int64_t operator/(Count a, Count b) { return a.count_ / b.count_; }
  friend constexpr Count operator%(Count a, Count b) { return Count(a.count_ % b.count_); }

 private:
  std::int64_t count_ = 0;
};

using Bytes = Count<struct ByteUnit>;
using Tokens = Count<struct TokenUnit>;

/// The shortest exact text: "64MiB", "1500B", "-1KiB", "0B". parse_bytes() reads it back.
std::string to_string(Bytes bytes);
/// The bare number: "1234".
std::string to_string(Tokens tokens);

std::ostream& operator<<(std::ostream& out, Bytes bytes);
std::ostream& operator<<(std::ostream& out, Tokens tokens);

/// Reads "64MiB", "1.5GiB", "10kB", "64Mi", "512" (bytes). Suffixes: B; kB KB MB GB TB PB and k K M
/// G T P (powers of 1000); KiB MiB GiB TiB PiB and Ki Mi Gi Ti Pi (powers of 1024). A part of a
/// byte is cut off. No sign, no blanks. Errors: InvalidArgument.
Result<Bytes> parse_bytes(std::string_view text);

inline namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return Bytes(static_cast<std::int64_t>(n)); }
constexpr Bytes operator""_KiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) << 10);
}
constexpr Bytes operator""_MiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) << 20);
}
constexpr Bytes operator""_GiB(unsigned long long n) {
  return Bytes(static_cast<std::int64_t>(n) << 30);
}
constexpr Tokens operator""_tokens(unsigned long long n) {
  return Tokens(static_cast<std::int64_t>(n));
}
}  // namespace literals

}  // namespace kthena
