// A bound on retries, so that failing engines do not get their load multiplied.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace kthena::router {

/// Retries are at most a fifth of the calls of the last 10 s, of one model on one shard; the first
/// ten are always allowed, so that a quiet model can fail over.
class RetryBudget {
 public:
  void count_call(Instant now) noexcept { ++slot(now).calls; }

  /// Takes one retry; false when they are used up.
  bool try_take(Instant now) noexcept {
    Slot& current = slot(now);
    std::uint64_t calls = 0;
    std::uint64_t retries = 0;
    for (const Slot& each : slots_) {
      if (each.second + kSeconds > current.second) {
        calls += each.calls;
        retries += each.retries;
      }
    }
    if (retries >= kAlways && retries * 5 >= calls) {
      return false;
    }
    ++current.retries;
    return true;
  }

 private:
  static constexpr std::int64_t kSeconds = 10;
  static constexpr std::uint64_t kAlways = 10;
  struct Slot {
    std::int64_t second = 0;
    std::uint64_t calls = 0;
    std::uint64_t retries = 0;
  };

  Slot& slot(Instant now) noexcept {
    const std::int64_t second =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    Slot& found = slots_[static_cast<std::size_t>(second % kSeconds)];
    if (found.second != second) {
      found = {.second = second};
    }
    return found;
  }
  std::array<Slot, kSeconds> slots_{};
};

}  // namespace kthena::router
