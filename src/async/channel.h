// Waiting for each other on one shard: Event, Semaphore, Channel.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "async/task.h"
#include "base/check.h"
#include "base/list.h"

namespace kthena::async {

/// A flag that tasks wait for. set() wakes all; it stays set until reset().
class Event {
 public:
  void set() noexcept {
    set_ = true;
    while (!waiters_.empty()) {
      waiters_.pop_front().wake();
    }
  }
  void reset() noexcept { set_ = false; }
  bool is_set() const noexcept { return set_; }

  class [[nodiscard]] Wait final : public Waiter {
   public:
    explicit Wait(Event& event) noexcept : event_(event) {}
    bool await_ready() const noexcept { return event_.set_; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      if (!begin(handle)) {
        return false;
      }
      event_.waiters_.push_back(*this);
      return true;
    }
    Result<> await_resume() const {
      if (outcome() != CancelReason::None) {
        return fail(cancel_error(outcome()));
      }
      return {};
    }

   private:
    Event& event_;
  };
  /// Errors: Cancelled, DeadlineExceeded.
  Wait wait() noexcept { return Wait(*this); }

 private:
  List<Waiter> waiters_;
  bool set_ = false;
};

/// Permits, given in the order in which they were asked for.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) noexcept : free_(permits) {}
  ~Semaphore() { CHECK(waiters_.empty()); }

  /// One permit; gives it back when destroyed.
  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    explicit Permit(Semaphore& semaphore) noexcept : semaphore_(&semaphore) {}
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      if (this != &other) {
        release();
        semaphore_ = std::exchange(other.semaphore_, nullptr);
      }
      return *this;
    }
    ~Permit() { release(); }
    void release() noexcept {
      if (semaphore_ != nullptr) {
        std::exchange(semaphore_, nullptr)->give_back();
      }
    }

   private:
    Semaphore* semaphore_ = nullptr;
  };

  class [[nodiscard]] Acquire final : public Waiter {
   public:
    explicit Acquire(Semaphore& semaphore) noexcept : semaphore_(semaphore) {}
    bool await_ready() noexcept {
      if (semaphore_.free_ > 0 && semaphore_.waiters_.empty()) {
        --semaphore_.free_;
        granted_ = true;
      }
      return granted_;
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      if (!begin(handle)) {
        return false;
      }
      semaphore_.waiters_.push_back(*this);
      return true;
    }
    Result<Permit> await_resume() {
      if (!granted_) {
        return fail(cancel_error(outcome()));
      }
      return Permit(semaphore_);
    }

   private:
    friend class Semaphore;
    Semaphore& semaphore_;
    bool granted_ = false;
  };
  /// Errors: Cancelled, DeadlineExceeded.
  Acquire acquire() noexcept { return Acquire(*this); }

  std::size_t available() const noexcept { return free_; }

 private:
  void give_back() noexcept {
    if (waiters_.empty()) {
      ++free_;
      return;
    }
    auto& next = static_cast<Acquire&>(waiters_.pop_front());
    next.granted_ = true;
    next.wake();
  }

  std::size_t free_;
  List<Waiter> waiters_;
};

/// A bounded queue between tasks of one shard. Senders wait while it is full, receivers while it is
/// empty.
template <class T>
class Channel {
 public:
  explicit Channel(std::size_t capacity) : capacity_(capacity) { CHECK_GT(capacity, 0U); }

  /// No more is sent; receivers get what is left, then NotFound.
  void close() noexcept {
    closed_ = true;
    wake_all(receivers_);
    wake_all(senders_);
  }
  bool closed() const noexcept { return closed_; }
  std::size_t size() const noexcept { return items_.size(); }

  /// False, and `item` untouched, if the channel is full or closed.
  bool try_send(T& item) {
    if (closed_ || items_.size() >= capacity_) {
      return false;
    }
    items_.push_back(std::move(item));
    wake_one(receivers_);
    return true;
  }

  std::optional<T> try_receive() {
    if (items_.empty()) {
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    wake_one(senders_);
    return item;
  }

  /// Errors: Cancelled, DeadlineExceeded; NotFound when closed.
  Task<Result<>> send(T item) {
    while (!try_send(item)) {
      if (closed_) {
        co_return fail(ErrorCode::NotFound, "channel closed");
      }
      CO_TRY(co_await Wait(senders_));
    }
    co_return {};
  }

  /// Errors: Cancelled, DeadlineExceeded; NotFound when closed and empty.
  Task<Result<T>> receive() {
    while (true) {
      if (std::optional<T> item = try_receive()) {
        co_return *std::move(item);
      }
      if (closed_) {
        co_return fail(ErrorCode::NotFound, "channel closed");
      }
      CO_TRY(co_await Wait(receivers_));
    }
  }

 private:
  class Wait final : public Waiter {
   public:
    explicit Wait(List<Waiter>& list) noexcept : list_(list) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      if (!begin(handle)) {
        return false;
      }
      list_.push_back(*this);
      return true;
    }
    Result<> await_resume() const {
      if (outcome() != CancelReason::None) {
        return fail(cancel_error(outcome()));
      }
      return {};
    }

   private:
    List<Waiter>& list_;
  };

  static void wake_one(List<Waiter>& list) noexcept {
    if (!list.empty()) {
      list.pop_front().wake();
    }
  }
  static void wake_all(List<Waiter>& list) noexcept {
    while (!list.empty()) {
      list.pop_front().wake();
    }
  }

  std::size_t capacity_;
  std::deque<T> items_;
  List<Waiter> senders_;
  List<Waiter> receivers_;
  bool closed_ = false;
};

}  // namespace kthena::async
