#include "base/clock.h"

#include <chrono>

#include "base/check.h"

namespace kthena {

using namespace std::chrono_literals;

Instant RealClock::now() const { return std::chrono::steady_clock::now(); }
WallTime RealClock::wall_now() const { return std::chrono::system_clock::now(); }

ManualClock::ManualClock()
    : now_(1'000'000s), wall_now_(std::chrono::sys_days{std::chrono::January / 1 / 2026}) {}

void ManualClock::advance(Duration by) {
  CHECK_GE(by.count(), 0);
  now_ += by;
  wall_now_ += by;
}

}  // namespace kthena
