// The loop on virtual time: no system calls, no threads. Time jumps to the next timer when nothing
// is ready, and the order of ready tasks comes from a seed, so a run is repeated bit for bit by its
// seed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "async/loop.h"
#include "base/clock.h"
#include "base/random.h"

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
  /// Runs what is ready and what becomes due within `duration`, then stands at its end; or where
  /// stop() was called.
  void run_for(Duration duration);
  /// Runs what is ready now, until stop(); no time passes.
  void run_ready();

  /// From the loop's own thread only: there are no others in a simulation.
  void post(std::move_only_function<void()> work) override;

  /// A number in [0, bound) from the seed, 0 if `bound` is; for faults and latencies of what runs
  /// on this loop.
  std::uint64_t random_below(std::uint64_t bound);

  /// The clock that this loop moves.
  const Clock& clock() const noexcept { return clock_; }
  /// Steps the wall clock alone.
  void jump_wall(Duration by) { clock_.jump_wall(by); }

  /// Tasks run so far.
  std::uint64_t steps() const noexcept { return steps_; }

 private:
  /// Ready work that runs the oldest piece of mail: its turn is as random as any, the order of the
  /// mail is that of the calls, as on a real loop.
  class Mailman final : public Runnable {
   public:
    explicit Mailman(SimulatedLoop& loop) noexcept : loop_(loop) {}
    void run() noexcept override { loop_.deliver_one(); }

   private:
    SimulatedLoop& loop_;
  };

  enum class Ended : std::uint8_t { Idle, Stopped };
  Ended run_until(Instant limit);
  Ended take_stop();
  bool run_one();
  void deliver_one();

  ManualClock clock_;
  std::uint64_t seed_;
  Random random_;
  std::uint64_t steps_ = 0;
  bool stopping_ = false;
  bool closed_ = false;
  std::deque<std::move_only_function<void()>> mailbox_;
  Mailman mailman_{*this};
};

}  // namespace kthena::async
