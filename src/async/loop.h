// The event loop as everything above sees it: ready work, timers, time, work handed over from other
// threads. Two implementations: EpollLoop (epoll_loop.h) with real time, SimulatedLoop
// (simulated_loop.h) with virtual time and a seeded order. What is written against this header runs
// on both.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/list.h"

namespace kthena::async {

class Loop;

/// A piece of work that waits to be run by a loop. Linked, never copied; unlinks itself when
/// destroyed.
class Runnable : public ListNode {
 public:
  virtual ~Runnable() = default;
  virtual void run() noexcept = 0;
};

/// Something that happens at a time. Lives in its owner; cancelling never allocates.
/// Cost: O(log timers). Moving an armed timer to a later time is two stores, so that a limit may be
/// pushed on with each event of a stream.
class Timer {
 public:
  explicit Timer(Loop& loop) : loop_(loop) {}
  virtual ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Sets, or moves, the time.
  void set(Instant deadline);
  void cancel() noexcept;
  bool armed() const noexcept { return index_ != kNotArmed; }
  Instant deadline() const noexcept { return deadline_; }

 protected:
  /// Called by the loop once the time has come. Must be short: wake, cancel, or spawn; never run
  /// user code. May set this timer or others: what is due at once fires in the next turn.
  virtual void on_timer() noexcept = 0;
  Loop& loop() const noexcept { return loop_; }

 private:
  friend class TimerQueue;
  static constexpr std::uint32_t kNotArmed = ~0U;
  Loop& loop_;
  Instant deadline_{};
  std::uint64_t sequence_ = 0;  ///< equal deadlines fire in the order in which they were set
  /// The low bits of the one that its place in the heap belongs to: an idle connection is little
  /// more than a timer, so bytes count here.
  std::uint32_t heap_sequence_ = 0;
  std::uint32_t index_ = kNotArmed;
};

/// A timer that calls a small function object.
template <class F>
class CallbackTimer final : public Timer {
 public:
  CallbackTimer(Loop& loop, F callback) : Timer(loop), callback_(std::move(callback)) {}

 private:
  void on_timer() noexcept override { callback_(); }
  F callback_;
};

/// The timers of one loop: a 4-ary heap, four children a cache line. A timer that was moved to a
/// later time keeps its place until that comes to the front.
class TimerQueue {
 public:
  void set(Timer& timer, Instant deadline);
  void cancel(Timer& timer) noexcept;
  bool empty() const noexcept { return heap_.empty(); }
  std::size_t size() const noexcept { return heap_.size(); }
  /// No timer is due before this; only when not empty.
  Instant next() const noexcept { return heap_.front().at; }
  /// Fires all timers due at `now`, less those that are set meanwhile.
  void fire(Instant now) noexcept;

 private:
  struct Entry {
    Instant at;  ///< the deadline, or an earlier one from which the timer was moved
    Timer* timer;
  };
  void sift_up(std::size_t index) noexcept;
  void sift_down(std::size_t index) noexcept;
  void place(std::size_t index, const Entry& entry) noexcept;
  static bool was_moved(const Entry& entry) noexcept;
  static bool earlier(const Entry& a, const Entry& b) noexcept;
  std::vector<Entry> heap_;
  std::uint64_t next_sequence_ = 0;
  Instant floor_ = Instant::min();  ///< while firing: the present, before which nothing is set
};

/// One thread's event loop. Everything but post() belongs to the loop's own thread.
class Loop {
 public:
  Loop() = default;
  virtual ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The loop that runs on this thread; null outside of run().
  static Loop* current() noexcept { return current_; }

  /// The time at which the present batch of events began.
  Instant now() const noexcept { return now_; }
  virtual WallTime wall_now() const = 0;

  /// Queues work for this turn of the loop.
  void make_ready(Runnable& runnable) noexcept {
    ready_.push_back(runnable);
    ++ready_count_;
  }

  TimerQueue& timers() noexcept { return timers_; }

  /// Runs until stop(); returns at once if stop() was called before.
  virtual void run() = 0;
  /// Ends the present, or else the next, run() after a turn in which all that was posted before has
  /// run. Thread-safe.
  virtual void stop() = 0;

  /// Runs `work` on the loop's thread, in the order of the calls of each thread. Work that is still
  /// waiting when the loop is destroyed is destroyed unrun. Thread-safe.
  virtual void post(std::move_only_function<void()> work) = 0;

 protected:
  /// Makes current() answer this loop for as long as it lives.
  class Running {
   public:
    explicit Running(Loop& loop) : previous_(current_) { current_ = &loop; }
    ~Running() { current_ = previous_; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    Loop* previous_;
  };

  void set_now(Instant now) noexcept { now_ = now; }
  bool has_ready() const noexcept { return !ready_.empty(); }

  List<Runnable> ready_;
  /// An upper bound: entries that were queued twice or destroyed are still counted.
  std::size_t ready_count_ = 0;

 private:
  static inline constinit thread_local Loop* current_ = nullptr;
  Instant now_{};
  TimerQueue timers_;
};

inline void Timer::set(Instant deadline) { loop_.timers().set(*this, deadline); }
inline void Timer::cancel() noexcept {
  if (armed()) {
    loop_.timers().cancel(*this);
  }
}

}  // namespace kthena::async
