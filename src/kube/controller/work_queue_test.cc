#include "kube/controller/work_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "kube/testing/seeds.h"
#include "telemetry/metrics.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

ObjectKey key(std::string name) { return {.namespace_name = "default", .name = std::move(name)}; }

class WorkQueues : public ::testing::Test {
 protected:
  /// The name of the next key, or the word for why there is none. No time passes.
  std::string take() {
    std::string taken = "nothing";
    async::TaskScope scope(loop_);
    scope.spawn(take_into(queue_, taken));
    loop_.run_ready();
    scope.cancel();
    loop_.run_ready();
    return taken;
  }
  static async::Task<void> take_into(WorkQueue& queue, std::string& taken) {
    if (const auto next = co_await queue.take()) {
      taken = next->name;
    } else if (next.error().code() == ErrorCode::NotFound) {
      taken = "shut down";
    }
  }

  async::SimulatedLoop loop_;
  telemetry::Registry registry_;
  WorkQueueMetricFamilies families_{registry_};
  WorkQueue queue_{loop_, {.seed = 1, .metrics = families_.of("test")}};
};

TEST_F(WorkQueues, HandsOutAKeyOnceHoweverOftenItWasAdded) {
  queue_.add(key("a"));
  queue_.add(key("a"));
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "nothing");
}

TEST_F(WorkQueues, HandsOutKeysInTheOrderInWhichTheyCame) {
  for (const char* name : {"b", "a", "c"}) {
    queue_.add(key(name));
  }
  EXPECT_EQ(take() + take() + take(), "bac");
}

TEST_F(WorkQueues, RunsAgainWhenAddedWhileProcessing) {
  queue_.add(key("a"));
  EXPECT_EQ(take(), "a");
  queue_.add(key("a"));
  EXPECT_EQ(take(), "nothing");  // not twice at the same time
  queue_.done(key("a"));
  EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueues, ChangesGoBeforeResyncs) {
  queue_.add(key("old"), Priority::Resync);
  queue_.add(key("edited"), Priority::Change);
  EXPECT_EQ(take(), "edited");
  EXPECT_EQ(take(), "old");
}

TEST_F(WorkQueues, AChangeLiftsAKeyThatWaitsAsAResync) {
  queue_.add(key("first"), Priority::Resync);
  queue_.add(key("lifted"), Priority::Resync);
  queue_.add(key("lifted"), Priority::Change);
  EXPECT_EQ(take(), "lifted");
  EXPECT_EQ(take(), "first");
  EXPECT_EQ(take(), "nothing");
}

TEST_F(WorkQueues, AResyncDoesNotPushBackAChange) {
  queue_.add(key("a"), Priority::Change);
  queue_.add(key("a"), Priority::Resync);
  queue_.add(key("b"), Priority::Change);
  EXPECT_EQ(take() + take(), "ab");
}

TEST_F(WorkQueues, AKeyAddedWhileProcessingKeepsTheHigherOfItsPriorities) {
  queue_.add(key("a"));
  EXPECT_EQ(take(), "a");
  queue_.add(key("a"), Priority::Change);
  queue_.add(key("a"), Priority::Resync);
  queue_.add(key("b"), Priority::Resync);
  queue_.done(key("a"));
  EXPECT_EQ(take() + take(), "ab");
}

TEST_F(WorkQueues, WaitsForTheTimeItWasGiven) {
  queue_.add_after(key("a"), 10s);
  loop_.run_for(9s);
  EXPECT_EQ(take(), "nothing");
  loop_.run_for(1s);
  EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueues, OfTwoTimesTheEarlierCounts) {
  queue_.add_after(key("a"), 5s);
  queue_.add_after(key("a"), 60s);
  queue_.add_after(key("b"), 60s);
  queue_.add_after(key("b"), 5s);
  loop_.run_for(5s);
  EXPECT_EQ(queue_.size(), 2U);
}

TEST_F(WorkQueues, AnAddDoesNotCancelALaterTime) {
  queue_.add_after(key("a"), 5s);
  queue_.add(key("a"));
  EXPECT_EQ(take(), "a");
  queue_.done(key("a"));
  loop_.run_for(5s);
  EXPECT_EQ(take(), "a");
}

TEST_F(WorkQueues, BacksOffTwiceAsLongAfterEachFailure) {
  Duration before = queue_.add_after_failure(key("a"));
  EXPECT_GE(before, 5ms);
  for (int i = 1; i < 12; ++i) {
    const Duration wait = queue_.add_after_failure(key("a"));
    EXPECT_GE(wait, before * 18 / 10);
    EXPECT_LE(wait, before * 22 / 10);
    before = wait;
  }
  queue_.forget(key("a"));
  EXPECT_LE(queue_.add_after_failure(key("a")), 6ms);
}

