// Port-forward over v4.channel.k8s.io: for each port a channel for data and one for errors, each of
// which begins with the port's number in two bytes, the low one first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/stream/pod_streams.h"
#include "async/task.h"
#include "base/result.h"
#include "http/websocket_connection.h"
#include "http/websocket_upgrade.h"
#include "net/stream.h"

namespace kthena::apiserver {

/// One connection to each port, made when the WebSocket is open; it closes when all have ended.
class PortChannels final : public http::WebSocketHandler {
 public:
  static constexpr std::size_t kMaxPorts = 64;  // two channels each, numbered by a byte

  PortChannels(PodName pod, std::vector<std::uint16_t> ports, PodStreams& streams)
      : pod_(std::move(pod)), ports_(std::move(ports)), streams_(streams) {}

  async::Task<void> run(http::WebSocket& socket) override;
  std::size_t memory() const noexcept override { return std::size_t{1} << 20; }

 private:
  async::Task<bool> forward_all();
  async::Task<int> forward(std::size_t index);
  async::Task<bool> receive_all();
  async::Task<Result<>> send(std::size_t channel, std::string_view bytes);

  PodName pod_;
  std::vector<std::uint16_t> ports_;
  PodStreams& streams_;
  http::WebSocket* socket_ = nullptr;
  std::vector<std::unique_ptr<net::Stream>> connections_;  ///< null: not connected
};

/// `error forwarding port 80 to pod p, uid …: …`
std::string forward_error(const PodName& pod, std::uint16_t port, const Error& error);

}  // namespace kthena::apiserver
