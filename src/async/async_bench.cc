// What the runtime itself costs: each request pays for a handful of these.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <vector>

#include "async/channel.h"
#include "async/epoll_loop.h"
#include "async/io_source.h"
#include "async/shard.h"
#include "async/simulated_loop.h"
#include "async/time.h"

namespace kthena::async {
namespace {

using namespace std::chrono_literals;

Task<void> nothing() { co_return; }

Task<void> spawn_and_join(benchmark::State& state) {
  TaskScope scope((co_await this_task()).context->loop());
  for (auto _ : state) {
    scope.spawn(nothing());
    co_await scope.join();
  }
}
/// A task from spawn() to its end, and the turn of the loop that runs it.
void spawn_and_finish(benchmark::State& state) {
  const auto loop = *EpollLoop::create();
  run_until_done(*loop, spawn_and_join(state));
}
BENCHMARK(spawn_and_finish);

Task<int> depth(int left) { co_return left == 0 ? 0 : 1 + co_await depth(left - 1); }
Task<void> await_often(benchmark::State& state, int levels) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(co_await depth(levels));
  }
}
/// co_await of a task that does not suspend, as deep as the argument says.
void await_depth(benchmark::State& state) {
  SimulatedLoop loop;
  const auto levels = static_cast<int>(state.range(0));
  run_until_done(loop, await_often(state, levels - 1));
  state.SetItemsProcessed(state.iterations() * levels);
}
BENCHMARK(await_depth)->Arg(1)->Arg(4)->Arg(16);

Task<void> limit_often(benchmark::State& state) {
  for (auto _ : state) {
    const DeadlineScope limit(co_await this_task(), 30s);
    benchmark::DoNotOptimize(co_await depth(0));
  }
}
/// A deadline around an await, with as many other timers as the argument says.
void deadline_scope(benchmark::State& state) {
  SimulatedLoop loop;
  std::vector<std::unique_ptr<Timer>> others;
  const auto never = [] {};
  for (int i = 0; i < state.range(0); ++i) {
    others.push_back(std::make_unique<CallbackTimer<decltype(never)>>(loop, never));
    others.back()->set(loop.now() + 1h + std::chrono::milliseconds((i * 7919) % 100'000));
  }
  run_until_done(loop, limit_often(state));
}
BENCHMARK(deadline_scope)->Arg(0)->Arg(10'000);

/// A timer pushed on, as by each event of a stream: the limit on its silence.
void timer_extend(benchmark::State& state) {
  SimulatedLoop loop;
  const auto never = [] {};
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < state.range(0); ++i) {
    timers.push_back(std::make_unique<CallbackTimer<decltype(never)>>(loop, never));
    timers.back()->set(loop.now() + std::chrono::milliseconds((i * 7919) % 100'000));
  }
  std::size_t next = 0;
  Instant at = loop.now() + 1h;
  for (auto _ : state) {
    timers[next]->set(at);
    at += 1us;
    next = next + 1 == timers.size() ? 0 : next + 1;
  }
}
BENCHMARK(timer_extend)->Arg(10'000);

/// A timer set among others and cancelled again, neither first nor last.
void timer_set_and_cancel(benchmark::State& state) {
  SimulatedLoop loop;
  const auto never = [] {};
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < state.range(0); ++i) {
    timers.push_back(std::make_unique<CallbackTimer<decltype(never)>>(loop, never));
    timers.back()->set(loop.now() + std::chrono::milliseconds((i * 7919) % 100'000));
  }
  CallbackTimer timer(loop, never);
  int step = 0;
  for (auto _ : state) {
    timer.set(loop.now() + std::chrono::milliseconds((step++ * 7919) % 100'000));
    timer.cancel();
  }
}
BENCHMARK(timer_set_and_cancel)->Arg(0)->Arg(10'000);

Task<void> yield_often(benchmark::State& state) {
  for (auto _ : state) {
    co_await yield();
  }
}
/// A suspension, the ready queue, a resumption; every 1,024th comes with a poll.
void ready_turn(benchmark::State& state) {
  const auto loop = *EpollLoop::create();
  run_until_done(*loop, yield_often(state));
}
BENCHMARK(ready_turn);

Task<void> answer(Channel<int>& questions, Channel<int>& answers) {
  while (const auto question = co_await questions.receive()) {
    if (!co_await answers.send(*question)) {
      break;
    }
  }
}
Task<void> ask_often(benchmark::State& state) {
  TaskScope scope((co_await this_task()).context->loop());
  Channel<int> questions(1);
  Channel<int> answers(1);
  scope.spawn(answer(questions, answers));
  for (auto _ : state) {
    co_await questions.send(1);
    co_await answers.receive();
  }
  questions.close();
  co_await scope.join();
}
/// There and back between two tasks of a shard.
void channel_round_trip(benchmark::State& state) {
  const auto loop = *EpollLoop::create();
  run_until_done(*loop, ask_often(state));
}
BENCHMARK(channel_round_trip);

Task<void> call_often(benchmark::State& state, Shard& other) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(co_await other.run([] { return 1; }));
  }
}
/// There and back between two threads that sleep in between.
void cross_shard_round_trip(benchmark::State& state) {
  const auto thread = *ShardThread::start(1, "other");
  const auto loop = *EpollLoop::create();
  run_until_done(*loop, call_often(state, thread->shard()));
}
BENCHMARK(cross_shard_round_trip)->UseRealTime();

Task<void> socket_often(benchmark::State& state, IoSource& source, int here, int there) {
  char byte = 0;
  for (auto _ : state) {
    static_cast<void>(::send(there, "x", 1, 0));
    source.clear_readable();
    if (!co_await wait_io(source, Interest::Read)) {
      co_return;
    }
    benchmark::DoNotOptimize(::recv(here, &byte, 1, 0));
  }
}
/// A byte over a socket pair: three system calls, and what the loop adds.
void socket_wake_up(benchmark::State& state) {
  const auto loop = *EpollLoop::create();
  std::array<int, 2> ends{};
  CHECK_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
  {
    IoSource source(*loop);
    CHECK(loop->watch(ends[0], source));
    run_until_done(*loop, socket_often(state, source, ends[0], ends[1]));
    loop->unwatch(ends[0]);
  }
  ::close(ends[0]);
  ::close(ends[1]);
}
BENCHMARK(socket_wake_up);

}  // namespace
}  // namespace kthena::async
