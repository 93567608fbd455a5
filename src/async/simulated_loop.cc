#include "async/simulated_loop.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "async/loop.h"
#include "base/clock.h"

namespace kthena::async {
namespace {
// The seeded choice is among this many tasks at the head of the queue: enough to turn any two
// neighbours around, and bounded work a step when ten thousand are ready.
constexpr std::size_t kChoiceWindow = 16;
}  // namespace

SimulatedLoop::SimulatedLoop(std::uint64_t seed) : seed_(seed), random_(seed) {
  set_now(clock_.now());
}

SimulatedLoop::~SimulatedLoop() {
  closed_ = true;
  mailbox_.clear();
}

std::uint64_t SimulatedLoop::random_below(std::uint64_t bound) {
  return bound == 0 ? 0 : random_.uniform(bound);
}

void SimulatedLoop::post(std::move_only_function<void()> work) {
  if (closed_) {
    return;
  }
  mailbox_.push_back(std::move(work));
  if (!mailman_.linked()) {
    make_ready(mailman_);
  }
}

void SimulatedLoop::deliver_one() {
  if (mailbox_.empty()) {
    return;
  }
  auto work = std::move(mailbox_.front());
  mailbox_.pop_front();
  if (!mailbox_.empty()) {
    make_ready(mailman_);
  }
  work();
}

bool SimulatedLoop::run_one() {
  if (!has_ready()) {
    ready_count_ = 0;
    return false;
  }
  const std::size_t choice = seed_ == 0
                                 ? 0
                                 : random_below(std::min<std::size_t>(
                                       std::max<std::size_t>(ready_count_, 1), kChoiceWindow));
  Runnable& runnable = ready_.nth(choice);
  runnable.unlink();
  ready_count_ -= ready_count_ > 0 ? 1 : 0;
  ++steps_;
  runnable.run();
  return true;
}

SimulatedLoop::Ended SimulatedLoop::run_until(Instant limit) {
  const Running running(*this);
  while (!stopping_) {
    if (run_one()) {
      continue;
    }
    if (timers().empty() || timers().next() > limit) {
      return Ended::Idle;
    }
    clock_.advance(std::max(timers().next() - now(), Duration::zero()));
    set_now(clock_.now());
    timers().fire(now());
  }
  return take_stop();
}

SimulatedLoop::Ended SimulatedLoop::take_stop() {
  // What was posted before stop() runs, as the interface promises.
  for (std::size_t left = mailbox_.size(); left > 0; --left) {
    deliver_one();
  }
  stopping_ = false;
  return Ended::Stopped;
}

void SimulatedLoop::run() { run_until(Instant::max()); }

void SimulatedLoop::run_for(Duration duration) {
  const Instant end = now() + duration;
  if (run_until(end) == Ended::Idle && now() < end) {
    clock_.advance(end - now());
    set_now(clock_.now());
  }
}

void SimulatedLoop::run_ready() {
  const Running running(*this);
  while (!stopping_) {
    if (!run_one()) {
      return;
    }
  }
  take_stop();
}

}  // namespace kthena::async
