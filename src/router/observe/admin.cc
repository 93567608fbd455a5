#include "router/observe/admin.h"

namespace kthena::router {
namespace {

constexpr std::uint64_t kBodyMemory = 1 << 20;  // the pages take no bodies
constexpr Duration kStopPatience = std::chrono::seconds(15);

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.max_connections = 256;
  options.max_body_bytes = 64 << 10;
  return options;
}

}  // namespace

Admin::Admin(async::EpollLoop& loop, telemetry::Registry& registry)
    : network_(loop),
      budget_(kBodyMemory),
      metrics_front_(registry),
      metrics_(network_, budget_, metrics_front_, server_options()) {}

Result<> Admin::listen(const net::IpAddress& host, const AdminOptions& options) {
  auto metrics = metrics_.listen({.ip = host, .port = options.metrics_port});
  if (!metrics) {
    return fail(std::move(metrics).error().with_context("--metrics-port"));
  }
  metrics_address_ = *metrics;
  return {};
}

async::Task<void> Admin::stop() { co_await metrics_.drain(network_.loop().now() + kStopPatience); }

}  // namespace kthena::router
