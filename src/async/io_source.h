// Readiness of something that is read and written without blocking: a socket under EpollLoop, an
// in-memory connection under SimulatedLoop. Edge-triggered: try the operation first, wait only
// after it would have blocked.
#pragma once

#include <cstdint>

#include "async/context.h"
#include "base/check.h"
#include "base/result.h"

namespace kthena::async {

/// Sees readiness events beside whoever waits for them; for connections that wait without a
/// coroutine.
class IoObserver {
 public:
  /// Runs as a ready task of the loop, after the source's flags were updated. May destroy the
  /// source.
  virtual void on_io() noexcept = 0;

 protected:
  ~IoObserver() = default;
};

struct IoEvents {
  bool readable = false;
  bool writable = false;
  bool hung_up = false;
};

/// Sees all events of a source at once, inside notify(): for a layer that offers a source of its
/// own above. Only passes on and queues; runs nothing, destroys nothing.
class IoTap {
 public:
  virtual void on_events(IoEvents events) noexcept = 0;

 protected:
  ~IoTap() = default;
};

/// The state of one socket. One shard. At most one waiter for reading and one for writing (they may
/// be the same).
/// As a Runnable it tells its observer. There is one to each connection, so it is kept small.
class IoSource final : private Runnable {
 public:
  explicit IoSource(Loop& loop) noexcept : loop_(loop) {}

  Loop& loop() const noexcept { return loop_; }

  /// Whether a read, or write, may do something now. Cleared by whoever found that it would block.
  bool readable() const noexcept { return readable_; }
  bool writable() const noexcept { return writable_; }
  /// The peer has closed its sending side, or the connection is broken. Stays.
  bool hung_up() const noexcept { return hung_up_; }

  void clear_readable() noexcept { readable_ = false; }
  void clear_writable() noexcept { writable_ = false; }
  /// For a layer that still holds bytes after a read; nobody waits then.
  void mark_readable() noexcept { readable_ = true; }

  /// One observer at most; null takes it away. What came before is not reported. A source has an
  /// observer or a tap, not both.
  void set_observer(IoObserver* observer) noexcept {
    CHECK(!tapped_);
    observer_ = observer;
  }
  /// The layer above (TLS over TCP), or null. One at most.
  void set_tap(IoTap* tap) noexcept {
    CHECK(tapped_ || observer_ == nullptr);
    tapped_ = tap != nullptr;
    if (tapped_) {
      tap_ = tap;
    } else {
      observer_ = nullptr;
    }
  }

  /// Wakes `waiter` once when the flag turns true. Only while it is false: what came before is not
  /// reported.
  void subscribe_read(Waiter& waiter) noexcept {
    CHECK(reader_ == nullptr || reader_ == &waiter);  // a second one would never be woken
    reader_ = &waiter;
  }
  void subscribe_write(Waiter& waiter) noexcept {
    CHECK(writer_ == nullptr || writer_ == &waiter);
    writer_ = &waiter;
  }
  void unsubscribe(const Waiter& waiter) noexcept {
    if (reader_ == &waiter) {
      reader_ = nullptr;
    }
    if (writer_ == &waiter) {
      writer_ = nullptr;
    }
  }

  using Events = IoEvents;
  /// Called by what watches the socket. Wakes waiters and the observer; runs nothing.
  void notify(Events events) noexcept {
    readable_ |= events.readable || events.hung_up;
    writable_ |= events.writable || events.hung_up;
    hung_up_ |= events.hung_up;
    if (reader_ != nullptr && readable_) {
      wake(*reader_);
    }
    if (writer_ != nullptr && writable_) {
      wake(*writer_);
    }
    if (tapped_) {
      tap_->on_events(events);
    } else if (observer_ != nullptr && (events.readable || events.hung_up) && !linked()) {
      loop_.make_ready(*this);
    }
  }

 private:
  void run() noexcept override {
    if (!tapped_ && observer_ != nullptr) {
      observer_->on_io();
    }
  }

  void wake(Waiter& waiter) noexcept {
    unsubscribe(waiter);
    waiter.wake();
  }

  Loop& loop_;
  Waiter* reader_ = nullptr;
  Waiter* writer_ = nullptr;
  union {
    IoObserver* observer_ = nullptr;  ///< unless tapped_
    IoTap* tap_;
  };
  bool tapped_ = false;
  bool readable_ = true;
  bool writable_ = true;
  bool hung_up_ = false;
};

enum class Interest : std::uint8_t { Read, Write, Both };

/// `CO_TRY(co_await wait_io(source, Interest::Read))`: suspends until the source may be read (or
/// written, or either). Errors: Cancelled, DeadlineExceeded.
class [[nodiscard]] wait_io : private Waiter {
 public:
  wait_io(IoSource& source, Interest interest) noexcept : source_(source), interest_(interest) {}

  bool await_ready() const noexcept {
    return (interest_ != Interest::Write && source_.readable()) ||
           (interest_ != Interest::Read && source_.writable());
  }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
    if (!begin(handle)) {
      return false;
    }
    if (interest_ != Interest::Write) {
      source_.subscribe_read(*this);
    }
    if (interest_ != Interest::Read) {
      source_.subscribe_write(*this);
    }
    return true;
  }
  Result<> await_resume() const {
    if (outcome() != CancelReason::None) [[unlikely]] {
      return fail(cancel_error(outcome()));
    }
    return {};
  }

 private:
  void on_cancel() noexcept override { source_.unsubscribe(*this); }
  IoSource& source_;
  Interest interest_;
};

}  // namespace kthena::async
