#include "http/websocket_connection.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "base/result.h"
#include "http/memory.h"
#include "http/websocket.h"
#include "net/stream.h"

namespace kthena::http {

WebSocket::WebSocket(std::unique_ptr<net::Stream> stream, WebSocketSide self,
                     std::string_view received, std::size_t max_message)
    : stream_(std::move(stream)), self_(self), decoder_(self, max_message) {
  decoder_.feed(received);
}

async::Task<Result<>> WebSocket::send(WebSocketOpcode opcode, std::string_view payload) {
  const auto turn = CO_TRY(co_await sending_.acquire());
  if (close_sent_) {
    co_return fail(ErrorCode::Disconnected, "WebSocket: it was closed");
  }
  close_sent_ = opcode == WebSocketOpcode::Close;
  std::optional<WebSocketMask> mask;
  if (self_ == WebSocketSide::Client) {
    mask.emplace();
    secure_random_bytes(std::as_writable_bytes(std::span(*mask)));
  }
  std::string frame;
  append_websocket_frame(frame, opcode, payload, mask);
  co_return co_await net::write_all(*stream_, frame);
}

async::Task<Result<>> WebSocket::close(std::uint16_t code, std::string_view reason) {
  if (close_sent_) {
    co_return {};
  }
  const std::string payload = websocket_close_payload(code, reason);
  co_return co_await send(WebSocketOpcode::Close, payload);
}

async::Task<Result<std::optional<WebSocketMessage>>> WebSocket::next() {
  while (true) {
    if (auto message = CO_TRY(decoder_.next())) {
      co_return message;
    }
    // Straight from the thread's scratch into the decoder: no suspension lies between.
    const std::span<char> room(read_scratch(), kReadScratchSize);
    const net::IoOutcome outcome = stream_->try_read(room);
    switch (outcome.kind) {
      case net::IoOutcome::Kind::Bytes:
        decoder_.feed({room.data(), outcome.bytes});
        break;
      case net::IoOutcome::Kind::WouldBlock:
        CO_TRY(co_await async::wait_io(stream_->io(), async::Interest::Read));
        break;
      case net::IoOutcome::Kind::End:
        co_return fail(ErrorCode::Disconnected, "WebSocket: the connection was closed");
      case net::IoOutcome::Kind::Failed:
        co_return fail(net::io_error(outcome));
    }
  }
}

async::Task<Result<>> WebSocket::on_close(const WebSocketMessage& message) {
  ended_ = true;
  close_code_ = message.close_code;
  close_reason_ = message.payload;
  constexpr std::uint16_t kNormal = 1000;
  (void)co_await close(close_code_ != 0 ? close_code_ : kNormal);
  stream_->shutdown_write();
  co_return {};
}

async::Task<Result<std::optional<WebSocketMessage>>> WebSocket::receive() {
  while (!ended_) {
    auto message = co_await next();
    if (!message) {
      const ErrorCode code = message.error().code();
      if (code == ErrorCode::Cancelled || code == ErrorCode::DeadlineExceeded) {
        co_return fail(std::move(message).error());  // the connection is as good as before
      }
      ended_ = true;
      if (decoder_.error_close_code() != 0) {
        (void)co_await close(decoder_.error_close_code(), message.error().message());
      }
      co_return fail(std::move(message).error());
    }
    switch ((*message)->opcode) {
      case WebSocketOpcode::Ping: {
        const std::string payload((*message)->payload);
        if (!close_sent_) {
          CO_TRY(co_await send(WebSocketOpcode::Pong, payload));
        }
        break;
      }
      case WebSocketOpcode::Pong:
        break;
      case WebSocketOpcode::Close:
        CO_TRY(co_await on_close(**message));
        break;
      default:
        co_return message;
    }
  }
  co_return std::nullopt;
}

}  // namespace kthena::http
