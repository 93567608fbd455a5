// A small epoll loop for the measuring programs. It shares nothing with src/async on purpose: a
// fault of the loop under test must not hide in the tool that tests it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "bench/common/clock.h"
#include "bench/common/socket.h"

namespace kthena::bench {

class Loop;

/// Something that waits for a descriptor, for a time, or both. Lives as long as it is registered.
class Handler {
 public:
  explicit Handler(Loop& loop) : loop_(loop) {}
  virtual ~Handler();
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  /// @param events  EPOLLIN, EPOLLOUT, …; edge-triggered: read or write until EAGAIN
  virtual void on_ready(std::uint32_t events) = 0;
  virtual void on_timer() {}

 protected:
  Loop& loop() noexcept { return loop_; }
  /// Calls on_timer once at `when`; replaces an earlier time.
  void arm(Nanos when);
  void disarm();

 private:
  friend class Loop;
  Loop& loop_;
  Nanos due_ = -1;
  bool buried_ = false;
};

/// One thread's events and timers. Timers are accurate to some microseconds.
class Loop {
 public:
  Loop();

  /// Watches `fd` for input, output and hang-up, edge-triggered, until it is closed.
  void watch(int fd, Handler& handler);

  /// Destroys `handler` after the current batch of events, in which it gets no more calls.
  void bury(std::unique_ptr<Handler> handler);

  /// Waits for events and timers and serves them; returns after `until` at the latest.
  void run_once(Nanos until);

  /// Runs until stop() or `until`.
  void run(Nanos until = INT64_MAX);
  void stop() noexcept { stopped_ = true; }
  bool stopped() const noexcept { return stopped_; }

 private:
  friend class Handler;
  void serve_timers(Nanos time);

  Fd epoll_;
  std::set<std::pair<Nanos, Handler*>> timers_;
  std::vector<std::unique_ptr<Handler>> buried_;
  bool stopped_ = false;
};

}  // namespace kthena::bench
