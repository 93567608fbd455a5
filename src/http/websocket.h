// WebSocket frames and the handshake's texts. No I/O; both sides. The connection is in
// websocket_connection.h. Source: RFC 6455.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kthena::http {

enum class WebSocketOpcode : std::uint8_t {
  Continuation = 0x0,
  Text = 0x1,
  Binary = 0x2,
  Close = 0x8,
  Ping = 0x9,
  Pong = 0xA,
};

/// Which end one is: clients mask what they send, servers do not.
enum class WebSocketSide : std::uint8_t { Client, Server };

/// A random number that a client chooses anew for each frame, so that what it is made to send
/// cannot look like something else to a proxy on the way.
using WebSocketMask = std::array<char, 4>;

/// Appends one whole frame. @param mask  of a client; a server has none
void append_websocket_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload,
                            const std::optional<WebSocketMask>& mask);

/// The payload of a Close frame: a code and a reason, of which as much is kept as fits (123 bytes).
std::string websocket_close_payload(std::uint16_t code, std::string_view reason);

struct WebSocketMessage {
  WebSocketOpcode opcode = WebSocketOpcode::Binary;  ///< not Continuation
  std::string_view payload;      ///< unmasked, all fragments; valid until the next call
  std::uint16_t close_code = 0;  ///< of a Close frame: 0 without one; the reason is the payload
};

/// Frames out of a stream of bytes, cut anywhere; fragments are put together, control frames
/// between them come out first.
///
///     decoder.feed(bytes);
///     while (const auto message = TRY(decoder.next())) { … }
class WebSocketDecoder {
 public:
  explicit WebSocketDecoder(WebSocketSide self, std::size_t max_message = 1 << 20)
      : self_(self), max_message_(max_message) {}

  /// The next bytes; copied.
  void feed(std::string_view bytes) { input_.append(bytes); }

  /// The next message that is there whole. Errors: Malformed, TooLarge; after one, it is over, and
  /// error_close_code() is what the peer is told.
  Result<std::optional<WebSocketMessage>> next();

  std::uint16_t error_close_code() const noexcept { return error_close_code_; }

 private:
  struct Header {
    bool final = false;
    WebSocketOpcode opcode = WebSocketOpcode::Continuation;
    std::optional<WebSocketMask> mask;
    std::uint64_t length = 0;
    std::size_t size = 0;  ///< of the header
  };

  std::unexpected<Error> refuse(std::uint16_t close_code, std::string_view what);
  Result<std::optional<Header>> read_header();
  Result<> check(const Header& header);
  Result<std::optional<WebSocketMessage>> take_frame(const Header& header);
  Result<WebSocketMessage> take_close();

  WebSocketSide self_;
  std::size_t max_message_;
  std::string input_;  // what is not yet taken, from taken_ on
  std::size_t taken_ = 0;
  std::string message_;                        // the fragments so far
  std::optional<WebSocketOpcode> fragmented_;  // of the message that has begun
  std::string payload_;                        // of a control frame
  bool message_given_ = false;
  std::uint16_t error_close_code_ = 0;
};

/// A key for the handshake: 16 random bytes as text.
std::string websocket_key();
/// What the server answers to a key in Sec-WebSocket-Accept.
std::string websocket_accept(std::string_view key);

}  // namespace kthena::http
