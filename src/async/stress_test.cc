// Random tasks on the simulated loop: whatever the order, nothing is lost, nothing hangs, bounds
// hold.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "async/channel.h"
#include "async/combine.h"
#include "async/shard.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/random.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPermits = 3;
constexpr std::size_t kCapacity = 4;

/// What all tasks of one run share, and what must hold.
struct World {
  explicit World(std::uint64_t seed) : loop(seed), random(seed), shard(1, loop) {}

  SimulatedLoop loop;
  Random random;
  Shard shard;
  Semaphore semaphore{kPermits};
  Channel<std::unique_ptr<int>> channel{kCapacity};
  Event event;
  std::size_t holding = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  int spawns_left = 150;
  std::vector<TaskScope*> scopes;

  Duration some_time() { return std::chrono::microseconds(random.uniform(3000)); }
};

Task<Result<>> step(World& world, TaskScope& scope, int depth);

Task<void> live(World& world, TaskScope& scope, int depth) {
  const auto steps = 1 + world.random.uniform(6);
  for (std::uint64_t i = 0; i < steps; ++i) {
    if (!co_await step(world, scope, depth)) {
      break;  // cancelled, or too late
    }
  }
  ++world.ended;
}

void spawn(World& world, TaskScope& scope, int depth) {
  if (world.spawns_left > 0) {
    --world.spawns_left;
    ++world.started;
    scope.spawn(live(world, scope, depth + 1));
  }
}

Task<Result<>> use_permit(World& world) {
  const auto permit = CO_TRY(co_await world.semaphore.acquire());
  ++world.holding;
  CHECK_LE(world.holding, kPermits);
  co_await sleep_for(world.some_time());
  --world.holding;
  co_return {};
}

Task<Result<>> send(World& world) {
  CO_TRY(co_await world.channel.send(std::make_unique<int>(1)));
  ++world.sent;
  CHECK_LE(world.channel.size(), kCapacity);
  co_return {};
}

Task<Result<>> receive(World& world) {
  const auto item = CO_TRY(co_await world.channel.receive());
  CHECK_EQ(*item, 1);
  ++world.received;
  co_return {};
}

Task<Result<>> with_limit(World& world, TaskScope& scope, int depth) {
  DeadlineScope limit(co_await this_task(), world.some_time());
  const auto result = co_await step(world, scope, depth + 1);
  if (world.random.chance(0.3)) {
    limit.extend(world.loop.now() + world.some_time());
  }
  // Its own limit is no reason to end; whether an outer one is shows at the next step.
  co_return limit.expired() ? Result<>() : result;
}

Task<Result<>> race(World& world) {
  const auto first = co_await when_any(use_permit(world), send(world), receive(world));
  co_return first.value;
}

Task<Result<>> both(World& world) {
  const auto [a, b] = co_await when_all(send(world), receive(world));
  co_return a ? b : a;
}

Task<Result<>> own_scope(World& world) {
  TaskScope scope(world.loop, (co_await this_task()).context);
  world.scopes.push_back(&scope);
  spawn(world, scope, 2);
  spawn(world, scope, 2);
  co_await sleep_for(world.some_time());
  if (world.random.chance(0.5)) {
    co_await scope.stop();
  } else {
    co_await scope.join();
  }
  CHECK_EQ(scope.running(), 0U);
  std::erase(world.scopes, &scope);
  co_return {};
}

Task<Result<>> last_words(World& world) {
  const ShieldScope shield(co_await this_task());
  CHECK(co_await sleep_for(world.some_time()));
  co_return {};
}

Task<Result<>> step(World& world, TaskScope& scope, int depth) {
  if (depth > 6) {
    co_return {};
  }
  switch (world.random.uniform(13)) {
    case 0:
      co_return co_await sleep_for(world.some_time());
    case 1:
      co_await yield();
      co_return {};
    case 2:
      spawn(world, scope, depth);
      co_return {};
    case 3:
      co_return co_await use_permit(world);
    case 4:
      co_return co_await send(world);
    case 5:
      co_return co_await receive(world);
    case 6:
      co_return co_await with_limit(world, scope, depth);
    case 7:
      co_return co_await race(world);
    case 8:
      co_return co_await both(world);
    case 9:
      co_return co_await own_scope(world);
    case 10:
      co_return co_await last_words(world);
    case 11: {
      const auto random = co_await world.shard.run([&world] { return world.random.uniform(4); });
      if (random == 0) {
        world.event.set();
      } else if (random == 1) {
        world.event.reset();
      }
      co_return {};
    }
    default: {
      if (!world.scopes.empty() && world.random.chance(0.2)) {
        world.random.pick(world.scopes)->cancel();
      }
      const DeadlineScope limit(co_await this_task(), world.some_time());
      co_await world.event.wait();
      co_return {};
    }
  }
}

Task<void> run_world(World& world) {
  TaskScope scope(world.loop);
  world.scopes.push_back(&scope);
  for (int i = 0; i < 10; ++i) {
    spawn(world, scope, 0);
  }
  co_await sleep_for(50ms);
  co_await scope.stop();
  CHECK_EQ(world.started, world.ended);
}

struct Trace {
  std::uint64_t steps = 0;
  std::uint64_t sent = 0;
  Instant end;
  friend bool operator==(const Trace&, const Trace&) = default;
};

Trace run_seed(std::uint64_t seed) {
  World world(seed);
  run_until_done(world.loop, run_world(world));
  EXPECT_EQ(world.started, world.ended) << "seed " << seed;
  EXPECT_EQ(world.holding, 0U) << "seed " << seed;
  EXPECT_EQ(world.semaphore.available(), kPermits) << "seed " << seed;
  EXPECT_EQ(world.sent, world.received + world.channel.size()) << "seed " << seed;
  EXPECT_TRUE(world.loop.timers().empty()) << "seed " << seed;
  return {.steps = world.loop.steps(), .sent = world.sent, .end = world.loop.now()};
}

TEST(Stress, RandomTasksEndAndLoseNothingWhateverTheOrder) {
  std::uint64_t steps = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    steps += run_seed(seed).steps;
    if (::testing::Test::HasFailure()) {
      break;
    }
  }
  EXPECT_GT(steps, 100'000U);  // the tasks did something
}

TEST(Stress, ASeedRepeatsItsRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(run_seed(seed), run_seed(seed));
  }
}

}  // namespace
}  // namespace kthena::async
