#include "bench/common/loop.h"

#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"

namespace kthena::bench {

Handler::~Handler() { disarm(); }

void Handler::arm(Nanos when) {
  disarm();
  due_ = when;
  loop_.timers_.emplace(when, this);
}

void Handler::disarm() {
  if (due_ >= 0) {
    loop_.timers_.erase({due_, this});
    due_ = -1;
  }
}

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  CHECK(epoll_.valid());
  // The default slack of 50 µs would show up as latency of whatever is measured.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
}

void Loop::watch(int fd, Handler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  CHECK_EQ(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), 0);
}

void Loop::bury(std::unique_ptr<Handler> handler) {
  handler->buried_ = true;
  handler->disarm();
  buried_.push_back(std::move(handler));
}

void Loop::serve_timers(Nanos time) {
  while (!timers_.empty() && timers_.begin()->first <= time) {
    Handler* handler = timers_.begin()->second;
    handler->disarm();
    handler->on_timer();
  }
}

void Loop::run_once(Nanos until) {
  const Nanos due = timers_.empty() ? until : std::min(until, timers_.begin()->first);
  const Nanos wait = std::clamp<Nanos>(due - now(), 0, 3600 * kSecond);
  const timespec timeout{.tv_sec = wait / kSecond, .tv_nsec = wait % kSecond};
  std::array<epoll_event, 256> events;
  const int ready = ::epoll_pwait2(epoll_.get(), events.data(), events.size(), &timeout, nullptr);
  CHECK(ready >= 0 || errno == EINTR);
  for (int i = 0; i < ready; ++i) {
    auto* handler = static_cast<Handler*>(events.at(i).data.ptr);
    if (!handler->buried_) {
      handler->on_ready(events.at(i).events);
    }
  }
  serve_timers(now());
  buried_.clear();
}

void Loop::run(Nanos until) {
  while (!stopped_ && now() < until) {
    run_once(until);
  }
}

}  // namespace kthena::bench
