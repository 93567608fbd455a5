#include "async/scope.h"

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
  class Start final : public Runnable {
   public:
    explicit Start(Context& context) : context_(context) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
      handle.promise().context = &context_;
      handle_ = handle;
      context_.loop().make_ready(*this);
    }
    void await_resume() const noexcept {}
    void run() noexcept override { handle_.resume(); }

   private:
    Context& context_;
    std::coroutine_handle<> handle_;
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
      CHECK(scope.on_exception_ != nullptr);
      scope.on_exception_(std::current_exception());
    }
  }
  scope.finished();
}

void TaskScope::spawn(Task<void> task) {
  ++running_;
  start(*this, std::move(task));
}

void TaskScope::finished() noexcept {
  if (--running_ == 0) {
    while (!joining_.empty()) {
      loop().make_ready(joining_.pop_front());
    }
  }
}

}  // namespace kthena::async
