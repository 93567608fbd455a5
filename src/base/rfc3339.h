// Points in time as text in UTC: "2026-04-16T07:33:08.435627146Z".
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kthena {

/// How much of a second is printed.
enum class Rfc3339Fraction : char {
  None,      ///< whole seconds, as metav1.Time
  Micro,     ///< six digits always, as metav1.MicroTime and our log
  Shortest,  ///< up to nine digits without trailing zeros, as Go's RFC3339Nano
};

/// The text of a time, without an allocation.
class Rfc3339Text {
 public:
  std::string_view view() const { return {buffer_.data(), size_}; }

 private:
  friend Rfc3339Text print_rfc3339(WallTime time, Rfc3339Fraction fraction);
  std::array<char, 32> buffer_;
  std::size_t size_ = 0;
};

/// What is below the last digit is cut off. A WallTime lies in the years 1677 to 2262.
Rfc3339Text print_rfc3339(WallTime time, Rfc3339Fraction fraction);

/// Reads date and time of RFC 3339 with any offset and any number of fraction digits (those below a
/// nanosecond are cut off). Refuses leap seconds and days that do not exist, as Go does, and years
/// a WallTime cannot hold. Errors: InvalidArgument.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace kthena
