// An engine model that runs on a loop's clock, real or virtual.
#pragma once

#include <cstddef>

#include "async/loop.h"
#include "sim/engine_model.h"

namespace kthena::sim {

/// Steps an EngineModel as long as there is something to compute, with one timer for all sequences.
/// One shard. Sequences must be withdrawn or finished before this is destroyed.
class Engine final : private async::Timer {
 public:
  Engine(async::Loop& loop, const EngineOptions& options);
  ~Engine() override = default;

  async::Loop& loop() const noexcept { return Timer::loop(); }

  /// Whether a request for so many sequences is let in; counts a rejection if not.
  bool admit(std::size_t sequences) noexcept;
  /// Queues a sequence. All that arrive in one turn of the loop share their first step.
  void submit(Sequence& sequence);
  void withdraw(Sequence& sequence) noexcept { model_.withdraw(sequence); }
  std::size_t abort_all() { return model_.abort_all(loop().now()); }

  const EngineModel& model() const noexcept { return model_; }
  EngineModel& model() noexcept { return model_; }

 private:
  void on_timer() noexcept override;

  EngineModel model_;
  Duration step_{};
  bool in_step_ = false;
};

}  // namespace kthena::sim
