#include "async/time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/channel.h"
#include "async/testing/loops.h"
#include "base/random.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

template <class L>
class Times : public testing::OnBothLoops<L> {};
TYPED_TEST_SUITE(Times, testing::Loops);

Task<Result<int>> sleeps(Duration duration, int value) {
  CO_TRY(co_await sleep_for(duration));
  co_return value;
}

Task<Duration> measure(Loop& loop, Duration duration) {
  const Instant start = loop.now();
  CHECK(co_await sleep_for(duration));
  co_return loop.now() - start;
}
TYPED_TEST(Times, SleepTakesAsLongAsItSays) {
  EXPECT_GE(this->run(measure(this->loop(), 3ms)), 3ms);
  EXPECT_GE(this->run(measure(this->loop(), -1ms)), 0ms);
}

Task<std::string> with_deadline() {
  DeadlineScope limit(co_await this_task(), 5ms);
  const auto result = co_await sleeps(10s, 1);
  co_return std::string(to_string(result.error().code())) + (limit.expired() ? " expired" : "");
}
TYPED_TEST(Times, DeadlineEndsWhatIsAwaited) {
  EXPECT_EQ(this->run(with_deadline()), "DeadlineExceeded expired");
}

Task<int> goes_on_after_the_block() {
  {
    const DeadlineScope limit(co_await this_task(), 5ms);
    co_await sleeps(10s, 1);
  }
  co_return (co_await sleeps(10ms, 4)).value_or(-1);
}
TYPED_TEST(Times, DeadlineEndsWithItsBlock) { EXPECT_EQ(this->run(goes_on_after_the_block()), 4); }

Task<std::pair<bool, bool>> nested_deadlines(Duration outer_limit, Duration inner_limit) {
  const DeadlineScope outer(co_await this_task(), outer_limit);
  const DeadlineScope inner(co_await this_task(), inner_limit);
  const auto result = co_await sleep_for(10s);
  CHECK(result.error().code() == ErrorCode::DeadlineExceeded);
  co_return std::pair(outer.expired(), inner.expired());
}
TYPED_TEST(Times, TheShorterOfNestedDeadlinesCounts) {
  EXPECT_EQ(this->run(nested_deadlines(5ms, 1h)), std::pair(true, false));
  EXPECT_EQ(this->run(nested_deadlines(1h, 5ms)), std::pair(false, true));
}

Task<std::string> inner_deadline_leaves_outer_alone() {
  std::string seen;
  DeadlineScope outer(co_await this_task(), 50ms);
  {
    const DeadlineScope inner(co_await this_task(), 2ms);
    seen += co_await sleep_for(10s) ? "done " : "inner ";
  }
  seen += co_await sleep_for(2ms) ? "done " : "cut ";
  seen += co_await sleep_for(10s) ? "done" : "outer";
  CHECK(outer.expired());
  co_return seen;
}
TEST(DeadlineScope, AfterAnInnerOneTheOuterOneStillHolds) {
  SimulatedLoop loop(3);
  EXPECT_EQ(run_until_done(loop, inner_deadline_leaves_outer_alone()), "inner done outer");
}

Task<Duration> extended(Loop& loop) {
  DeadlineScope limit(co_await this_task(), 10ms);
  for (int i = 0; i < 5; ++i) {
    CHECK(co_await sleep_for(5ms));
    limit.extend(loop.now() + 10ms);
  }
  const Instant last = loop.now();
  CHECK(!co_await sleep_for(10s));
  co_return loop.now() - last;
}
TEST(DeadlineScope, IsExtendedWithEachEvent) {
  SimulatedLoop loop(3);
  EXPECT_EQ(run_until_done(loop, extended(loop)), 10ms);
}

Task<bool> lifted() {
  DeadlineScope limit(co_await this_task(), 2ms);
  limit.lift();
  co_return (co_await sleep_for(5ms)).has_value() && !limit.expired();
}
TYPED_TEST(Times, LiftedDeadlineDoesNothing) { EXPECT_TRUE(this->run(lifted())); }

Task<ErrorCode> already_past(Loop& loop) {
  const DeadlineScope limit(co_await this_task(), loop.now() - 1h);
  co_return (co_await sleep_for(10s)).error().code();
}
TYPED_TEST(Times, DeadlineInThePastEndsTheFirstWait) {
  EXPECT_EQ(this->run(already_past(this->loop())), ErrorCode::DeadlineExceeded);
}

Task<void> shielded(std::string& seen) {
  CHECK(!co_await sleep_for(1h));
  {
    const ShieldScope shield(co_await this_task());
    seen += co_await sleep_for(1ms) ? "said " : "cut ";
    const DeadlineScope limit(co_await this_task(), 1ms);
    seen += co_await sleep_for(1h) ? "said " : "bounded ";
  }
  seen += co_await sleep_for(1ms) ? "alive" : "cancelled";
}
Task<std::string> cancel_shielded(Loop& loop) {
  std::string seen;
  TaskScope scope(loop);
  scope.spawn(shielded(seen));
  co_await yield();
  co_await scope.stop();
  co_return seen;
}
TYPED_TEST(Times, ShieldLetsLastWordsFinishAndNoMore) {
  EXPECT_EQ(this->run(cancel_shielded(this->loop())), "said bounded cancelled");
}

