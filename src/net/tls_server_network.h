// A network whose listeners accept TLS, for servers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "async/scope.h"
#include "base/clock.h"
#include "net/stream.h"
#include "net/tls.h"

namespace kthena::net {

struct TlsServerNetworkOptions {
  Duration handshake_timeout = std::chrono::seconds(10);
  std::size_t max_handshakes =
      256;  ///< at a time and listener; further connections wait in the kernel
};

/// Listens on the network below and gives connections out once they have shaken hands. One shard;
/// does not own the network. stop() before it is destroyed.
class TlsServerNetwork final : public Network {
 public:
  TlsServerNetwork(Network& below, TlsContext context, TlsServerNetworkOptions options = {});
  ~TlsServerNetwork() override;

  /// For handshakes that begin from now on: other certificates. Connections keep theirs.
  void set_context(TlsContext context) { context_ = std::move(context); }

  async::Loop& loop() noexcept override { return below_.loop(); }
  /// Errors: those of the network below.
  Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                           const ListenOptions& options) override;
  /// Unsupported: TlsNetwork connects.
  async::Task<Result<std::unique_ptr<Stream>>> connect(const SocketAddress& address) override;

  /// Ends the handshakes that are under way.
  async::Task<void> stop();

  struct Stats {
    std::uint64_t handshakes = 0;  ///< that came to a connection
    std::uint64_t failures = 0;    ///< no TLS, wrong certificates, too slow, gone
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  class TlsListener;
  struct Queue;
  async::Task<void> shake_hands(std::shared_ptr<Queue> queue, std::unique_ptr<Stream> stream);

  Network& below_;
  TlsContext context_;
  TlsServerNetworkOptions options_;
  Stats stats_;
  async::TaskScope handshakes_;
};

}  // namespace kthena::net
