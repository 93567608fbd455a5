#include "async/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "async/epoll_loop.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::async {

Result<std::unique_ptr<SignalWatch>> SignalWatch::create(EpollLoop& loop,
                                                         std::initializer_list<int> signals,
                                                         std::function<void(int)> on_signal) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) {
    sigaddset(&set, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int fd = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) {
    return fail(ErrorCode::Internal, std::string("signalfd: ") + std::strerror(errno));
  }
  std::unique_ptr<SignalWatch> watch(new SignalWatch(loop, fd, std::move(on_signal)));
  TRY(loop.watch(fd, watch->source_));
  return watch;
}

SignalWatch::SignalWatch(EpollLoop& loop, int fd, std::function<void(int)> on_signal)
    : loop_(loop), fd_(fd), source_(loop), on_signal_(std::move(on_signal)) {
  source_.set_observer(this);
}

SignalWatch::~SignalWatch() {
  loop_.unwatch(fd_);
  ::close(fd_);
}

void SignalWatch::on_io() noexcept {
  signalfd_siginfo info{};
  while (::read(fd_, &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    on_signal_(static_cast<int>(info.ssi_signo));
  }
  source_.clear_readable();
}

}  // namespace kthena::async
