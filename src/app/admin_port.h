// The port for operators and probes, over plain HTTP: metrics and health.
#pragma once

#include <cstdint>
#include <functional>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/memory.h"
#include "http/server.h"
#include "net/address.h"
#include "net/stream.h"
#include "telemetry/metrics.h"

namespace kthena::app {

/// Serves `/metrics`, `/healthz` and `/readyz`. One shard. stop() before it is destroyed.
class AdminPort final : private http::Handler {
 public:
  /// @param ready  asked by /readyz
  AdminPort(net::Network& network, telemetry::Registry& registry, std::function<bool()> ready);

  /// Errors: those of Network::listen.
  Result<net::SocketAddress> listen(const net::SocketAddress& address);
  /// Answers what was asked, for so long, and closes.
  async::Task<void> stop(Duration patience);

 private:
  async::Task<http::Response> handle(http::Request& request) override;

  net::Network& network_;
  telemetry::Registry& registry_;
  std::function<bool()> ready_;
  http::MemoryBudget budget_;
  http::Server server_;
};

}  // namespace kthena::app
