// Task<T>: a coroutine that runs when it is awaited, once, and gives a T (usually a Result).
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/context.h"
#include "async/frame_pool.h"
#include "base/check.h"

namespace kthena::async {

/// What every coroutine's promise has: who continues after it, and the context it runs in.
struct PromiseBase {
  std::coroutine_handle<> continuation;
  Context* context = nullptr;

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct ResumeContinuation {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  ResumeContinuation final_suspend() const noexcept { return {}; }
};

template <class T>
class Task;

namespace detail {

template <class T>
struct TaskPromise : PromiseBase {
  std::optional<T> value;
  std::exception_ptr exception;

  Task<T> get_return_object() noexcept;
  template <class U = T>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  T take() {
    if (exception) [[unlikely]] {
      std::rethrow_exception(exception);
    }
    // A coroutine ends by one or the other. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
    return *std::move(value);
  }
};

template <>
struct TaskPromise<void> : PromiseBase {
  std::exception_ptr exception;

  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  void take() const {
    if (exception) [[unlikely]] {
      std::rethrow_exception(exception);
    }
  }
};

}  // namespace detail

/// A lazy coroutine, awaited once by the expression that made it:
///
///     const auto head = CO_TRY(co_await read_head(stream));
///
/// Reference parameters are fine because the caller waits; what is spawned (scope.h) takes values.
/// The awaiting coroutine's context (cancellation, deadline, log tags) is the task's own.
template <class T = void>
class [[nodiscard, clang::coro_return_type, clang::coro_lifetimebound]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) {
      handle_.destroy();
    }
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> caller) noexcept {
    CHECK(handle_.promise().continuation == nullptr);  // awaited once
    handle_.promise().continuation = caller;
    handle_.promise().context = caller.promise().context;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> detail::TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

/// `PromiseBase& task = co_await this_task();`: the running coroutine itself. Does not suspend.
class this_task {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    promise_ = &handle.promise();
    return false;
  }
  PromiseBase& await_resume() const noexcept { return *promise_; }

 private:
  PromiseBase* promise_ = nullptr;
};

}  // namespace kthena::async
