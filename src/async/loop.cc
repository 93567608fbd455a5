#include "async/loop.h"

namespace kthena::async {

thread_local Loop* Loop::current_ = nullptr;

Loop::~Loop() = default;

bool TimerQueue::earlier(const Timer& a, const Timer& b) noexcept {
  return a.deadline_ != b.deadline_ ? a.deadline_ < b.deadline_ : a.sequence_ < b.sequence_;
}

void TimerQueue::place(std::size_t index, Timer* timer) noexcept {
  heap_[index] = timer;
  timer->index_ = static_cast<std::uint32_t>(index);
}

void TimerQueue::sift_up(std::size_t index) noexcept {
  Timer* timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 4;
    if (!earlier(*timer, *heap_[parent])) {
      break;
    }
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, timer);
}

void TimerQueue::sift_down(std::size_t index) noexcept {
  Timer* timer = heap_[index];
  while (true) {
    const std::size_t first = 4 * index + 1;
    if (first >= heap_.size()) {
      break;
    }
    std::size_t least = first;
    for (std::size_t child = first + 1; child < heap_.size() && child < first + 4; ++child) {
      if (earlier(*heap_[child], *heap_[least])) {
        least = child;
      }
    }
    if (!earlier(*heap_[least], *timer)) {
      break;
    }
    place(index, heap_[least]);
    index = least;
  }
  place(index, timer);
}

void TimerQueue::set(Timer& timer, Instant deadline) {
  timer.cancel();
  timer.deadline_ = deadline;
  timer.sequence_ = next_sequence_++;
  heap_.push_back(&timer);
  sift_up(heap_.size() - 1);
}

void TimerQueue::cancel(Timer& timer) noexcept {
  const std::size_t index = timer.index_;
  timer.index_ = Timer::kNotArmed;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) {
    return;
  }
  place(index, last);
  if (index > 0 && earlier(*last, *heap_[(index - 1) / 4])) {
    sift_up(index);
  } else {
    sift_down(index);
  }
}

void TimerQueue::fire(Instant now) noexcept {
  while (!heap_.empty() && heap_.front()->deadline_ <= now) {
    Timer& timer = *heap_.front();
    cancel(timer);
    timer.on_timer();
  }
}

}  // namespace kthena::async
