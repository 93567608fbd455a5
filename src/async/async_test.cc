#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "async/channel.h"
#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/shard.h"
#include "async/simulated_loop.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

Task<int> add_later(int a, int b) {
  co_await sleep_for(10ms);
  co_return a + b;
}

Task<Result<int>> fails() { co_return fail(ErrorCode::NotFound, "nothing here"); }
Task<Result<int>> passes_on() { co_return CO_TRY(co_await fails()) + 1; }

Task<Result<int>> sleeps(Duration duration, int value) {
  CO_TRY(co_await sleep_for(duration));
  co_return value;
}

/// Each test runs on both loops.
template <class L>
class OnBothLoops : public ::testing::Test {
 public:
  OnBothLoops() {
    if constexpr (std::is_same_v<L, EpollLoop>) {
      loop_ = *EpollLoop::create();
    } else {
      loop_ = std::make_unique<SimulatedLoop>(7);
    }
  }
  Loop& loop() { return *loop_; }

 private:
  std::unique_ptr<Loop> loop_;
};
using Loops = ::testing::Types<EpollLoop, SimulatedLoop>;
TYPED_TEST_SUITE(OnBothLoops, Loops);

TYPED_TEST(OnBothLoops, TaskGivesItsValue) {
  EXPECT_EQ(run_until_done(this->loop(), add_later(2, 3)), 5);
}

TYPED_TEST(OnBothLoops, ErrorTravelsThroughTasks) {
  const auto result = run_until_done(this->loop(), passes_on());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "nothing here");
}

Task<std::string> with_deadline() {
  DeadlineScope limit(co_await this_task(), 5ms);
  const auto result = co_await sleeps(10s, 1);
  co_return std::string(to_string(result.error().code())) + (limit.expired() ? " expired" : "");
}
TYPED_TEST(OnBothLoops, DeadlineEndsWhatIsAwaited) {
  EXPECT_EQ(run_until_done(this->loop(), with_deadline()), "DeadlineExceeded expired");
}

Task<int> deadline_does_not_outlive_its_block() {
  {
    const DeadlineScope limit(co_await this_task(), 5ms);
    co_await sleeps(10s, 1);
  }
  co_return (co_await sleeps(10ms, 4)).value_or(-1);
}
TYPED_TEST(OnBothLoops, TaskGoesOnAfterTheBlockWithADeadline) {
  EXPECT_EQ(run_until_done(this->loop(), deadline_does_not_outlive_its_block()), 4);
}

Task<std::pair<int, int>> all() {
  auto [a, b] = co_await when_all(sleeps(20ms, 1), add_later(1, 1));
  co_return std::pair(a.value_or(-1), b);
}
TYPED_TEST(OnBothLoops, WhenAllGivesAllAnswers) {
  EXPECT_EQ(run_until_done(this->loop(), all()), std::pair(1, 2));
}

Task<std::size_t> any() {
  const auto first = co_await when_any(sleeps(60s, 1), sleeps(5ms, 2), sleeps(60s, 3));
  CHECK_EQ(first.value.value_or(-1), 2);
  co_return first.index;
}
TYPED_TEST(OnBothLoops, WhenAnyCancelsTheOthers) {
  EXPECT_EQ(run_until_done(this->loop(), any()), 1U);
}

Task<void> record_end(std::vector<ErrorCode>& ends) {
  const auto result = co_await sleep_for(1h);
  ends.push_back(result ? ErrorCode::Internal : result.error().code());
}
Task<std::vector<ErrorCode>> stop_scope(Loop& loop) {
  std::vector<ErrorCode> ends;
  TaskScope scope(loop);
  scope.spawn(record_end(ends));
  scope.spawn(record_end(ends));
  co_await sleep_for(1ms);
  co_await scope.stop();
  co_return ends;
}
TYPED_TEST(OnBothLoops, StoppingAScopeCancelsItsTasks) {
  EXPECT_EQ(run_until_done(this->loop(), stop_scope(this->loop())),
            (std::vector{ErrorCode::Cancelled, ErrorCode::Cancelled}));
}

Task<void> shielded(bool& finished) {
  const auto cancelled = co_await sleep_for(1h);
  CHECK(!cancelled);
  const ShieldScope shield(co_await this_task());
  finished = (co_await sleep_for(1ms)).has_value();
}
Task<bool> cancel_shielded(Loop& loop) {
  bool finished = false;
  TaskScope scope(loop);
  scope.spawn(shielded(finished));
  co_await yield();
  co_await scope.stop();
  co_return finished;
}
TYPED_TEST(OnBothLoops, ShieldLetsLastWordsFinish) {
  EXPECT_TRUE(run_until_done(this->loop(), cancel_shielded(this->loop())));
}

