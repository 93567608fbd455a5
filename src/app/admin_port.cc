#include "app/admin_port.h"

#include <string>
#include <string_view>
#include <utility>

#include "telemetry/exposition.h"

namespace kthena::app {

namespace {

constexpr std::uint64_t kBodyMemory = 1 << 20;  // the pages take no bodies
constexpr std::string_view kText = "text/plain; charset=utf-8";

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.max_connections = 256;
  options.max_body_bytes = 64 << 10;
  return options;
}

}  // namespace

AdminPort::AdminPort(net::Network& network, telemetry::Registry& registry,
                     std::function<bool()> ready)
    : network_(network),
      registry_(registry),
      ready_(std::move(ready)),
      budget_(kBodyMemory),
      server_(network, budget_, *this, server_options()) {}

Result<net::SocketAddress> AdminPort::listen(const net::SocketAddress& address) {
  return server_.listen(address);
}

async::Task<void> AdminPort::stop(Duration patience) {
  co_await server_.drain(network_.loop().now() + patience);
}

async::Task<http::Response> AdminPort::handle(http::Request& request) {
  const std::string_view path = request.path();
  if (path == "/metrics") {
    const telemetry::Exposition format =
        telemetry::choose_exposition(request.headers.find("Accept").value_or(""));
    std::string text;
    registry_.print(text, format);
    co_return http::text_response(200, telemetry::content_type(format), std::move(text));
  }
  if (path == "/healthz") {
    co_return http::text_response(200, kText, "ok");
  }
  if (path == "/readyz") {
    co_return ready_() ? http::text_response(200, kText, "ok")
                       : http::text_response(503, kText, "not ready");
  }
  co_return http::text_response(404, kText, "404 page not found");
}

}  // namespace kthena::app
