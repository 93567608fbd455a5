// The loop on virtual time: no system calls, no threads. Time jumps to the next timer when nothing
// is ready, and the order of ready tasks comes from a seed, so a run is repeated bit for bit by its
// seed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "async/loop.h"
#include "base/clock.h"

namespace kthena::async {

class SimulatedLoop final : public Loop {
 public:
  /// The same seed gives the same run. Seed 0 keeps the order in which tasks became ready.
  explicit SimulatedLoop(std::uint64_t seed = 0);
  ~SimulatedLoop() override;

  WallTime wall_now() const override { return clock_.wall_now(); }

  /// Runs until stop(), or until nothing is ready and no timer is set.
  void run() override;
  void stop() override { stopping_ = true; }
  /// Runs what is ready and what becomes due within `duration`, then stands at its end.
  void run_for(Duration duration);
  /// Runs what is ready now; no time passes.
  void run_ready();

  void post(std::move_only_function<void()> work) override;

  /// A number in [0, bound) from the seed; for faults and latencies of what runs on this loop.
  std::uint64_t random_below(std::uint64_t bound);

  /// The clock that this loop moves.
  const Clock& clock() const noexcept { return clock_; }
  /// Steps the wall clock alone.
  void jump_wall(Duration by) { clock_.jump_wall(by); }

  /// Tasks run so far.
  std::uint64_t steps() const noexcept { return steps_; }

 private:
  class Posted;
  void run_until(Instant limit);
  bool run_one();
  std::uint64_t next_random();

  ManualClock clock_;
  std::uint64_t seed_;
  std::uint64_t state_;
  std::uint64_t steps_ = 0;
  bool stopping_ = false;
};

}  // namespace kthena::async
