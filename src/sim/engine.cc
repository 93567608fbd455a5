#include "sim/engine.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "async/loop.h"
#include "base/clock.h"
#include "sim/engine_model.h"
#include "sim/engine_options.h"

namespace kthena::sim {

using namespace std::chrono_literals;

namespace {
// A step takes some time even if it costs none, so that the loop looks at its sockets in between.
constexpr Duration kShortestStep = 1us;
}  // namespace

Engine::Engine(async::Loop& loop, const EngineOptions& options) : Timer(loop), model_(options) {}

bool Engine::admit(std::size_t sequences) noexcept {
  const bool admitted = model_.admits(sequences);
  model_.stats().rejected += admitted ? 0 : 1;
  return admitted;
}

void Engine::submit(Sequence& sequence) {
  model_.submit(sequence, loop().now());
  if (!armed()) {
    // The timer fires after what is ready now.
    in_step_ = false;
    Timer::set(loop().now());
  }
}

void Engine::on_timer() noexcept {
  const Instant now = loop().now();
  // The next step begins where this one was meant to end, so that small delays do not add up; a
  // loop that is late by more than a step has lost that time.
  Instant start = now;
  if (in_step_) {
    model_.finish_step(now);
    start = now - deadline() < step_ ? deadline() : now;
  }
  in_step_ = !model_.idle();
  if (in_step_) {
    step_ = std::max(model_.begin_step(now), kShortestStep);
    Timer::set(std::max(start + step_, now + kShortestStep));
  }
}

}  // namespace kthena::sim
