// The scalar types of Kubernetes objects: times, durations, and numbers that may also be texts.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "json/type.h"

namespace kthena::kube {

/// A point in time, written as RFC 3339. Kubernetes keeps whole seconds in most of them: make new
/// ones with whole_seconds(). What is read keeps its nanoseconds.
struct Time {
  WallTime value{};

  static Time whole_seconds(WallTime time) {
    return {std::chrono::floor<std::chrono::seconds>(time)};
  }
  static constexpr json::ScalarSchema kSchema{.format = "date-time"};
  static Result<Time> from_json(const json::Value& value);
  json::Value to_json() const;
  friend auto operator<=>(const Time&, const Time&) = default;
};

/// The same, always written with six digits of a second, without which the API does not read it.
/// Of leases and events.
struct MicroTime {
  WallTime value{};

  static constexpr json::ScalarSchema kSchema{.format = "date-time"};
  static Result<MicroTime> from_json(const json::Value& value);
  json::Value to_json() const;
  friend auto operator<=>(const MicroTime&, const MicroTime&) = default;
};

/// A duration in Go's grammar: "1h2m3.5s". Its CRD type is a plain string, so a server may hold any
/// text: one that cannot be read counts as unset and does not spoil its object. Where absent and 0s
/// differ, use std::optional<GoDuration>.
struct GoDuration {
  Duration value{};

  static constexpr json::ScalarSchema kSchema{.lenient = true};
  static Result<GoDuration> from_json(const json::Value& value);
  json::Value to_json() const;
  friend auto operator<=>(const GoDuration&, const GoDuration&) = default;
};

/// A number or a text, for example a port number or the name of a port, a count or a percentage.
struct IntOrString {
  std::variant<std::int32_t, std::string> value{};

  static constexpr json::ScalarSchema kSchema{.int_or_string = true};
  static Result<IntOrString> from_json(const json::Value& value);
  json::Value to_json() const;
  friend bool operator==(const IntOrString&, const IntOrString&) = default;
};

/// Which way a percentage that is not whole goes.
enum class Rounding : std::uint8_t { Down, Up };

/// The count that `value` stands for: itself if it is a number, that share of `total` if it is a
/// percentage. Not bounded: "150%" of 2 is 3, and negative numbers stay what they are.
/// Errors: InvalidArgument in the words of Kubernetes if it is a text and no percentage.
Result<std::int64_t> scaled_value(const IntOrString& value, std::int64_t total, Rounding rounding);

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Time);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::MicroTime);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::GoDuration);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::IntOrString);
