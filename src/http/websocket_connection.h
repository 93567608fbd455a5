// A WebSocket over a stream on which the handshake is done.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/channel.h"
#include "async/task.h"
#include "base/random.h"
#include "base/result.h"
#include "http/websocket.h"
#include "net/stream.h"

namespace kthena::http {

/// One task may receive while others send. Giving it up closes the connection. One shard.
class WebSocket {
 public:
  /// @param received  bytes that came behind the handshake
  WebSocket(std::unique_ptr<net::Stream> stream, WebSocketSide self, std::string_view received = {},
            std::size_t max_message = 1 << 20);

  /// The next text or binary message, or the end (nullopt): the peer's Close, which is answered, or
  /// the stream's own end after one. Pings are answered meanwhile. The payload is valid until the
  /// next call. Errors: Disconnected, Malformed and TooLarge (the peer is told), Cancelled,
  /// DeadlineExceeded.
  async::Task<Result<std::optional<WebSocketMessage>>> receive();

  /// Sends one message. Errors: Disconnected, Cancelled, DeadlineExceeded; what was begun then
  /// leaves the connection unusable.
  async::Task<Result<>> send(WebSocketOpcode opcode, std::string_view payload);

  /// Says that nothing more is sent; receive() then gives what is left. Errors: as send().
  async::Task<Result<>> close(std::uint16_t code = 1000, std::string_view reason = {});

  /// The peer's, once receive() has ended; 0 if it gave none.
  std::uint16_t close_code() const noexcept { return close_code_; }
  const std::string& close_reason() const noexcept { return close_reason_; }

 private:
  async::Task<Result<std::optional<WebSocketMessage>>> next();
  async::Task<Result<>> on_close(const WebSocketMessage& message);

  std::unique_ptr<net::Stream> stream_;
  WebSocketSide self_;
  WebSocketDecoder decoder_;
  async::Semaphore sending_{1};
  bool close_sent_ = false;
  bool ended_ = false;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
};

}  // namespace kthena::http
