#include "async/loop.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace kthena::async {

Loop::~Loop() = default;

bool TimerQueue::earlier(const Entry& a, const Entry& b) noexcept {
  if (a.at != b.at) {
    return a.at < b.at;
  }
  // The counter goes round, but not within the life of two equal deadlines, short of their order.
  return static_cast<std::int32_t>(a.timer->heap_sequence_ - b.timer->heap_sequence_) < 0;
}

bool TimerQueue::was_moved(const Entry& entry) noexcept {
  const Timer& timer = *entry.timer;
  return entry.at != timer.deadline_ ||
         timer.heap_sequence_ != static_cast<std::uint32_t>(timer.sequence_);
}

void TimerQueue::place(std::size_t index, const Entry& entry) noexcept {
  heap_[index] = entry;
  entry.timer->index_ = static_cast<std::uint32_t>(index);
}

void TimerQueue::sift_up(std::size_t index) noexcept {
  const Entry entry = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 4;
    if (!earlier(entry, heap_[parent])) {
      break;
    }
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::sift_down(std::size_t index) noexcept {
  const Entry entry = heap_[index];
  while (true) {
    const std::size_t first = 4 * index + 1;
    if (first >= heap_.size()) {
      break;
    }
    std::size_t least = first;
    for (std::size_t child = first + 1; child < heap_.size() && child < first + 4; ++child) {
      if (earlier(heap_[child], heap_[least])) {
        least = child;
      }
    }
    if (!earlier(heap_[least], entry)) {
      break;
    }
    place(index, heap_[least]);
    index = least;
  }
  place(index, entry);
}

void TimerQueue::set(Timer& timer, Instant deadline) {
  timer.deadline_ = std::max(deadline, floor_);
  timer.sequence_ = next_sequence_++;
  if (timer.armed()) {
    if (timer.deadline_ >= heap_[timer.index_].at) {
      return;  // fire() moves it when its old place comes to the front
    }
    heap_[timer.index_].at = timer.deadline_;
  } else {
    timer.index_ = static_cast<std::uint32_t>(heap_.size());
    heap_.push_back({.at = timer.deadline_, .timer = &timer});
  }
  timer.heap_sequence_ = static_cast<std::uint32_t>(timer.sequence_);
  sift_up(timer.index_);
}

void TimerQueue::cancel(Timer& timer) noexcept {
  const std::size_t index = timer.index_;
  timer.index_ = Timer::kNotArmed;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) {
    return;
  }
  place(index, last);
  if (index > 0 && earlier(last, heap_[(index - 1) / 4])) {
    sift_up(index);
  } else {
    sift_down(index);
  }
}

void TimerQueue::fire(Instant now) noexcept {
  // A timer that is set while others fire waits for the next call, however early its deadline: so a
  // timer that sets itself anew each time cannot hold up the loop. The floor keeps such timers
  // behind all that are due now.
  const std::uint64_t limit = next_sequence_;
  floor_ = now;
  while (!heap_.empty() && heap_.front().at <= now) {
    Timer& timer = *heap_.front().timer;
    if (was_moved(heap_.front())) {
      timer.heap_sequence_ = static_cast<std::uint32_t>(timer.sequence_);
      heap_.front().at = timer.deadline_;
      sift_down(0);
      continue;
    }
    if (timer.sequence_ >= limit) {
      break;
    }
    cancel(timer);
    timer.on_timer();
  }
  floor_ = Instant::min();
}

}  // namespace kthena::async
