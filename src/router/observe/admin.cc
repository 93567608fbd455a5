#include "router/observe/admin.h"

namespace kthena::router {
namespace {

constexpr std::uint64_t kBodyMemory = 1 << 20;  // the pages take no bodies

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.max_connections = 256;
  options.max_body_bytes = 64 << 10;
  return options;
}

Result<net::SocketAddress> listen_for(std::string_view flag, http::Server& server,
                                      const net::SocketAddress& address) {
  auto bound = server.listen(address);
  if (!bound) {
    return fail(std::move(bound).error().with_context(flag));
  }
  return bound;
}

}  // namespace

Admin::Admin(async::EpollLoop& loop, telemetry::Registry& registry, const CurrentSnapshot& world)
    : network_(loop),
      budget_(kBodyMemory),
      metrics_front_(registry),
      debug_front_(loop, world),
      metrics_(network_, budget_, metrics_front_, server_options()),
      debug_(network_, budget_, debug_front_, server_options()) {}

Result<> Admin::listen(const net::IpAddress& host, const AdminOptions& options) {
  metrics_address_ =
      TRY(listen_for("--metrics-port", metrics_, {.ip = host, .port = options.metrics_port}));
  debug_address_ = TRY(listen_for("--debug-port", debug_,
                                  {.ip = net::IpAddress::loopback(), .port = options.debug_port}));
  return {};
}

async::Task<void> Admin::stop(Duration patience) {
  const Instant deadline = network_.loop().now() + patience;
  co_await metrics_.drain(deadline);
  co_await debug_.drain(deadline);
}

}  // namespace kthena::router
