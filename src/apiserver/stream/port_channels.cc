#include "apiserver/stream/port_channels.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/stream/pod_streams.h"
#include "async/combine.h"
#include "async/task.h"
#include "base/error.h"
#include "base/result.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "net/stream.h"

namespace kthena::apiserver {
namespace {

constexpr std::size_t kMaxRead = 16 << 10;

}  // namespace

std::string forward_error(const PodName& pod, std::uint16_t port, const Error& error) {
  return "error forwarding port " + std::to_string(port) + " to pod " + pod.name + ", uid " +
         pod.uid + ": " + error.message();
}

async::Task<void> PortChannels::run(http::WebSocket& socket) {
  socket_ = &socket;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::array number = {static_cast<char>(ports_[i] & 0xff),
                               static_cast<char>(ports_[i] >> 8)};
    const std::string_view text(number.data(), number.size());
    if (!co_await send(2 * i, text) || !co_await send(2 * i + 1, text)) {
      co_return;
    }
  }
  connections_.resize(ports_.size());
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    auto connected = co_await streams_.connect(pod_, ports_[i]);
    if (connected) {
      connections_[i] = *std::move(connected);
    } else if (!co_await send(2 * i + 1, forward_error(pod_, ports_[i], connected.error()))) {
      co_return;
    }
  }
  static_cast<void>(co_await async::when_any(forward_all(), receive_all()));
}

async::Task<bool> PortChannels::forward_all() {
  std::vector<async::Task<int>> tasks;
  tasks.reserve(ports_.size());
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    tasks.push_back(forward(i));
  }
  co_await async::when_all(std::move(tasks));
  co_return true;
}

/// What the pod sends on one port, until its end.
async::Task<int> PortChannels::forward(std::size_t index) {
  if (connections_[index] == nullptr) {
    co_return 0;
  }
  std::vector<char> buffer(kMaxRead);
  while (true) {
    const auto count = co_await net::read_some(*connections_[index], buffer);
    if (!count || *count == 0) {
      co_return 0;
    }
    if (!co_await send(2 * index, {buffer.data(), *count})) {
      co_return 0;
    }
  }
}

async::Task<bool> PortChannels::receive_all() {
  while (true) {
    const auto message = co_await socket_->receive();
    if (!message || !*message) {
      co_return false;
    }
    const std::string_view payload = (*message)->payload;
    if (payload.size() < 2) {
      continue;
    }
    const auto channel = static_cast<std::uint8_t>(payload.front());
    const std::size_t index = channel / 2;
    if (channel % 2 != 0 || index >= connections_.size() || connections_[index] == nullptr) {
      continue;  // nobody reads it
    }
    // A port that takes no more lets the client wait; that it closed shows where it is read.
    static_cast<void>(co_await net::write_all(*connections_[index], payload.substr(1)));
  }
}

async::Task<Result<>> PortChannels::send(std::size_t channel, std::string_view bytes) {
  std::string message(1, static_cast<char>(channel));
  message += bytes;
  co_return co_await socket_->send(http::WebSocketOpcode::Binary, message);
}

}  // namespace kthena::apiserver
