// Durations as text, in the grammar of Go's time.ParseDuration, which Kubernetes' manifests and
// flags use: "1h2m3.5s", "300ms", "-1.5h".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kthena {

/// Reads an optional sign, then "0" or numbers with units, each number with an optional fraction.
/// Units: ns, us (also µs), ms, s, m, h. What is below a nanosecond is cut off.
/// Errors: InvalidArgument, also where it does not fit (some 292 years).
/// Source: Go 1.19 package time, ParseDuration; accepts and refuses the same texts.
Result<Duration> parse_duration(std::string_view text);

/// The same text as Go's Duration.String: "1h2m3.5s", "1.5ms", "0s". parse_duration() reads it back
/// to the same value.
std::string print_duration(Duration duration);

/// The same number for what leaves the program in seconds (metrics, Retry-After).
constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace kthena
