// The ports for operators.
#pragma once

#include <cstdint>
#include <string>

#include "async/epoll_loop.h"
#include "http/memory.h"
#include "http/server.h"
#include "net/tcp.h"
#include "router/datastore/current_snapshot.h"
#include "router/observe/debug_page.h"
#include "router/observe/metrics_page.h"

namespace kthena::router {

struct AdminOptions {
  std::uint16_t metrics_port = 9090;  ///< 0: a free one
  std::uint16_t debug_port = 15000;   ///< 0: a free one
};

/// Serves the metrics, and the debug pages on loopback. Control shard; what data shards serve does
/// not wait for it.
class Admin {
 public:
  Admin(async::EpollLoop& loop, telemetry::Registry& registry, const CurrentSnapshot& world);

  /// Opens the ports; metrics at `host`. Errors: those of Network::listen, naming the flag.
  Result<> listen(const net::IpAddress& host, const AdminOptions& options);
  const net::SocketAddress& metrics_address() const noexcept { return metrics_address_; }
  const net::SocketAddress& debug_address() const noexcept { return debug_address_; }

  /// Answers what was asked, for so long, and closes.
  async::Task<void> stop(Duration patience);

 private:
  net::TcpNetwork network_;
  http::MemoryBudget budget_;
  MetricsFront metrics_front_;
  DebugFront debug_front_;
  http::Server metrics_;
  http::Server debug_;
  net::SocketAddress metrics_address_;
  net::SocketAddress debug_address_;
};

}  // namespace kthena::router