Task<void> produce(Channel<int>& channel, int count) {
  for (int i = 0; i < count; ++i) {
    CHECK(co_await channel.send(i));
  }
  channel.close();
}
Task<int> consume(Loop& loop) {
  Channel<int> channel(2);
  TaskScope scope(loop);
  scope.spawn(produce(channel, 100));
  int sum = 0;
  while (true) {
    const auto item = co_await channel.receive();
    if (!item) {
      CHECK(item.error().code() == ErrorCode::NotFound);
      break;
    }
    sum += *item;
  }
  co_await scope.join();
  co_return sum;
}
TYPED_TEST(OnBothLoops, ChannelPassesEverythingInOrderOfBackPressure) {
  EXPECT_EQ(run_until_done(this->loop(), consume(this->loop())), 4950);
}

Task<void> hold(Semaphore& semaphore, int& active, int& peak) {
  const auto permit = co_await semaphore.acquire();
  CHECK(permit);
  peak = std::max(peak, ++active);
  co_await sleep_for(1ms);
  --active;
}
Task<int> contend(Loop& loop) {
  Semaphore semaphore(3);
  int active = 0;
  int peak = 0;
  TaskScope scope(loop);
  for (int i = 0; i < 20; ++i) {
    scope.spawn(hold(semaphore, active, peak));
  }
  co_await scope.join();
  CHECK_EQ(semaphore.available(), 3U);
  co_return peak;
}
TYPED_TEST(OnBothLoops, SemaphoreBoundsHowManyRun) {
  EXPECT_EQ(run_until_done(this->loop(), contend(this->loop())), 3);
}

Task<bool> cancelled_acquire_keeps_permits(Loop& loop) {
  Semaphore semaphore(1);
  int active = 0;
  int peak = 0;
  {
    const auto held = co_await semaphore.acquire();
    const DeadlineScope limit(co_await this_task(), 1ms);
    CHECK(!(co_await semaphore.acquire()));
  }
  TaskScope scope(loop);
  scope.spawn(hold(semaphore, active, peak));
  co_await scope.join();
  co_return peak == 1 && semaphore.available() == 1;
}
TYPED_TEST(OnBothLoops, CancelledAcquireLosesNoPermit) {
  EXPECT_TRUE(run_until_done(this->loop(), cancelled_acquire_keeps_permits(this->loop())));
}

Task<void> append(std::string& order, char name) {
  for (int i = 0; i < 3; ++i) {
    order += name;
    co_await yield();
  }
}
std::string order_of(std::uint64_t seed) {
  SimulatedLoop loop(seed);
  std::string order;
  TaskScope scope(loop);
  for (const char name : {'a', 'b', 'c', 'd'}) {
    scope.spawn(append(order, name));
  }
  loop.run();
  return order;
}
TEST(SimulatedLoop, SameSeedSameOrderOtherSeedOtherOrder) {
  EXPECT_EQ(order_of(42), order_of(42));
  EXPECT_NE(order_of(42), order_of(43));
  EXPECT_EQ(order_of(0), "abcdabcdabcd");
}

Task<Duration> measure_hour(Loop& loop) {
  const Instant start = loop.now();
  co_await sleep_for(1h);
  co_return loop.now() - start;
}
TEST(SimulatedLoop, AnHourPassesAtOnce) {
  SimulatedLoop loop;
  EXPECT_EQ(run_until_done(loop, measure_hour(loop)), 1h);
}

TEST(SimulatedLoop, FreesPostedWorkThatNeverRan) {
  const auto token = std::make_shared<int>(1);
  {
    SimulatedLoop loop;
    loop.post([token] {});
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

Task<int> ask_other_shard(Shard& other) {
  int sum = 0;
  for (int i = 0; i < 1000; ++i) {
    sum += co_await other.run([i] { return i; });
  }
  co_return sum;
}
TEST(Shard, AnswersCallsFromAnotherShard) {
  auto thread = *ShardThread::start(1, "other");
  auto loop = *EpollLoop::create();
  EXPECT_EQ(run_until_done(*loop, ask_other_shard(thread->shard())), 499500);
}

TEST(Shard, HasAtLeastOneCpu) { EXPECT_GE(usable_cpus(), 1U); }

class Recorder final : public Timer {
 public:
  Recorder(Loop& loop, std::vector<int>& fired, int id) : Timer(loop), fired_(fired), id_(id) {}

 private:
  void on_timer() noexcept override { fired_.push_back(id_); }
  std::vector<int>& fired_;
  int id_;
};

TEST(TimerQueue, FiresInOrderOfTimeWhateverIsSetMovedAndCancelled) {
  SimulatedLoop loop;
  std::vector<int> fired;
  std::vector<std::unique_ptr<Recorder>> timers;
  for (int i = 0; i < 500; ++i) {
    timers.push_back(std::make_unique<Recorder>(loop, fired, (i * 7919) % 500));
    timers.back()->set(loop.now() + std::chrono::milliseconds((i * 7919) % 500));
  }
  std::vector<int> expected;
  for (int id = 0; id < 500; ++id) {
    if (id % 3 != 0) {
      expected.push_back(id);
    }
  }
  for (int i = 0; i < 500; ++i) {
    if (((i * 7919) % 500) % 3 == 0) {
      timers[static_cast<std::size_t>(i)]->cancel();
    }
  }
  loop.run();
  EXPECT_EQ(fired, expected);
}

}  // namespace
}  // namespace kthena::async
