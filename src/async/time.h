// Waiting for time, and bounds on it.
#pragma once

#include "async/task.h"

namespace kthena::async {

/// Suspends until `deadline`. Errors: Cancelled, DeadlineExceeded of the task itself.
class [[nodiscard]] sleep_until : private Waiter, private Timer {
 public:
  explicit sleep_until(Instant deadline) : sleep_until(*Loop::current(), deadline) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (!begin(handle)) {
      return false;
    }
    Timer::set(until_);
    return true;
  }
  Result<> await_resume() const {
    if (outcome() != CancelReason::None) {
      return fail(cancel_error(outcome()));
    }
    return {};
  }

 private:
  sleep_until(Loop& loop, Instant deadline) : Timer(loop), until_(deadline) {}
  void on_timer() noexcept override { wake(); }
  void on_cancel() noexcept override { Timer::cancel(); }
  Instant until_;
};

/// Suspends for `duration`.
[[nodiscard]] inline sleep_until sleep_for(Duration duration) {
  return sleep_until(Loop::current()->now() + duration);
}

/// Lets what else is ready run first. For loops that may take longer than a millisecond. Suspends
/// in a cancelled task too: such a loop must not keep the others from running.
class [[nodiscard]] yield : private Resumption {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    suspend(handle, *handle.promise().context);
    make_ready();
  }
  void await_resume() const noexcept {}
};

/// Gives the coroutine in whose frame it stands a context of its own until the end of the block.
/// Blocks nest.
class ContextScope {
 public:
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  Context& context() noexcept { return context_; }

 protected:
  ContextScope(PromiseBase& task, Context* parent)
      : task_(task), outer_(task.context), context_(task.context->loop(), parent) {
    context_.set_log_tags(outer_->log_tags());
    task_.context = &context_;
  }
  ~ContextScope() { task_.context = outer_; }

 private:
  PromiseBase& task_;
  Context* outer_;
  Context context_;
};

/// A deadline on all that the coroutine awaits in this block, without a frame of its own:
///
///     DeadlineScope limit(co_await this_task(), 3s);
///     auto reply = co_await exchange(request);     // answers DeadlineExceeded after 3 s
class DeadlineScope final : public ContextScope, private Timer {
 public:
  DeadlineScope(PromiseBase& task, Instant deadline)
      : ContextScope(task, task.context), Timer(context().loop()) {
    Timer::set(deadline);
  }
  DeadlineScope(PromiseBase& task, Duration duration)
      : DeadlineScope(task, task.context->loop().now() + duration) {}

  /// True once this deadline (not an outer one, not a cancellation) has passed.
  bool expired() const noexcept { return expired_; }
  /// Moves the deadline: for idle limits that start anew with each event.
  void extend(Instant deadline) {
    if (!expired_) {
      Timer::set(deadline);
    }
  }
  /// No deadline any more, for what follows in the block.
  void lift() noexcept { Timer::cancel(); }

 private:
  void on_timer() noexcept override {
    expired_ = true;
    context().cancel(CancelReason::DeadlineExceeded);
  }
  bool expired_ = false;
};

/// What is awaited in this block goes on although the task was cancelled: for the last words to a
/// peer. Always bound it by a DeadlineScope inside.
class ShieldScope final : public ContextScope {
 public:
  explicit ShieldScope(PromiseBase& task) : ContextScope(task, nullptr) {}
};

}  // namespace kthena::async
