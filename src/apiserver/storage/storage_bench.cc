// What the storage costs: commits on a real disk, lists, and changes that many follow.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/storage/memory_journal.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/storage/sqlite_journal.h"
#include "apiserver/storage/testing/edits.h"
#include "apiserver/storage/testing/temporary_folder.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "base/check.h"

namespace kthena::apiserver {
namespace {

using testing::pod;
using testing::put;

/// As large as a pod with its status.
const std::string& pod_text() {
  static const std::string text(3000, 'x');
  return text;
}

async::Task<void> write_one(ObjectStore& store, ObjectPath path, Durability durability) {
  benchmark::DoNotOptimize(
      co_await store.write(std::move(path), Expected::anything(), put(pod_text(), durability)));
}

async::Task<void> write_often(ObjectStore& store, int writer, std::int64_t writes,
                              Durability durability) {
  for (std::int64_t i = 0; i < writes; ++i) {
    co_await write_one(store, pod(std::to_string(writer)), durability);
  }
}

async::Task<void> write_all(ObjectStore& store, async::Loop& loop, int writers, std::int64_t writes,
                            Durability durability) {
  async::TaskScope tasks(loop);
  for (int i = 0; i < writers; ++i) {
    tasks.spawn(write_often(store, i, writes, durability));
  }
  co_await tasks.join();
}

/// Writers of one object each, 20 writes one after the other; on the disk of the temporary folder.
void commits(benchmark::State& state, Durability durability) {
  const testing::TemporaryFolder folder;
  const auto loop = *async::EpollLoop::create();
  const auto journal = *SqliteJournal::open(folder / "state.db");
  const auto store = *ObjectStore::open(*loop, *journal);
  constexpr std::int64_t kWrites = 20;
  for (auto _ : state) {
    async::run_until_done(
        *loop, write_all(*store, *loop, static_cast<int>(state.range(0)), kWrites, durability));
  }
  state.SetItemsProcessed(state.iterations() * kWrites * state.range(0));
  state.counters["writes/transaction"] =
      static_cast<double>(state.iterations() * kWrites * state.range(0)) /
      static_cast<double>(journal->transactions());
  async::run_until_done(*loop, store->stop());
}
void commits_of_specs(benchmark::State& state) { commits(state, Durability::Power); }
void commits_of_status(benchmark::State& state) { commits(state, Durability::Process); }
BENCHMARK(commits_of_specs)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(commits_of_status)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

/// The start of a server: the checks, 10,000 objects, and the changes that made them.
void open_10000(benchmark::State& state) {
  const testing::TemporaryFolder folder;
  const auto loop = *async::EpollLoop::create();
  {
    const auto journal = *SqliteJournal::open(folder / "state.db");
    const auto store = *ObjectStore::open(*loop, *journal);
    async::run_until_done(*loop, write_all(*store, *loop, 10'000, 1, Durability::Process));
    async::run_until_done(*loop, store->stop());
    (void)async::run_until_done(*loop, journal->close());
  }
  for (auto _ : state) {
    const auto journal = *SqliteJournal::open(folder / "state.db");
    const auto store = *ObjectStore::open(*loop, *journal);
    CHECK_EQ(store->count("pods"), 10'000U);
    async::run_until_done(*loop, store->stop());
  }
}
BENCHMARK(open_10000)->Unit(benchmark::kMillisecond);

/// A store on a disk in memory, without time in between.
struct World {
  explicit World(int pods) { async::run_until_done(loop, fill(pods)); }
  ~World() { async::run_until_done(loop, store->stop()); }

  async::Task<void> fill(int pods) {
    for (int i = 0; i < pods; ++i) {
      co_await write_one(*store, pod("pod-" + std::to_string(i)), Durability::Power);
    }
  }

  async::SimulatedLoop loop;
  MemoryDisk disk;
  MemoryJournal journal{loop, disk, {.slowest_commit = Duration(1)}};
  std::unique_ptr<ObjectStore> store = *ObjectStore::open(loop, journal, {.log_changes = 1000});
};

void list_10000(benchmark::State& state) {
  World world(10'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.store->list({.resource = "pods"}));
  }
}
BENCHMARK(list_10000)->Unit(benchmark::kMicrosecond);

/// 500 in the middle, as of 1,000 changes ago.
void old_page_of_10000(benchmark::State& state) {
  World world(10'000);
  const Version then = world.store->version() - 900;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        world.store->list({.resource = "pods",
                           .after = ListQuery::Place{.namespace_name = "default", .name = "pod-5"},
                           .limit = 500,
                           .version = then}));
  }
}
BENCHMARK(old_page_of_10000)->Unit(benchmark::kMicrosecond);

async::Task<void> follow(Subscription& subscription, std::int64_t& seen) {
  while (co_await subscription.next()) {
    ++seen;
  }
}

/// One write, and all who follow it.
void fan_out(benchmark::State& state) {
  World world(1);
  std::int64_t seen = 0;
  std::vector<std::unique_ptr<Subscription>> followers;
  async::TaskScope tasks(world.loop);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    followers.push_back(*world.store->subscribe("pods", "", world.store->version()));
    tasks.spawn(follow(*followers.back(), seen));
  }
  world.loop.run_ready();
  for (auto _ : state) {
    async::run_until_done(world.loop, write_one(*world.store, pod("pod-0"), Durability::Power));
    world.loop.run_ready();
  }
  state.SetItemsProcessed(seen);
  tasks.cancel();
  world.loop.run_ready();
}
BENCHMARK(fan_out)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kthena::apiserver
