// The loop on real time: edge-triggered epoll, one thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "async/io_source.h"
#include "async/loop.h"
#include "base/result.h"

namespace kthena::async {

class EpollLoop final : public Loop {
 public:
  /// Errors: Internal when the machine has no descriptors left.
  static Result<std::unique_ptr<EpollLoop>> create();
  ~EpollLoop() override;

  WallTime wall_now() const override;
  void run() override;
  void stop() override;
  void post(std::move_only_function<void()> work) override;

  /// Reports edges of `fd` to `source` until unwatch(). The source must live until then.
  /// Errors: Internal (watch limit of the system).
  Result<> watch(int fd, IoSource& source);
  void unwatch(int fd) noexcept;

 private:
  EpollLoop(int epoll_fd, int wake_fd);
  void poll(bool block);
  int wait(void* events, Duration timeout) noexcept;
  void run_ready() noexcept;
  void drain_mailbox();
  void ring() noexcept;

  int epoll_fd_;
  int wake_fd_;
  bool has_pwait2_ = true;
  std::atomic<bool> stopping_ = false;
  // Guards mailbox_ and closed_; held for a push or a swap. The bell is rung under it, so that a
  // loop which has seen the mail may be destroyed while the poster is still inside post().
  std::mutex mailbox_mutex_;
  std::vector<std::move_only_function<void()>> mailbox_;
  bool closed_ = false;
};

}  // namespace kthena::async
