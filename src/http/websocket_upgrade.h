// The server's side of a WebSocket's beginning.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "async/task.h"
#include "http/message.h"
#include "http/websocket_connection.h"

namespace kthena::http {

/// What a server does with a WebSocket, once it is open.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;

  /// The WebSocket is closed when this ends, with 1000 if it was not yet; cancelled with
  /// DeadlineExceeded when the server stops.
  virtual async::Task<void> run(WebSocket& socket) = 0;

  /// See Upgrade::memory().
  virtual std::size_t memory() const noexcept { return std::size_t{128} << 10; }
};

/// Whether the client asks for a WebSocket.
bool is_websocket_request(const Request& request);

/// The first protocol among those that the client offers that is one of `ours`. A client that
/// offers none gets the empty one, if that is among ours; else nothing.
std::optional<std::string_view> choose_websocket_protocol(const Request& request,
                                                          std::span<const std::string_view> ours);

/// The answer to a request for a WebSocket: 101, or 400 (no key), 426 (another version).
/// @param protocol  as chosen; empty: none is named
Response upgrade_to_websocket(const Request& request, std::string_view protocol,
                              std::unique_ptr<WebSocketHandler> handler,
                              std::size_t max_message = 1 << 20);

}  // namespace kthena::http
