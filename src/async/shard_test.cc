#include "async/shard.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/log_tag_scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

Task<int> add_up(Shard& other, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += co_await other.run([i] { return i; });
  }
  co_return sum;
}
TEST(Shard, AnswersCallsFromAnotherShard) {
  const auto thread = *ShardThread::start(1, "other");
  const auto loop = *EpollLoop::create();
  EXPECT_EQ(run_until_done(*loop, add_up(thread->shard(), 1000)), 499'500);
}

TEST(Shard, SimulatedShardsShareALoop) {
  SimulatedLoop loop(5);
  Shard shard(1, loop);
  EXPECT_EQ(run_until_done(loop, add_up(shard, 100)), 4950);
}

Task<std::string> call_that_throws(Shard& other) {
  try {
    co_await other.run([]() -> int { throw std::runtime_error("over there"); });
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "nothing";
}
TEST(Shard, ThrowsToTheCaller) {
  const auto thread = *ShardThread::start(1, "other");
  const auto loop = *EpollLoop::create();
  EXPECT_EQ(run_until_done(*loop, call_that_throws(thread->shard())), "over there");
}

Task<bool> resumes_at_home(Shard& other, std::thread::id home) {
  LogTagScope tags(co_await this_task());
  const auto* mine = telemetry::current_tags();
  std::thread::id there;
  co_await other.run([&] { there = std::this_thread::get_id(); });
  co_return there != home&& std::this_thread::get_id() == home&& telemetry::current_tags() == mine;
}
TEST(Shard, TheCallerGoesOnOnItsOwnThreadWithItsTags) {
  const auto thread = *ShardThread::start(1, "other");
  const auto loop = *EpollLoop::create();
  EXPECT_TRUE(run_until_done(*loop, resumes_at_home(thread->shard(), std::this_thread::get_id())));
}

/// A loop that takes work and never runs it, like that of a shard which has stopped.
Task<Result<int>> call_stopped_shard(std::unique_ptr<EpollLoop>& stopped, Loop& loop) {
  Shard shard(1, *stopped);
  Result<int> answer = 0;
  TaskScope scope(loop);
  scope.spawn([](Shard& asked, Result<int>& into) -> Task<void> {
    into = co_await asked.run([]() -> Result<int> { return 1; });
  }(shard, answer));
  co_await sleep_for(1ms);
  CHECK_EQ(scope.running(), 1U);
  stopped.reset();
  co_await scope.join();
  co_return answer;
}
TEST(Shard, CallsThatAStoppedShardNeverCameToAreUnavailable) {
  auto stopped = *EpollLoop::create();
  const auto loop = *EpollLoop::create();
  EXPECT_EQ(run_until_done(*loop, call_stopped_shard(stopped, *loop)).error(),
            Error(ErrorCode::Unavailable, "the shard has stopped"));
}

TEST(Shard, CallsMadeBeforeTheStopAreAnswered) {
  for (int round = 0; round < 200; ++round) {
    auto thread = *ShardThread::start(1, "other");
    std::atomic<int> ran = 0;
    for (int i = 0; i < 10; ++i) {
      thread->shard().loop().post([&ran] { ++ran; });
    }
    thread.reset();
    ASSERT_EQ(ran, 10) << "round " << round;
  }
}

TEST(Shard, StopsAtOnceWhenItHasJustStarted) {
  for (int round = 0; round < 200; ++round) {
    const auto thread = *ShardThread::start(1, "short-lived");
  }
}

Task<void> count_on(Shard& shard, std::size_t& unguarded, int times) {
  for (int i = 0; i < times; ++i) {
    co_await shard.run([&unguarded] { ++unguarded; });
  }
}
Task<void> call_all(std::vector<Shard*> shards, std::vector<std::size_t*> counts, int times) {
  TaskScope scope((co_await this_task()).context->loop());
  for (std::size_t i = 0; i < shards.size(); ++i) {
    scope.spawn(count_on(*shards[i], *counts[i], times));
    scope.spawn(count_on(*shards[i], *counts[i], times));
  }
  co_await scope.join();
}
/// Each shard's counter is touched on its own thread only, so no lock is needed; the thread
/// sanitizer knows if that were not so.
TEST(Shard, AllCallAll) {
  constexpr int kShards = 4;
  constexpr int kTimes = 300;
  std::vector<std::size_t> counts(kShards);
  std::vector<std::unique_ptr<ShardThread>> threads;
  std::vector<Shard*> shards;
  std::vector<std::size_t*> counters;
  for (unsigned i = 0; i < kShards; ++i) {
    threads.push_back(*ShardThread::start(i, "shard"));
    shards.push_back(&threads.back()->shard());
    counters.push_back(&counts[i]);
  }
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      const auto loop = *EpollLoop::create();
      run_until_done(*loop, call_all(shards, counters, kTimes));
    });
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  threads.clear();
  EXPECT_EQ(counts, std::vector<std::size_t>(kShards, 3 * 2 * kTimes));
}

