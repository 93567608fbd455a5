#include "async/epoll_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "async/io_source.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::async {
namespace {

constexpr int kEventsPerPoll = 256;
// Ready tasks run between two polls: few enough that sockets are not forgotten, enough to pay for
// the system call.
constexpr int kTasksPerTurn = 1024;
constexpr Duration kForever = Duration::max();

}  // namespace

Result<std::unique_ptr<EpollLoop>> EpollLoop::create() {
  const int epoll_fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) {
    return fail(ErrorCode::Internal, std::string("epoll_create1: ") + std::strerror(errno));
  }
  const int wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) {
    const int error = errno;
    ::close(epoll_fd);
    return fail(ErrorCode::Internal, std::string("eventfd: ") + std::strerror(error));
  }
  return std::unique_ptr<EpollLoop>(new EpollLoop(epoll_fd, wake_fd));
}

EpollLoop::EpollLoop(int epoll_fd, int wake_fd) : epoll_fd_(epoll_fd), wake_fd_(wake_fd) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;  // the mailbox
  CHECK_EQ(::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event), 0);
  set_now(std::chrono::steady_clock::now());
}

EpollLoop::~EpollLoop() {
  std::vector<std::move_only_function<void()>> unrun;
  {
    const std::lock_guard lock(mailbox_mutex_);
    closed_ = true;
    unrun.swap(mailbox_);
  }
  unrun.clear();  // may post, to this loop too: nothing is kept any more
  ::close(wake_fd_);
  ::close(epoll_fd_);
}

WallTime EpollLoop::wall_now() const { return std::chrono::system_clock::now(); }

Result<> EpollLoop::watch(int fd, IoSource& source) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &source;
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    return fail(ErrorCode::Internal, std::string("epoll_ctl: ") + std::strerror(errno));
  }
  return {};
}

void EpollLoop::unwatch(int fd) noexcept { ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr); }

void EpollLoop::run() {
  const Running running(*this);
  set_now(std::chrono::steady_clock::now());
  while (!stopping_.load(std::memory_order_acquire)) {
    run_ready();
    poll(/*block=*/!has_ready());
  }
  drain_mailbox();  // what was posted before stop() may have come after the last poll
  stopping_.store(false, std::memory_order_relaxed);
}

void EpollLoop::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof(one));
}

void EpollLoop::stop() {
  const std::lock_guard lock(mailbox_mutex_);
  stopping_.store(true, std::memory_order_release);
  ring();
}

void EpollLoop::post(std::move_only_function<void()> work) {
  const std::lock_guard lock(mailbox_mutex_);
  if (closed_) {
    return;
  }
  const bool was_empty = mailbox_.empty();
  mailbox_.push_back(std::move(work));
  if (was_empty) {
    ring();
  }
}

void EpollLoop::drain_mailbox() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_fd_, &count, sizeof(count));
  std::vector<std::move_only_function<void()>> mail;
  {
    const std::lock_guard lock(mailbox_mutex_);
    mail.swap(mailbox_);
  }
  for (auto& work : mail) {
    std::exchange(work, nullptr)();
  }
}

void EpollLoop::run_ready() noexcept {
  for (int budget = kTasksPerTurn; budget > 0 && has_ready(); --budget) {
    ready_.pop_front().run();
  }
}

int EpollLoop::wait(void* events, Duration timeout) noexcept {
  auto* into = static_cast<epoll_event*>(events);
  if (has_pwait2_) {
    timespec limit{};
    if (timeout != kForever) {
      limit.tv_sec = timeout.count() / 1'000'000'000;
      limit.tv_nsec = timeout.count() % 1'000'000'000;
    }
    const int count = ::epoll_pwait2(epoll_fd_, into, kEventsPerPoll,
                                     timeout != kForever ? &limit : nullptr, nullptr);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) {
      return count;
    }
    has_pwait2_ = false;  // kernels before 5.11; container run-times that do not know the call
  }
  int milliseconds = -1;
  if (timeout != kForever) {
    const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
    milliseconds = static_cast<int>(std::min<std::int64_t>(rounded_up, 1 << 30));
  }
  return ::epoll_wait(epoll_fd_, into, kEventsPerPoll, milliseconds);
}

void EpollLoop::poll(bool block) {
  Duration timeout{};
  if (block) {
    timeout = timers().empty()
                  ? kForever
                  : std::max(timers().next() - std::chrono::steady_clock::now(), Duration::zero());
  }
  std::array<epoll_event, kEventsPerPoll> events;
  const int count = wait(events.data(), timeout);
  set_now(std::chrono::steady_clock::now());
  bool mail = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      mail = true;
      continue;
    }
    static_cast<IoSource*>(event.data.ptr)
        ->notify({.readable = (event.events & EPOLLIN) != 0,
                  .writable = (event.events & EPOLLOUT) != 0,
                  .hung_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0});
  }
  timers().fire(now());
  if (mail) {
    drain_mailbox();
  }
}

}  // namespace kthena::async