Task<void> yields(bool& stop) {
  while (!stop) {
    co_await yield();
  }
}
Task<void> cancel_one_that_yields(Loop& loop) {
  bool stop = false;
  TaskScope scope(loop);
  scope.spawn(yields(stop));
  scope.cancel();
  co_await yield();
  co_await yield();
  stop = true;
  co_await scope.join();
}
TYPED_TEST(Times, ACancelledTaskThatYieldsLetsOthersRun) {
  this->run(cancel_one_that_yields(this->loop()));
}

class Recorder final : public Timer {
 public:
  Recorder(Loop& loop, std::vector<int>& fired, int id) : Timer(loop), fired_(fired), id_(id) {}

 private:
  void on_timer() noexcept override { fired_.push_back(id_); }
  std::vector<int>& fired_;
  int id_;
};

TEST(Timer, FiresInOrderOfTimeWhateverIsSetMovedAndCancelled) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SimulatedLoop loop;
    Random random(seed);
    std::vector<int> fired;
    std::vector<std::unique_ptr<Recorder>> timers;
    for (int id = 0; id < 200; ++id) {
      timers.push_back(std::make_unique<Recorder>(loop, fired, id));
    }
    // What has to come out: (time, in which order it was set, id).
    std::vector<std::tuple<Instant, int, int>> expected(200);
    for (int step = 0; step < 1000; ++step) {
      const auto id = static_cast<std::size_t>(random.uniform(timers.size()));
      if (random.chance(0.2)) {
        timers[id]->cancel();
        expected[id] = {};
      } else {
        const Instant at = loop.now() + std::chrono::milliseconds(random.uniform(50));
        timers[id]->set(at);
        expected[id] = {at, step, static_cast<int>(id)};
      }
    }
    std::erase(expected, decltype(expected)::value_type{});
    std::ranges::sort(expected);
    std::vector<int> ids;
    for (const auto& [at, step, id] : expected) {
      ids.push_back(id);
    }
    loop.run();
    EXPECT_EQ(fired, ids) << "seed " << seed;
    EXPECT_TRUE(loop.timers().empty());
  }
}

TEST(Timer, MovedToALaterTimeFiresThenAndNotBefore) {
  SimulatedLoop loop;
  std::vector<int> fired;
  Recorder timer(loop, fired, 1);
  timer.set(loop.now() + 10ms);
  timer.set(loop.now() + 30ms);
  EXPECT_EQ(timer.deadline(), loop.now() + 30ms);
  loop.run_for(20ms);
  EXPECT_TRUE(fired.empty());
  loop.run_for(10ms);
  EXPECT_EQ(fired.size(), 1U);
}

TEST(Timer, ForgetsItselfWhenDestroyed) {
  SimulatedLoop loop;
  std::vector<int> fired;
  {
    Recorder timer(loop, fired, 1);
    timer.set(loop.now() + 1ms);
  }
  EXPECT_TRUE(loop.timers().empty());
  loop.run();
  EXPECT_TRUE(fired.empty());
}

/// Sets itself to a time that is due already, each time it fires.
class Eager final : public Timer {
 public:
  Eager(Loop& loop, Duration step) : Timer(loop), step_(step) {}
  int fired = 0;

 private:
  void on_timer() noexcept override {
    if (++fired < 1000) {
      set(loop().now() + step_);
    }
  }
  Duration step_;
};
Task<std::pair<int, int>> run_beside_eager_timer(Loop& loop, Duration step) {
  Eager eager(loop, step);
  Eager one(loop, 1h);
  eager.set(loop.now());
  one.set(loop.now());
  co_await sleep_for(0ms);
  const int at_first = eager.fired;
  while (eager.fired < 1000) {
    co_await sleep_for(0ms);
  }
  co_return std::pair(at_first, one.fired);
}
TYPED_TEST(Times, ATimerThatSetsItselfAnewDoesNotHoldUpTheLoop) {
  for (const Duration step : {Duration(0), Duration(-1h)}) {
    const auto [at_first, other] = this->run(run_beside_eager_timer(this->loop(), step));
    EXPECT_LE(at_first, 2);
    EXPECT_EQ(other, 1);
  }
}

/// Cancels, sets and destroys others while timers fire.
TEST(Timer, OthersMayBeChangedWhileTimersFire) {
  SimulatedLoop loop;
  std::vector<int> fired;
  auto doomed = std::make_unique<Recorder>(loop, fired, 1);
  Recorder cancelled(loop, fired, 2);
  Recorder moved(loop, fired, 3);
  CallbackTimer first(loop, [&] {
    fired.push_back(0);
    doomed.reset();
    cancelled.cancel();
    moved.set(loop.now() + 5ms);
  });
  first.set(loop.now());
  doomed->set(loop.now());
  cancelled.set(loop.now());
  moved.set(loop.now());
  loop.run_for(1ms);
  EXPECT_EQ(fired, (std::vector{0}));
  loop.run_for(5ms);
  EXPECT_EQ(fired, (std::vector{0, 3}));
}

}  // namespace
}  // namespace kthena::async
