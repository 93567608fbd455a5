#include "async/channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "async/testing/loops.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

template <class L>
class Waiting : public testing::OnBothLoops<L> {};
TYPED_TEST_SUITE(Waiting, testing::Loops);

Task<void> produce(Channel<int>& channel, int count) {
  for (int i = 0; i < count; ++i) {
    CHECK(co_await channel.send(i));
    CHECK_LE(channel.size(), 2U);
  }
  channel.close();
}
Task<std::vector<int>> consume(Loop& loop) {
  Channel<int> channel(2);
  TaskScope scope(loop);
  scope.spawn(produce(channel, 100));
  std::vector<int> got;
  while (true) {
    const auto item = co_await channel.receive();
    if (!item) {
      CHECK(item.error().code() == ErrorCode::NotFound);
      break;
    }
    got.push_back(*item);
  }
  co_await scope.join();
  co_return got;
}
TYPED_TEST(Waiting, ChannelPassesEverythingInOrderWithinItsBound) {
  std::vector<int> expected(100);
  std::ranges::generate(expected, [i = 0]() mutable { return i++; });
  EXPECT_EQ(this->run(consume(this->loop())), expected);
}

Task<void> receive_into(Channel<std::unique_ptr<int>>& channel, std::vector<ErrorCode>& ends) {
  const auto item = co_await channel.receive();
  ends.push_back(item ? ErrorCode::Internal : item.error().code());
}
Task<void> send_one(Channel<std::unique_ptr<int>>& channel, std::vector<ErrorCode>& ends) {
  const auto sent = co_await channel.send(std::make_unique<int>(1));
  ends.push_back(sent ? ErrorCode::Internal : sent.error().code());
}
Task<std::vector<ErrorCode>> close_wakes_all(Loop& loop) {
  std::vector<ErrorCode> ends;
  Channel<std::unique_ptr<int>> empty(1);
  Channel<std::unique_ptr<int>> full(1);
  auto item = std::make_unique<int>(0);
  CHECK(full.try_send(item));
  TaskScope scope(loop);
  for (int i = 0; i < 3; ++i) {
    scope.spawn(receive_into(empty, ends));
    scope.spawn(send_one(full, ends));
  }
  co_await sleep_for(1ms);
  empty.close();
  full.close();
  co_await scope.join();
  auto more = std::make_unique<int>(2);
  CHECK(!full.try_send(more) && more != nullptr);
  CHECK(full.try_receive().has_value());  // what was sent before is still there
  co_return ends;
}
TYPED_TEST(Waiting, ClosingAChannelWakesSendersAndReceivers) {
  EXPECT_EQ(this->run(close_wakes_all(this->loop())), std::vector(6, ErrorCode::NotFound));
}

/// A receiver is woken for an item, and cancelled before it runs: the item must not be lost.
Task<void> take(Channel<int>& channel, int& sum) {
  while (auto item = co_await channel.receive()) {
    sum += *item;
  }
}
Task<int> cancel_woken_receiver(Loop& loop) {
  Channel<int> channel(10);
  int sum = 0;
  TaskScope first(loop);
  TaskScope second(loop);
  first.spawn(take(channel, sum));
  co_await sleep_for(1ms);
  second.spawn(take(channel, sum));
  co_await sleep_for(1ms);
  int item = 5;
  CHECK(channel.try_send(item));
  first.cancel();
  co_await sleep_for(1ms);
  co_await first.join();
  channel.close();
  co_await second.join();
  co_return sum;
}
TYPED_TEST(Waiting, ACancelledReceiverLosesNoItem) {
  EXPECT_EQ(this->run(cancel_woken_receiver(this->loop())), 5);
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
TYPED_TEST(Waiting, SemaphoreBoundsHowManyRun) { EXPECT_EQ(this->run(contend(this->loop())), 3); }

Task<void> note_turn(Semaphore& semaphore, std::vector<int>& order, int id) {
  const auto permit = co_await semaphore.acquire();
  order.push_back(id);
}
Task<std::vector<int>> permits_in_order(Loop& loop) {
  Semaphore semaphore(1);
  std::vector<int> order;
  TaskScope scope(loop);
  auto held = co_await semaphore.acquire();
  for (int id = 0; id < 5; ++id) {
    scope.spawn(note_turn(semaphore, order, id));
    co_await sleep_for(1ms);
  }
  held->release();
  // Who asks now stands behind them although the permit is free for a moment.
  const auto mine = co_await semaphore.acquire();
  order.push_back(99);
  co_await scope.join();
  co_return order;
}
TYPED_TEST(Waiting, PermitsAreGivenInOrder) {
  EXPECT_EQ(this->run(permits_in_order(this->loop())), (std::vector{0, 1, 2, 3, 4, 99}));
}

Task<std::size_t> cancelled_acquire(Loop& loop) {
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
  co_return semaphore.available();
}
TYPED_TEST(Waiting, CancelledAcquireLosesNoPermit) {
  EXPECT_EQ(this->run(cancelled_acquire(this->loop())), 1U);
}

/// Granted, then cancelled before it runs: the permit is taken and comes back.
Task<std::size_t> cancel_granted(Loop& loop) {
  Semaphore semaphore(1);
  std::vector<int> order;
  TaskScope scope(loop);
  auto held = co_await semaphore.acquire();
  scope.spawn(note_turn(semaphore, order, 1));
  co_await sleep_for(1ms);
  held->release();
  scope.cancel();
  co_await scope.join();
  CHECK_EQ(order.size(), 1U);
  co_return semaphore.available();
}
TYPED_TEST(Waiting, APermitGivenToACancelledTaskComesBack) {
  EXPECT_EQ(this->run(cancel_granted(this->loop())), 1U);
}

Task<void> wait_for(Event& event, int& woken) {
  if (co_await event.wait()) {
    ++woken;
  }
}
Task<int> set_event(Loop& loop) {
  Event event;
  int woken = 0;
  TaskScope scope(loop);
  for (int i = 0; i < 3; ++i) {
    scope.spawn(wait_for(event, woken));
  }
  co_await sleep_for(1ms);
  event.set();
  event.reset();  // who waited was woken all the same
  co_await scope.join();
  scope.spawn(wait_for(event, woken));
  co_await sleep_for(1ms);
  CHECK_EQ(scope.running(), 1U);
  co_await scope.stop();
  event.set();
  CHECK(co_await event.wait());
  co_return woken;
}
TYPED_TEST(Waiting, EventWakesAllWhoWaitUntilItIsReset) {
  EXPECT_EQ(this->run(set_event(this->loop())), 3);
}

}  // namespace
}  // namespace kthena::async
