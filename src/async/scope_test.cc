#include "async/scope.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/channel.h"
#include "async/combine.h"
#include "async/testing/loops.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

template <class L>
class Scopes : public testing::OnBothLoops<L> {};
TYPED_TEST_SUITE(Scopes, testing::Loops);

Task<Result<int>> sleeps(Duration duration, int value) {
  CO_TRY(co_await sleep_for(duration));
  co_return value;
}
Task<int> adds(int a, int b) {
  co_await yield();
  co_return a + b;
}

Task<void> record_end(std::vector<ErrorCode>& ends) {
  const auto result = co_await sleep_for(1h);
  ends.push_back(result ? ErrorCode::Internal : result.error().code());
}
Task<std::vector<ErrorCode>> stop_two(Loop& loop) {
  std::vector<ErrorCode> ends;
  TaskScope scope(loop);
  scope.spawn(record_end(ends));
  scope.spawn(record_end(ends));
  co_await sleep_for(1ms);
  co_await scope.stop();
  co_return ends;
}
TYPED_TEST(Scopes, StoppingCancelsAndWaits) {
  EXPECT_EQ(this->run(stop_two(this->loop())),
            (std::vector{ErrorCode::Cancelled, ErrorCode::Cancelled}));
}

Task<std::vector<ErrorCode>> spawn_after_stop(Loop& loop) {
  std::vector<ErrorCode> ends;
  TaskScope scope(loop);
  scope.cancel();
  scope.spawn(record_end(ends));
  CHECK(ends.empty());  // starts in this turn, not inside spawn()
  co_await scope.join();
  co_return ends;
}
TYPED_TEST(Scopes, TaskSpawnedIntoACancelledScopeRunsCancelled) {
  EXPECT_EQ(this->run(spawn_after_stop(this->loop())), (std::vector{ErrorCode::Cancelled}));
}

Task<void> spawn_another(TaskScope& scope, int left, int& ran) {
  ++ran;
  if (left > 0) {
    scope.spawn(spawn_another(scope, left - 1, ran));
  }
  co_return;
}
Task<int> join_those_spawned_meanwhile(Loop& loop) {
  int ran = 0;
  TaskScope scope(loop);
  scope.spawn(spawn_another(scope, 9, ran));
  co_await scope.join();
  CHECK_EQ(scope.running(), 0U);
  co_return ran;
}
TYPED_TEST(Scopes, JoinWaitsForTasksThatTasksSpawn) {
  EXPECT_EQ(this->run(join_those_spawned_meanwhile(this->loop())), 10);
}

/// Spawns into the scope once its last task has ended and whoever joins was woken, but did not run.
Task<void> spawn_when_empty(TaskScope& scope, bool& late_ran) {
  while (scope.running() != 0) {
    co_await yield();
  }
  scope.spawn([](bool& ran) -> Task<void> {
    co_await yield();
    co_await yield();
    ran = true;
  }(late_ran));
}
Task<void> ends_at_once() { co_return; }
Task<bool> joiner_sees_late_task(Loop& loop) {
  bool late_ran = false;
  TaskScope scope(loop);
  TaskScope other(loop);
  other.spawn(spawn_when_empty(scope, late_ran));
  scope.spawn(ends_at_once());
  co_await scope.join();
  const bool none_left = scope.running() == 0;
  co_await other.join();
  co_await scope.join();
  co_return none_left&& late_ran;
}
TEST(TaskScope, JoinLooksAgainForTasksSpawnedAfterItWasWoken) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedLoop loop(seed);
    EXPECT_TRUE(run_until_done(loop, joiner_sees_late_task(loop))) << "seed " << seed;
  }
}

Task<void> wait_for_end(TaskScope& scope, int& joined) {
  co_await scope.join();
  ++joined;
}
Task<int> several_joiners(Loop& loop) {
  int joined = 0;
  TaskScope scope(loop);
  TaskScope joiners(loop);
  scope.spawn([]() -> Task<void> { co_await sleep_for(1ms); }());
  for (int i = 0; i < 5; ++i) {
    joiners.spawn(wait_for_end(scope, joined));
  }
  co_await joiners.join();
  co_return joined;
}
TYPED_TEST(Scopes, SeveralMayJoin) { EXPECT_EQ(this->run(several_joiners(this->loop())), 5); }

