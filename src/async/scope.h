// TaskScope: where background tasks live. Nothing is detached: who spawns also stops.
#pragma once

#include <cstddef>
#include <exception>

#include "async/task.h"

namespace kthena::async {

/// Owns running tasks. The last member of its owner, so that it is stopped before what the tasks
/// use goes away.
///
///     TaskScope tasks_{loop};
///     tasks_.spawn(accept_connections());
///     co_await tasks_.stop();               // cancels and waits
///
/// One shard. The destructor does not wait: it aborts if tasks are left.
class TaskScope {
 public:
  /// Tasks are cancelled with `parent`, if there is one.
  explicit TaskScope(Loop& loop, Context* parent = nullptr) : context_(loop, parent) {}
  ~TaskScope() { CHECK_EQ(running_, 0U); }
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  /// Starts `task` in this turn of the loop. Its coroutine must own, or be outlived by, all that it
  /// refers to. In a scope that was cancelled it starts as well, cancelled, so that it cleans up
  /// what it owns. An exception that escapes ends the task and is reported to `on_exception` of the
  /// scope (by default: abort).
  void spawn(Task<void> task);

  std::size_t running() const noexcept { return running_; }
  Context& context() noexcept { return context_; }
  Loop& loop() const noexcept { return context_.loop(); }

  void cancel() noexcept { context_.cancel(); }

  /// Waits until no task runs, those spawned meanwhile included. Not cancellable: bounded by what
  /// the tasks do.
  auto join() { return JoinAwaiter(*this); }
  /// Cancels, then waits.
  auto stop() {
    cancel();
    return JoinAwaiter(*this);
  }

  using ExceptionHandler = void (*)(std::exception_ptr) noexcept;
  void set_on_exception(ExceptionHandler handler) noexcept { on_exception_ = handler; }

 private:
  struct Spawned;
  static Spawned start(TaskScope& scope, Task<void> task);

  /// Two steps: the end of the last task queues `this`, which looks whether a task was spawned in
  /// between, and only then resumes.
  class [[nodiscard]] JoinAwaiter final : public Runnable {
   public:
    explicit JoinAwaiter(TaskScope& scope) : scope_(scope) {}
    bool await_ready() const noexcept { return scope_.running_ == 0; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      resumption_.set(handle, *handle.promise().context);
      scope_.joining_.push_back(*this);
    }
    void await_resume() const noexcept {}
    void run() noexcept override {
      if (scope_.running_ != 0) {
        scope_.joining_.push_back(*this);
        return;
      }
      resumption_.run();
    }

   private:
    class Joined final : public Resumption {
     public:
      void set(std::coroutine_handle<> handle, Context& context) noexcept {
        suspend(handle, context);
      }
    };
    TaskScope& scope_;
    Joined resumption_;
  };

  void finished() noexcept;
  void failed(std::exception_ptr exception) noexcept;

  Context context_;
  List<Runnable> joining_;
  std::size_t running_ = 0;
  ExceptionHandler on_exception_ = nullptr;
};

/// Runs `task` on `loop` until it is done and gives its value: for main() and tests.
/// On a SimulatedLoop a task that can never finish aborts.
template <class T>
T run_until_done(Loop& loop, Task<T> task);

namespace detail {
template <class T>
Task<void> store_result(Task<T> task, std::optional<T>& result, Loop& loop) {
  result.emplace(co_await std::move(task));
  loop.stop();
}
inline Task<void> store_done(Task<void> task, bool& done, Loop& loop) {
  co_await std::move(task);
  done = true;
  loop.stop();
}
}  // namespace detail

template <class T>
T run_until_done(Loop& loop, Task<T> task) {
  TaskScope scope(loop);
  if constexpr (std::is_void_v<T>) {
    bool done = false;
    scope.spawn(detail::store_done(std::move(task), done, loop));
    loop.run();
    CHECK(done);
  } else {
    std::optional<T> result;
    scope.spawn(detail::store_result(std::move(task), result, loop));
    loop.run();
    CHECK(result.has_value());
    return *std::move(result);
  }
}

}  // namespace kthena::async
