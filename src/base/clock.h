// Time as a dependency: what needs the time takes a Clock, so that tests and the simulation set it.
#pragma once

#include <chrono>

namespace kthena {

using Duration = std::chrono::nanoseconds;
/// A point on the monotonic clock: for deadlines and measurements.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// A point on the wall clock (UTC): for timestamps that leave the process.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall_now() const = 0;
};

/// The machine's clocks. Thread-safe.
class RealClock final : public Clock {
 public:
  Instant now() const override;
  WallTime wall_now() const override;
};

/// A clock that moves only when told to. One thread.
class ManualClock final : public Clock {
 public:
  /// Starts at 2026-01-01T00:00:00Z, so that golden files do not depend on the day of the run.
  ManualClock();
  Instant now() const override { return now_; }
  WallTime wall_now() const override { return wall_now_; }
  /// Moves both clocks forward.
  void advance(Duration by);
  /// Moves the wall clock alone, as an administrator or NTP does; may go backwards.
  void jump_wall(Duration by) { wall_now_ += by; }

 private:
  Instant now_;
  WallTime wall_now_;
};

}  // namespace kthena
