#include "async/loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/testing/loops.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

template <class L>
class BothLoops : public testing::OnBothLoops<L> {};
TYPED_TEST_SUITE(BothLoops, testing::Loops);

TYPED_TEST(BothLoops, StopBeforeRunEndsTheNextRunOnly) {
  bool fired = false;
  CallbackTimer timer(this->loop(), [&] {
    fired = true;
    this->loop().stop();
  });
  timer.set(this->loop().now());
  this->loop().stop();
  this->loop().run();
  EXPECT_FALSE(fired);
  this->loop().run();
  EXPECT_TRUE(fired);
}

TYPED_TEST(BothLoops, PostedWorkRunsInOrder) {
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) {
    this->loop().post([&order, i] { order.push_back(i); });
  }
  this->loop().post([this] { this->loop().stop(); });
  this->loop().run();
  std::vector<int> expected(100);
  for (int i = 0; i < 100; ++i) {
    expected[static_cast<std::size_t>(i)] = i;
  }
  EXPECT_EQ(order, expected);
}

TYPED_TEST(BothLoops, WorkPostedBeforeStopRuns) {
  int ran = 0;
  this->loop().post([&] {
    ++ran;
    this->loop().post([&] { ++ran; });
    this->loop().stop();
  });
  this->loop().post([&] { ++ran; });
  this->loop().run();
  EXPECT_EQ(ran, 3);
}

TYPED_TEST(BothLoops, PostedWorkMayPostMore) {
  int left = 1000;
  const auto step = [&](const auto& self) -> void {
    if (--left == 0) {
      this->loop().stop();
      return;
    }
    this->loop().post([&self] { self(self); });
  };
  this->loop().post([&] { step(step); });
  this->loop().run();
  EXPECT_EQ(left, 0);
}

TYPED_TEST(BothLoops, IsCurrentWhileItRuns) {
  EXPECT_EQ(Loop::current(), nullptr);
  Loop* seen = nullptr;
  this->loop().post([&] {
    seen = Loop::current();
    this->loop().stop();
  });
  this->loop().run();
  EXPECT_EQ(seen, &this->loop());
  EXPECT_EQ(Loop::current(), nullptr);
}

template <class L>
std::unique_ptr<L> make_loop() {
  if constexpr (std::is_same_v<L, EpollLoop>) {
    return *EpollLoop::create();
  } else {
    return std::make_unique<SimulatedLoop>();
  }
}
TYPED_TEST(BothLoops, FreesPostedWorkThatNeverRan) {
  auto loop = make_loop<TypeParam>();
  const auto token = std::make_shared<int>(1);
  loop->post([token] {});
  // Its end may post again, as the way back of a cross-shard call does.
  struct PostsWhenDestroyed {
    Loop* loop;
    std::shared_ptr<int> token;
    PostsWhenDestroyed(Loop& to, std::shared_ptr<int> held) : loop(&to), token(std::move(held)) {}
    PostsWhenDestroyed(PostsWhenDestroyed&& other) noexcept
        : loop(std::exchange(other.loop, nullptr)), token(std::move(other.token)) {}
    ~PostsWhenDestroyed() {
      if (loop != nullptr) {
        loop->post([held = std::move(token)] {});
      }
    }
    void operator()() {}
  };
  loop->post(PostsWhenDestroyed(*loop, token));
  EXPECT_EQ(token.use_count(), 3);
  loop.reset();
  EXPECT_EQ(token.use_count(), 1);
}

class Work final : public Runnable {
 public:
  explicit Work(int& ran) : ran_(ran) {}
  void run() noexcept override { ++ran_; }

 private:
  int& ran_;
};
TYPED_TEST(BothLoops, ReadyWorkThatIsDestroyedDoesNotRun) {
  int ran = 0;
  auto doomed = std::make_unique<Work>(ran);
  Work kept(ran);
  this->loop().make_ready(*doomed);
  this->loop().make_ready(kept);
  this->loop().make_ready(kept);  // once is enough
  doomed.reset();
  this->run([]() -> Task<void> { co_await sleep_for(1ms); }());
  EXPECT_EQ(ran, 1);
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

TEST(SimulatedLoop, RunForStandsAtItsEnd) {
  SimulatedLoop loop;
  std::vector<int> fired;
  CallbackTimer early(loop, [&] { fired.push_back(1); });
  CallbackTimer late(loop, [&] { fired.push_back(2); });
  const Instant start = loop.now();
  early.set(start + 10ms);
  late.set(start + 10ms + 1ns);
  loop.run_for(10ms);
  EXPECT_EQ(fired, std::vector{1});
  EXPECT_EQ(loop.now(), start + 10ms);
  EXPECT_EQ(loop.clock().now(), loop.now());
}

TEST(SimulatedLoop, RunForThatIsStoppedDoesNotJumpOverTimers) {
  SimulatedLoop loop;
  const Instant start = loop.now();
  CallbackTimer stopper(loop, [&] { loop.stop(); });
  Instant seen;
  CallbackTimer after(loop, [&] { seen = loop.now(); });
  stopper.set(start + 10ms);
  after.set(start + 20ms);
  loop.run_for(1h);
  EXPECT_EQ(loop.now(), start + 10ms);
  loop.run_for(1h);
  EXPECT_EQ(seen, start + 20ms);
}

Task<void> yield_until(bool& stop) {
  while (!stop) {
    co_await yield();
  }
}
TEST(SimulatedLoop, RunReadyEndsAtStopAndLeavesNoStopBehind) {
  SimulatedLoop loop;
  bool stop = false;
  TaskScope scope(loop);
  scope.spawn(yield_until(stop));
  loop.post([&] { loop.stop(); });
  loop.run_ready();
  stop = true;
  loop.run();
  EXPECT_EQ(scope.running(), 0U);
}

}  // namespace
}  // namespace kthena::async