TEST_F(WorkQueues, NeverBacksOffLongerThanTheMost) {
  Duration wait{};
  for (int i = 0; i < 40; ++i) {
    loop_.run_for(1s);  // so that the common bucket is never empty
    wait = queue_.add_after_failure(key("a"));
  }
  EXPECT_GE(wait, 1000s);
  EXPECT_LE(wait, 1100s);
}

TEST_F(WorkQueues, ManyRetriesAtOnceAreSpread) {
  Duration last{};
  for (int i = 0; i < 150; ++i) {
    last = queue_.add_after_failure(key("k" + std::to_string(i)));
  }
  EXPECT_GE(last, 4900ms);  // 100 at once, the other 50 at 10 a second
  EXPECT_LE(last, 5100ms);
}

TEST_F(WorkQueues, HandsOutWhatIsLeftAfterShutDownAndThenSaysSo) {
  queue_.add(key("a"));
  queue_.add_after(key("later"), 1s);
  queue_.shut_down();
  queue_.add(key("b"));
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "shut down");
  loop_.run_for(10s);
  EXPECT_EQ(take(), "shut down");
}

TEST_F(WorkQueues, TellsHowLongTheOldestIsInWork) {
  EXPECT_EQ(queue_.longest_in_work(), Duration::zero());
  queue_.add(key("a"));
  EXPECT_EQ(take(), "a");
  loop_.run_for(7s);
  EXPECT_EQ(queue_.longest_in_work(), Duration(7s));
}

TEST_F(WorkQueues, CountsUnderTheUsualNames) {
  queue_.add(key("a"));
  queue_.add(key("a"));
  queue_.add(key("b"));
  EXPECT_EQ(take(), "a");
  queue_.add(key("a"));
  queue_.done(key("a"));
  queue_.add_after_failure(key("a"));
  const WorkQueueMetrics metrics = families_.of("test");
  EXPECT_EQ(metrics.adds.value(), 3);
  EXPECT_EQ(metrics.depth.value(), 2);
  EXPECT_EQ(metrics.retries.value(), 1);
  EXPECT_EQ(metrics.queue_seconds.count(), 1);
  EXPECT_EQ(metrics.work_seconds.count(), 1);
}

TEST_F(WorkQueues, KeepsNothingOfAKeyThatIsDone) {
  for (int round = 0; round < 2; ++round) {
    queue_.add_after_failure(key("a"));
    loop_.run_for(1s);
    EXPECT_EQ(take(), "a");
    queue_.forget(key("a"));
    queue_.done(key("a"));
  }
  EXPECT_EQ(queue_.size() + queue_.in_work() + queue_.waiting(), 0U);
  EXPECT_EQ(queue_.failures(key("a")), 0U);
}

// What must hold whatever happens, in whatever order: a seed is a history.

struct World {
  explicit World(std::uint64_t seed)
      : loop(seed), queue(loop, {.seed = seed, .metrics = {}}), scope(loop) {}
  async::SimulatedLoop loop;
  WorkQueue queue;
  std::map<std::string, int> versions;  ///< the truth, changed before each add
  std::map<std::string, int> seen;      ///< what the workers last saw
  std::set<std::string> in_work;
  int overlaps = 0;
  async::TaskScope scope;
};

async::Task<void> work(World& world) {
  while (true) {
    const auto taken = co_await world.queue.take();
    if (!taken) {
      co_return;
    }
    world.overlaps += world.in_work.insert(taken->name).second ? 0 : 1;
    world.seen[taken->name] = world.versions[taken->name];
    if (world.loop.random_below(2) == 0) {
      (void)co_await async::sleep_for(1ms * world.loop.random_below(50));
    }
    world.in_work.erase(taken->name);
    if (world.loop.random_below(4) == 0) {
      world.queue.add_after_failure(*taken);
    } else {
      world.queue.forget(*taken);
    }
    world.queue.done(*taken);
  }
}

async::Task<void> change(World& world) {
  for (int i = 0; i < 40; ++i) {
    const ObjectKey changed =
        key(std::string(1, static_cast<char>('a' + world.loop.random_below(4))));
    ++world.versions[changed.name];
    const auto how = world.loop.random_below(3);
    if (how == 0) {
      world.queue.add_after(changed, 1ms * world.loop.random_below(30));
    } else {
      world.queue.add(changed, how == 1 ? Priority::Change : Priority::Resync);
    }
    (void)co_await async::sleep_for(1ms * world.loop.random_below(20));
  }
}

TEST(WorkQueue, LosesNoChangeAndNeverRunsAKeyTwiceAtOnce) {
  const testing::Seeds seeds = testing::seeds(38000, 1900);
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    World world(seed);
    for (int i = 0; i < 3; ++i) {
      world.scope.spawn(work(world));
    }
    world.scope.spawn(change(world));
    world.loop.run_for(1h);
    ASSERT_EQ(world.overlaps, 0) << testing::replay(seed);
    ASSERT_EQ(world.seen, world.versions) << testing::replay(seed);
    world.scope.cancel();
    world.loop.run();
  }
}

}  // namespace
}  // namespace kthena::kube
