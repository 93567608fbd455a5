// The one clock of the measuring programs. Backend and load generator run on one machine, so a time
// taken in one is comparable with a time taken in the other.
#pragma once

#include <cstdint>
#include <ctime>

namespace kthena::bench {

/// Nanoseconds on the monotonic clock of this machine.
using Nanos = std::int64_t;

inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

inline Nanos now() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return (t.tv_sec * kSecond) + t.tv_nsec;
}

inline double to_seconds(Nanos t) noexcept { return static_cast<double>(t) / 1e9; }

}  // namespace kthena::bench
