#include "async/scope.h"

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>

#include "async/context.h"
#include "async/frame_pool.h"
#include "async/task.h"

namespace kthena::async {

/// The outermost coroutine of a spawned task: starts as ready work, frees itself at the end.
struct TaskScope::Spawned {
  struct promise_type {
    Context* context = nullptr;  // set before the task is awaited

    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
    Spawned get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };

  /// Suspends once, to run in this turn of the loop instead of inside the caller.
  class Start final : public Resumption {
   public:
    explicit Start(Context& context) : task_context_(context) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
      handle.promise().context = &task_context_;
      suspend(handle, task_context_);
      make_ready();
    }
    void await_resume() const noexcept {}

   private:
    Context& task_context_;
  };
};

TaskScope::Spawned TaskScope::start(TaskScope& scope, Task<void> task) {
  {
    Context context(scope.loop(), &scope.context_);
    co_await Spawned::Start(context);
    // Moved here so that its frame is gone before the scope is told.
    Task<void> running = std::move(task);
    try {
      co_await running;
    } catch (...) {
      scope.failed(std::current_exception());
    }
  }
  scope.finished();
}

void TaskScope::spawn(Task<void> task) {
  ++running_;
  start(*this, std::move(task));
}

void TaskScope::failed(std::exception_ptr exception) noexcept {
  if (on_exception_ == nullptr) {
    std::rethrow_exception(exception);  // terminates, and the run-time library prints what() said
  }
  on_exception_(std::move(exception));
}

void TaskScope::finished() noexcept {
  if (--running_ == 0) {
    while (!joining_.empty()) {
      loop().make_ready(joining_.pop_front());
    }
  }
}

}  // namespace kthena::async
