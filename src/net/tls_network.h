// A network whose connections are TLS, for clients of one server.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "net/stream.h"
#include "net/tls.h"

namespace kthena::net {

/// Connects by the network below and shakes hands. One shard; does not own the network.
class TlsNetwork final : public Network {
 public:
  /// @param server_name  what the server's certificate must be for: a DNS name or an IP address
  TlsNetwork(Network& below, TlsContext context, std::string server_name)
      : below_(below), context_(std::move(context)), server_name_(std::move(server_name)) {}

  /// For connections made from now on: other certificates.
  void set_context(TlsContext context) { context_ = std::move(context); }

  async::Loop& loop() noexcept override { return below_.loop(); }
  /// Unsupported: servers do their handshakes themselves.
  Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                           const ListenOptions& options) override;
  /// Errors: those of the network below and of tls_connect().
  async::Task<Result<std::unique_ptr<Stream>>> connect(const SocketAddress& address) override;

 private:
  Network& below_;
  TlsContext context_;
  std::string server_name_;
};

}  // namespace kthena::net
