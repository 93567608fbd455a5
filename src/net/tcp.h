// TCP on the epoll loop.
#pragma once

#include "async/epoll_loop.h"
#include "net/stream.h"

namespace kthena::net {

/// Sockets of one epoll loop: non-blocking, TCP_NODELAY, keep-alive probes after 30 s, closed on
/// exec.
class TcpNetwork final : public Network {
 public:
  explicit TcpNetwork(async::EpollLoop& loop) noexcept : loop_(loop) {}

  async::Loop& loop() noexcept override { return loop_; }
  Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                           const ListenOptions& options) override;
  async::Task<Result<std::unique_ptr<Stream>>> connect(const SocketAddress& address) override;

 private:
  async::EpollLoop& loop_;
};

/// Raises the limit of open descriptors to what the system allows, and returns it.
std::size_t raise_descriptor_limit();

}  // namespace kthena::net