TEST(EpollLoop, TakesPostsFromManyThreadsInTheOrderOfEach) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 2000;
  const auto loop = *EpollLoop::create();
  std::vector<int> last(kThreads, -1);
  int received = 0;
  bool in_order = true;
  std::vector<std::thread> posters;
  for (int thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < kPosts; ++i) {
        loop->post([&, thread, i] {
          int& before = last[static_cast<std::size_t>(thread)];
          in_order = in_order && i == before + 1;
          before = i;
          if (++received == kThreads * kPosts) {
            loop->stop();
          }
        });
      }
    });
  }
  loop->run();
  for (std::thread& poster : posters) {
    poster.join();
  }
  EXPECT_EQ(received, kThreads * kPosts);
  EXPECT_TRUE(in_order);
}

/// The last post ends the loop's life: the poster must be done with it by then.
TEST(EpollLoop, MayBeDestroyedAsSoonAsThePostIsSeen) {
  for (int round = 0; round < 300; ++round) {
    auto loop = *EpollLoop::create();
    std::thread poster([&raw = *loop] {
      raw.post([] {});
      raw.post([&raw] { raw.stop(); });
    });
    loop->run();
    loop.reset();
    poster.join();
  }
}

Task<int> sleeps_on(int value) {
  co_await sleep_for(1ms);
  co_return value;
}
TEST(ShardThread, RunsTasksOfItsOwn) {
  // Tasks of a shard are spawned, and their scope stopped, on its thread.
  const auto thread = *ShardThread::start(1, "worker");
  std::unique_ptr<TaskScope> scope;
  std::atomic<int> sum = 0;
  std::atomic<bool> ended = false;
  Loop& loop = thread->shard().loop();
  loop.post([&] {
    scope = std::make_unique<TaskScope>(loop);
    for (int i = 0; i < 10; ++i) {
      scope->spawn([](std::atomic<int>& into, int value) -> Task<void> {
        into += co_await sleeps_on(value);
      }(sum, i));
    }
    scope->spawn([](TaskScope& own, std::atomic<bool>& over) -> Task<void> {
      while (own.running() > 1) {
        co_await yield();
      }
      over = true;
      over.notify_one();
    }(*scope, ended));
  });
  ended.wait(false);
  EXPECT_EQ(sum, 45);
  std::atomic<bool> freed = false;
  loop.post([&] {
    scope.reset();
    freed = true;
    freed.notify_one();
  });
  freed.wait(false);
}

/// While it lives, no thread starts: no machine has memory for such stacks.
class NoThreads {
 public:
  NoThreads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t huge = before_;
    ::pthread_attr_setstacksize(&huge, std::size_t{1} << 46);
    ::pthread_setattr_default_np(&huge);
  }
  ~NoThreads() { ::pthread_setattr_default_np(&before_); }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

TEST(ShardThread, AThreadThatCannotStartIsAnErrorWhichNamesIt) {
  const NoThreads exhausted;
  const auto thread = ShardThread::start(3, "data-3");
  ASSERT_FALSE(thread);
  EXPECT_EQ(thread.error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(thread.error().message(),
            "starting the thread data-3: Resource temporarily unavailable");
}

TEST(Shard, HasAtLeastOneCpu) { EXPECT_GE(usable_cpus(), 1U); }

}  // namespace
}  // namespace kthena::async
