#include "async/simulated_loop.h"

#include <algorithm>
#include <memory>

namespace kthena::async {
namespace {
// The seeded choice is among this many tasks at the head of the queue: enough to turn any two
// neighbours around, and bounded work a step when ten thousand are ready.
constexpr std::size_t kChoiceWindow = 16;
}  // namespace

/// Work handed over by post(): owns itself.
class SimulatedLoop::Posted final : public Runnable {
 public:
  explicit Posted(std::move_only_function<void()> work) : work_(std::move(work)) {}
  void run() noexcept override {
    const std::unique_ptr<Posted> self(this);
    work_();
  }
  std::move_only_function<void()> work_;
};

SimulatedLoop::SimulatedLoop(std::uint64_t seed) : seed_(seed), state_(seed) {
  set_now(clock_.now());
}

SimulatedLoop::~SimulatedLoop() {
  // What was posted and never run is owned by nobody else.
  std::vector<Posted*> left;
  ready_.for_each([&](Runnable& runnable) {
    if (auto* posted = dynamic_cast<Posted*>(&runnable); posted != nullptr) {
      left.push_back(posted);
    }
  });
  for (Posted* posted : left) {
    delete posted;
  }
}

std::uint64_t SimulatedLoop::next_random() {
  // splitmix64
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::uint64_t SimulatedLoop::random_below(std::uint64_t bound) {
  return bound == 0 ? 0 : next_random() % bound;
}

void SimulatedLoop::post(std::move_only_function<void()> work) {
  make_ready(*new Posted(std::move(work)));
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

void SimulatedLoop::run_until(Instant limit) {
  const Running running(*this);
  while (!stopping_) {
    if (run_one()) {
      continue;
    }
    if (timers().empty() || timers().next() > limit) {
      break;
    }
    clock_.advance(std::max(timers().next() - now(), Duration::zero()));
    set_now(clock_.now());
    timers().fire(now());
  }
  stopping_ = false;
}

void SimulatedLoop::run() { run_until(Instant::max()); }

void SimulatedLoop::run_for(Duration duration) {
  const Instant end = now() + duration;
  run_until(end);
  if (now() < end) {
    clock_.advance(end - now());
    set_now(clock_.now());
  }
}

void SimulatedLoop::run_ready() {
  const Running running(*this);
  while (run_one()) {
  }
}

}  // namespace kthena::async
