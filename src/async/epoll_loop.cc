#include "async/epoll_loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace kthena::async {
namespace {

constexpr int kEventsPerPoll = 256;
// Ready tasks run between two polls: few enough that sockets are not forgotten, enough to pay for
// the system call.
constexpr int kTasksPerTurn = 1024;

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
  while (!stopping_.load(std::memory_order_relaxed)) {
    run_ready();
    poll(/*block=*/!has_ready());
  }
  stopping_.store(false, std::memory_order_relaxed);
}

void EpollLoop::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof(one));
}

void EpollLoop::post(std::move_only_function<void()> work) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mailbox_mutex_);
    was_empty = mailbox_.empty();
    mailbox_.push_back(std::move(work));
  }
  if (was_empty) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof(one));
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
    work();
  }
}

void EpollLoop::run_ready() noexcept {
  for (int budget = kTasksPerTurn; budget > 0 && has_ready(); --budget) {
    ready_.pop_front().run();
  }
}

void EpollLoop::poll(bool block) {
  timespec timeout{};
  timespec* limit = &timeout;
  if (block) {
    if (timers().empty()) {
      limit = nullptr;
    } else {
      const auto left =
          std::max(timers().next() - std::chrono::steady_clock::now(), Duration::zero());
      timeout.tv_sec = left.count() / 1'000'000'000;
      timeout.tv_nsec = left.count() % 1'000'000'000;
    }
  }
  std::array<epoll_event, kEventsPerPoll> events;
  const int count = ::epoll_pwait2(epoll_fd_, events.data(), kEventsPerPoll, limit, nullptr);
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