/// A task that, cancelled while its scope stops, ends another scope's wait.
Task<void> end_on_cancel(Event& event) {
  co_await sleep_for(1h);
  event.set();
}
Task<bool> ends_while_stopping(Loop& loop) {
  Event event;
  TaskScope scope(loop);
  scope.spawn(end_on_cancel(event));
  scope.spawn([](Event& awaited) -> Task<void> { co_await awaited.wait(); }(event));
  co_await yield();
  co_await yield();
  co_await scope.stop();
  co_return event.is_set() && scope.running() == 0;
}
TYPED_TEST(Scopes, TasksMayEndEachOtherWhileTheScopeStops) {
  EXPECT_TRUE(this->run(ends_while_stopping(this->loop())));
}

Task<void> stop_own_owner(TaskScope& scope, bool& cancelled) {
  scope.cancel();
  cancelled = !(co_await sleep_for(1h)).has_value();
}
Task<bool> cancelled_from_inside(Loop& loop) {
  bool cancelled = false;
  TaskScope scope(loop);
  scope.spawn(stop_own_owner(scope, cancelled));
  co_await scope.join();
  co_return cancelled;
}
TYPED_TEST(Scopes, ATaskMayCancelItsOwnScope) {
  EXPECT_TRUE(this->run(cancelled_from_inside(this->loop())));
}

std::string caught;
Task<void> throws() {
  co_await yield();
  throw std::runtime_error("escaped");
}
Task<void> let_it_throw(Loop& loop) {
  TaskScope scope(loop);
  scope.set_on_exception([](std::exception_ptr exception) noexcept {
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      caught = error.what();
    }
  });
  scope.spawn(throws());
  co_await scope.join();
}
TYPED_TEST(Scopes, ReportTheExceptionThatEndedATask) {
  caught.clear();
  this->run(let_it_throw(this->loop()));
  EXPECT_EQ(caught, "escaped");
}
TEST(TaskScopeDeathTest, ExceptionWithoutAHandlerEndsTheProcess) {
  EXPECT_DEATH(
      {
        SimulatedLoop loop;
        TaskScope scope(loop);
        scope.spawn(throws());
        loop.run();
      },
      "escaped");
}
TEST(TaskScopeDeathTest, DestroyingAScopeWithTasksIsABug) {
  EXPECT_DEATH(
      {
        SimulatedLoop loop;
        TaskScope scope(loop);
        scope.spawn(ends_at_once());
      },
      "running_");
}

TYPED_TEST(Scopes, WhenAllGivesAllAnswers) {
  const auto [a, b, c] = this->run(when_all(sleeps(20ms, 1), adds(1, 1), ends_at_once()));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
}

Task<std::string> all_with_one_that_throws(bool& other_ended) {
  try {
    co_await when_all(throws(), [](bool& ended) -> Task<void> {
      co_await sleep_for(1ms);
      ended = true;
    }(other_ended));
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "nothing";
}
TYPED_TEST(Scopes, WhenAllThrowsOnceAllHaveEnded) {
  bool other_ended = false;
  EXPECT_EQ(this->run(all_with_one_that_throws(other_ended)), "escaped");
  EXPECT_TRUE(other_ended);
}

Task<First<Result<int>>> any() {
  co_return co_await when_any(sleeps(60s, 1), sleeps(5ms, 2), sleeps(60s, 3));
}
TYPED_TEST(Scopes, WhenAnyCancelsTheOthers) {
  const auto first = this->run(any());
  EXPECT_EQ(first.index, 1U);
  EXPECT_EQ(first.value, 2);
}

Task<std::vector<ErrorCode>> cancel_combined(Loop& loop) {
  std::vector<ErrorCode> codes;
  TaskScope scope(loop);
  scope.spawn([](std::vector<ErrorCode>& into) -> Task<void> {
    const auto [a, b] = co_await when_all(sleeps(1h, 1), sleeps(2h, 2));
    into.push_back(a.error().code());
    into.push_back(b.error().code());
    const auto first = co_await when_any(sleeps(1h, 1), sleeps(2h, 2));
    into.push_back(first.value.error().code());
  }(codes));
  co_await sleep_for(1ms);
  co_await scope.stop();
  co_return codes;
}
TYPED_TEST(Scopes, CancellationReachesCombinedTasks) {
  EXPECT_EQ(this->run(cancel_combined(this->loop())), std::vector(3, ErrorCode::Cancelled));
}

}  // namespace
}  // namespace kthena::async
