// Signals as events of a loop.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

#include "async/epoll_loop.h"

namespace kthena::async {

/// Calls a function on the loop's thread when one of a set of signals arrives; the function must
/// not destroy the watch. Create it before threads are started: the signals are blocked in the
/// calling thread, and threads inherit that.
class SignalWatch final : private IoObserver {
 public:
  /// Errors: Internal.
  static Result<std::unique_ptr<SignalWatch>> create(EpollLoop& loop,
                                                     std::initializer_list<int> signals,
                                                     std::function<void(int)> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  SignalWatch(EpollLoop& loop, int fd, std::function<void(int)> on_signal);
  void on_io() noexcept override;

  EpollLoop& loop_;
  int fd_;
  IoSource source_;
  std::function<void(int)> on_signal_;
};

}  // namespace kthena::async
