// How long to wait before the next try: longer after each failure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"

namespace kthena::kube {

/// Exponential back-off with jitter, so that many who failed at the same time do not come back at
/// the same time.
struct Backoff {
  Duration first = std::chrono::milliseconds(5);
  Duration most = std::chrono::seconds(1000);
  double jitter = 0.1;  ///< up to this share longer

  /// The wait after `failures` failures in a row, the first being 1: first × 2^(failures-1), at
  /// most `most`, and the jitter on top.
  Duration after(std::uint32_t failures, Random& random) const {
    const std::uint32_t doublings = failures > 0 ? failures - 1 : 0;
    Duration wait = first;
    for (std::uint32_t i = 0; i < doublings && wait < most; ++i) {
      wait *= 2;
    }
    wait = std::min(wait, most);
    return wait + std::chrono::duration_cast<Duration>(wait * (jitter * random.uniform_double()));
  }
};

}  // namespace kthena::kube
