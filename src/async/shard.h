// A shard: one loop, and in production one thread for it. Work crosses from shard to shard only
// through run().
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "async/loop.h"
#include "async/scope.h"

namespace kthena::async {

/// A loop that others may send work to. In simulation several shards share one loop.
class Shard {
 public:
  Shard(unsigned index, Loop& loop) noexcept : index_(index), loop_(loop) {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  unsigned index() const noexcept { return index_; }
  Loop& loop() const noexcept { return loop_; }

  /// Runs `work` on this shard's thread and gives its answer to the awaiting task on its own:
  ///
  ///     const std::size_t streams = co_await shard.run([&] { return server.streams(); });
  ///
  /// Not cancellable: `work` is short and may refer to the caller's frame.
  template <class F>
  auto run(F work) {
    return Run<F>(loop_, std::move(work));
  }

 private:
  template <class F>
  class [[nodiscard]] Run final : public Runnable {
   public:
    using T = std::invoke_result_t<F&>;
    Run(Loop& target, F work) : target_(target), work_(std::move(work)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      Loop* home = Loop::current();
      target_.post([this, home] {
        if constexpr (std::is_void_v<T>) {
          work_();
        } else {
          result_.emplace(work_());
        }
        home->post([this] { handle_.resume(); });
      });
    }
    T await_resume() {
      if constexpr (!std::is_void_v<T>) {
        return *std::move(result_);
      }
    }
    void run() noexcept override { handle_.resume(); }

   private:
    struct Nothing {};
    Loop& target_;
    F work_;
    std::coroutine_handle<> handle_;
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> result_;
  };

  unsigned index_;
  Loop& loop_;
};

/// A thread that runs an EpollLoop as a shard. Stops and joins when destroyed.
class ShardThread {
 public:
  /// Errors: Internal when the machine has no descriptors left.
  static Result<std::unique_ptr<ShardThread>> start(unsigned index, std::string name);
  ~ShardThread();

  Shard& shard() noexcept { return shard_; }

 private:
  ShardThread(unsigned index, std::unique_ptr<Loop> loop, std::string name);
  std::unique_ptr<Loop> loop_;
  Shard shard_;
  std::thread thread_;
};

/// How many data shards this process should have: CPUs of the affinity mask, bounded by the
/// cgroup's CPU quota (rounded up); at least 1. Source: cgroup v2 cpu.max, v1 cpu.cfs_quota_us.
unsigned usable_cpus();

}  // namespace kthena::async
