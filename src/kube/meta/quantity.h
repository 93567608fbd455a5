// Quantities: exact decimal numbers with a suffix, such as "100m", "1.5Gi", "2e3".
// Source: Kubernetes API conventions and the grammar of resource.Quantity.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/type.h"

namespace kthena::kube {

/// Keeps the text it was read from, so that an object is written back as its user wrote it;
/// compares by value. Exact to the nano; finer ones are rounded away from zero, and the magnitude
/// is cut at 2^63-1, both as Kubernetes does.
class Quantity {
 public:
  Quantity() = default;
  static Quantity from_integer(std::int64_t value);
  /// Errors: InvalidArgument, in the words of Kubernetes.
  static Result<Quantity> parse(std::string_view text);

  /// The nearest double.
  double to_double() const;
  /// The value if it is whole, else rounded up, as Kubernetes does for counts.
  std::int64_t ceiling() const;
  int sign() const { return nanos_ > 0 ? 1 : nanos_ < 0 ? -1 : 0; }

  __extension__ using Wide = __int128;
  /// The value times 10^9, exactly: for comparing ratios.
  Wide nanos() const { return nanos_; }

  /// As it was written.
  const std::string& text() const { return text_; }
  /// The one spelling Kubernetes itself would write: "0.1" is "100m", "1024Mi" is "1Gi".
  std::string canonical() const;

  static constexpr json::ScalarSchema kSchema{
      .int_or_string = true,
      .pattern = R"(^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?)"
                 R"((([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$)"};
  static Result<Quantity> from_json(const json::Value& value);
  json::Value to_json() const { return text_; }

  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nanos_ == b.nanos_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nanos_ <=> b.nanos_;
  }

 private:
  /// How the suffix was written, which decides how canonical() writes it.
  enum class Format : std::uint8_t { DecimalSi, BinarySi, DecimalExponent };

  Wide nanos_ = 0;
  Format format_ = Format::DecimalSi;
  std::string text_ = "0";
};

}  // namespace kthena::kube
