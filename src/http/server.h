// The HTTP/1.1 server of one shard.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "async/scope.h"
#include "http/memory.h"
#include "http/message.h"
#include "net/stream.h"

namespace kthena::http {

/// Answers requests. Shared by all connections of a shard.
class Handler {
 public:
  virtual ~Handler() = default;

  /// Answers one request, which lives until the response was sent. Cancelled when the client goes
  /// away; its deadline is exceeded when the server stops and has no more patience. May answer
  /// before the body was read: what is left of it is skipped, or the connection is closed after the
  /// answer.
  virtual async::Task<Response> handle(Request& request) = 0;

  /// The answer to a request that could not be read at all (400, 408, 413, 414, 431, 501, …); the
  /// connection is closed after it.
  virtual Response refuse(int status, std::string_view message);
};

struct ServerOptions {
  std::size_t max_head_bytes = 64 << 10;       ///< beyond: 431 (fields) or 414 (target)
  std::size_t max_headers = 128;               ///< beyond: 431
  std::uint64_t max_body_bytes = 64ULL << 20;  ///< beyond: 413
  std::size_t max_connections = 100'000;  ///< beyond: closed at accept; descriptors end earlier
  std::uint32_t max_requests_per_connection = 0;  ///< 0: no limit
  Duration head_timeout =
      std::chrono::seconds(10);  ///< from a request's first byte to its last header: 408
  Duration body_timeout = std::chrono::seconds(60);   ///< without a byte of the body: 408
  Duration idle_timeout = std::chrono::seconds(120);  ///< between requests: closed
  Duration write_timeout =
      std::chrono::seconds(60);  ///< a client that takes nothing for so long is cut
};

class ServerConnection;
class RequestBody;

/// Accepts connections and runs them. One shard. drain() before it is destroyed.
class Server {
 public:
  Server(net::Network& network, MemoryBudget& budget, Handler& handler, ServerOptions options = {});
  ~Server();

  /// Serves connections to `address`; may be called for several. Port 0: see the result.
  /// Errors: those of Network::listen.
  Result<net::SocketAddress> listen(const net::SocketAddress& address,
                                    const net::ListenOptions& options = {});

  /// Closes the listeners and idle connections; answers carry `Connection: close`; waits until the
  /// last request is done, or until `deadline`, when what is left is cut. Returns how many were
  /// cut.
  async::Task<std::size_t> drain(Instant deadline);

  /// Answers carry `Connection: close` from now on, while new connections are still taken: the time
  /// between readiness turning false and the load balancer noticing.
  void start_lame_duck() noexcept { closing_ = true; }

  struct Stats {
    std::uint64_t accepted = 0;
    std::uint64_t requests = 0;
    std::size_t open = 0;      ///< connections
    std::size_t active = 0;    ///< requests being answered
    std::size_t upgraded = 0;  ///< connections that speak another protocol
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  friend class ServerConnection;
  friend class RequestBody;
  class Accepting;

  void close_idle();

  net::Network& network_;
  MemoryBudget& budget_;
  Handler& handler_;
  ServerOptions options_;
  Stats stats_;
  bool closing_ = false;
  bool idle_closed_ = false;  ///< a connection that would wait for a request is closed
  bool cutting_ = false;
  List<ServerConnection> connections_;
  std::vector<std::unique_ptr<Accepting>> listeners_;
  async::TaskScope tasks_;
};

}  // namespace kthena::http
