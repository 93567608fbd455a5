#include "http/websocket_upgrade.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/task.h"
#include "async/time.h"
#include "base/strings.h"
#include "http/message.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "net/stream.h"

namespace kthena::http {
namespace {

// How long the client has to answer a Close.
constexpr Duration kCloseLimit = std::chrono::seconds(1);
constexpr std::size_t kKeySize = 24;  // 16 bytes in base64
constexpr std::uint16_t kGoingAway = 1001;

bool has_token(std::string_view list, std::string_view wanted) {
  bool found = false;
  for_each_part(list, ',', [&](std::string_view part) {
    found = found || kthena::equals_ignore_case(trim(part), wanted);
  });
  return found;
}

class WebSocketUpgrade final : public Upgrade {
 public:
  WebSocketUpgrade(std::unique_ptr<WebSocketHandler> handler, std::size_t max_message)
      : handler_(std::move(handler)), max_message_(max_message) {}

  async::Task<void> run(std::unique_ptr<net::Stream> stream, std::string received) override {
    WebSocket socket(std::move(stream), WebSocketSide::Server, received, max_message_);
    received = {};
    co_await handler_->run(socket);
    async::PromiseBase& task = co_await async::this_task();
    const bool stopped = task.context->cancelled();
    const async::ShieldScope shield(task);
    const async::DeadlineScope limit(task, kCloseLimit);
    if (!co_await socket.close(stopped ? kGoingAway : std::uint16_t{1000})) {
      co_return;
    }
    // What the client sends until it has read the Close is dropped, so that it is not reset.
    while (true) {
      const auto message = co_await socket.receive();
      if (!message || !*message) {
        co_return;
      }
    }
  }

  std::size_t memory() const noexcept override { return handler_->memory(); }

 private:
  std::unique_ptr<WebSocketHandler> handler_;
  std::size_t max_message_;
};

}  // namespace

bool is_websocket_request(const Request& request) {
  return request.method == Method::Get && request.version == Version::Http11 &&
         has_token(request.headers.find("Connection").value_or(""), "upgrade") &&
         kthena::equals_ignore_case(request.headers.find("Upgrade").value_or(""), "websocket");
}

std::optional<std::string_view> choose_websocket_protocol(const Request& request,
                                                          std::span<const std::string_view> ours) {
  std::optional<std::string_view> chosen;
  bool offered = false;
  const auto consider = [&](std::string_view protocol) {
    offered = offered || !protocol.empty();
    if (!chosen && !protocol.empty() && std::ranges::find(ours, protocol) != ours.end()) {
      chosen = protocol;
    }
  };
  for (const auto [name, value] : request.headers) {
    if (equals_ignore_case(name, "Sec-WebSocket-Protocol")) {
      for_each_part(value, ',', [&](std::string_view part) { consider(trim(part)); });
    }
  }
  if (!offered && std::ranges::find(ours, std::string_view()) != ours.end()) {
    return std::string_view();
  }
  return chosen;
}

Response upgrade_to_websocket(const Request& request, std::string_view protocol,
                              std::unique_ptr<WebSocketHandler> handler, std::size_t max_message) {
  if (request.headers.find("Sec-WebSocket-Version") != "13") {
    Response refused = text_response(426, "text/plain; charset=utf-8", "WebSocket version 13\n");
    refused.headers.add("Sec-WebSocket-Version", "13");
    return refused;
  }
  const std::string_view key = trim(request.headers.find("Sec-WebSocket-Key").value_or(""));
  if (key.size() != kKeySize) {
    return text_response(400, "text/plain; charset=utf-8", "no Sec-WebSocket-Key\n");
  }
  Response response;
  response.status = 101;
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Sec-WebSocket-Accept", websocket_accept(key));
  if (!protocol.empty()) {
    response.headers.add("Sec-WebSocket-Protocol", protocol);
  }
  response.upgrade = std::make_unique<WebSocketUpgrade>(std::move(handler), max_message);
  return response;
}

}  // namespace kthena::http
