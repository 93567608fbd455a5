// A shard: one loop, and in production one thread for it. Work crosses from shard to shard only
// through run().
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "async/loop.h"
#include "async/scope.h"
#include "base/check.h"
#include "base/result.h"

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
  /// Not cancellable: `work` is short and may refer to the caller's frame. What it throws is thrown
  /// to the caller. The caller's loop must outlive the shard's. If the shard's loop is destroyed
  /// before it came to it, a Result is Unavailable and all else aborts.
  template <class F>
  auto run(F work) {
    return Run<F>(loop_, std::move(work));
  }

 private:
  template <class T>
  struct IsResult : std::false_type {};
  template <class T>
  struct IsResult<Result<T>> : std::true_type {};

  template <class F>
  class [[nodiscard]] Run final : private Resumption {
   public:
    using T = std::invoke_result_t<F&>;
    Run(Loop& target, F work) : target_(target), work_(std::move(work)) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) {
      this->suspend(handle, *handle.promise().context);
      target_.post(Journey(*this));
    }
    T await_resume() {
      if (exception_) [[unlikely]] {
        std::rethrow_exception(exception_);
      }
      if constexpr (IsResult<T>::value) {
        if (!result_) {
          return fail(ErrorCode::Unavailable, "the shard has stopped");
        }
      }
      CHECK(result_.has_value());
      if constexpr (!std::is_void_v<T>) {
        return *std::move(result_);
      }
    }

   private:
    struct Nothing {};

    /// There, and back however it ends. `run_` belongs to the caller's thread again, and may be
    /// gone, as soon as the way back is posted.
    class Journey {
     public:
      explicit Journey(Run& run) noexcept : run_(&run) {}
      Journey(Journey&& other) noexcept : run_(std::exchange(other.run_, nullptr)) {}
      Journey& operator=(Journey&&) = delete;
      ~Journey() { back(); }
      void operator()() {
        run_->execute();
        back();
      }

     private:
      void back() {
        if (Run* run = std::exchange(run_, nullptr)) {
          run->context().loop().post([run] { run->Resumption::run(); });
        }
      }
      Run* run_;
    };

    void execute() noexcept {
      try {
        if constexpr (std::is_void_v<T>) {
          work_();
          result_.emplace();
        } else {
          result_.emplace(work_());
        }
      } catch (...) {
        exception_ = std::current_exception();
      }
    }

    Loop& target_;
    F work_;
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> result_;
    std::exception_ptr exception_;
  };

  unsigned index_;
  Loop& loop_;
};

/// A thread that runs an EpollLoop as a shard. Stops and joins when destroyed.
class ShardThread {
 public:
  /// Errors: Internal when the machine has no descriptors left, Unavailable when it has no thread.
  static Result<std::unique_ptr<ShardThread>> start(unsigned index, std::string name);
  ~ShardThread();

  Shard& shard() noexcept { return shard_; }

 private:
  ShardThread(unsigned index, std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
  Shard shard_;
  std::thread thread_;
};

/// How many data shards this process should have: CPUs of the affinity mask, bounded by the
/// cgroup's CPU quota (rounded up); at least 1. Source: cgroup v2 cpu.max, v1 cpu.cfs_quota_us.
unsigned usable_cpus();

}  // namespace kthena::async
