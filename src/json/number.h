// The text of JSON numbers: syntax, exact comparison, one canonical spelling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kthena::json {

/// How many bytes at the start of `text` are a JSON number (RFC 8259 §6); 0 if it starts otherwise.
std::size_t number_length(std::string_view text) noexcept;

/// A number taken apart: digits × 10^exponent. Digits have no zero at either end; zero has none.
struct DecimalParts {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;  ///< saturates far beyond what a double can hold

  friend bool operator==(const DecimalParts&, const DecimalParts&) = default;
};

/// Takes a valid JSON number apart. Equal parts mean equal numbers; -0 is 0.
DecimalParts decimal_parts(std::string_view literal);

/// The nearest double of a valid JSON number; infinite if it is too large.
double nearest_double(std::string_view literal);

/// One spelling for all that mean the same number: "1e2" and "100.0" become "100".
std::string canonical_number(std::string_view literal);

}  // namespace kthena::json
