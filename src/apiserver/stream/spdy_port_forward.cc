#include "apiserver/stream/spdy_port_forward.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/stream/pod_streams.h"
#include "apiserver/stream/port_channels.h"
#include "apiserver/stream/spdy_frames.h"
#include "async/channel.h"
#include "async/scope.h"
#include "async/task.h"
#include "async/time.h"
#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "net/stream.h"

namespace kthena::apiserver {
namespace {

constexpr std::size_t kMaxRead = 16 << 10;
constexpr std::size_t kMaxPiece = 32 << 10;
constexpr std::size_t kMaxWaiting = 4;  // pieces that the pod has not taken
// A pod that takes nothing for so long loses its connection.
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr std::uint32_t kCancelled = 5;  // status of a reset
constexpr std::uint32_t kRefused = static_cast<std::uint32_t>(spdy::ResetStatus::RefusedStream);
constexpr std::uint32_t kProtocolError =
    static_cast<std::uint32_t>(spdy::ResetStatus::ProtocolError);

enum class StreamKind : std::uint8_t { Data, Error };

struct StreamHead {
  std::uint16_t port = 0;
  StreamKind kind = StreamKind::Data;
  std::string request;
};

/// What the fields of a new stream say; nothing if they are no good.
std::optional<StreamHead> read_head(const spdy::Frame& frame) {
  const auto port = parse_int<std::uint16_t>(spdy::find_field(frame.fields, "port"));
  const std::string_view kind = spdy::find_field(frame.fields, "streamtype");
  if (!port || *port == 0 || (kind != "data" && kind != "error")) {
    return std::nullopt;
  }
  StreamHead head{.port = *port,
                  .kind = kind == "data" ? StreamKind::Data : StreamKind::Error,
                  .request = std::string(spdy::find_field(frame.fields, "requestid"))};
  if (head.request.empty()) {
    // Older clients number nothing: the error stream comes first, the data stream is the next.
    head.request = std::to_string(head.kind == StreamKind::Error ? frame.stream : frame.stream - 2);
  }
  return head;
}

}  // namespace

/// A connection to a port.
struct SpdyPortForward::Pair {
  std::uint16_t port = 0;
  std::uint32_t data = 0;  ///< numbers of its streams; 0: not yet there
  std::uint32_t error = 0;
  async::Channel<std::string> input{kMaxWaiting};  ///< what the client sends, not yet taken
  async::Context* context = nullptr;               ///< of its task, while that runs
  bool reset = false;                              ///< by the client
};

async::Task<void> SpdyPortForward::run(http::WebSocket& socket) {
  socket_ = &socket;
  async::PromiseBase& task = co_await async::this_task();
  tasks_ = std::make_unique<async::TaskScope>(task.context->loop());
  static_cast<void>(co_await serve());
  co_await tasks_->stop();
  tasks_.reset();
  by_stream_.clear();
  waiting_.clear();
}

async::Task<Result<>> SpdyPortForward::serve() {
  while (true) {
    const auto message = CO_TRY(co_await socket_->receive());
    if (!message) {
      co_return {};
    }
    decoder_.feed(message->payload);
    while (const auto frame = CO_TRY(decoder_.next())) {
      CO_TRY(co_await handle(*frame));
    }
  }
}

async::Task<Result<>> SpdyPortForward::handle(const spdy::Frame& frame) {
  switch (frame.type) {
    case spdy::FrameType::SynStream:
      co_return co_await open(frame);
    case spdy::FrameType::Data:
      co_return co_await take_data(frame.stream, frame.data, frame.fin);
    case spdy::FrameType::RstStream:
      end_stream(frame.stream);
      co_return {};
    case spdy::FrameType::Ping:
      if (frame.stream % 2 != 0) {  // the client's; ours would be even
        co_return co_await send(spdy::Encoder::ping(frame.stream));
      }
      co_return {};
    default:
      co_return {};  // settings, windows, farewells: nothing of them concerns us
  }
}

async::Task<Result<>> SpdyPortForward::open(const spdy::Frame& frame) {
  const std::uint32_t stream = frame.stream;
  if (stream % 2 == 0 || stream <= last_stream_) {
    co_return co_await send(spdy::Encoder::reset(stream, kProtocolError));
  }
  last_stream_ = stream;
  const auto head = read_head(frame);
  if (!head) {
    co_return co_await send(spdy::Encoder::reset(stream, kCancelled));
  }
  std::shared_ptr<Pair> pair;
  if (const auto found = waiting_.find(head->request); found != waiting_.end()) {
    pair = found->second;
  } else {
    if (by_stream_.size() >= 2 * kMaxPairs) {
      co_return co_await send(spdy::Encoder::reset(stream, kRefused));
    }
    pair = std::make_shared<Pair>();
    pair->port = head->port;
    waiting_.emplace(head->request, pair);
  }
  std::uint32_t& number = head->kind == StreamKind::Data ? pair->data : pair->error;
  if (number != 0) {
    co_return co_await send(spdy::Encoder::reset(stream, kCancelled));
  }
  number = stream;
  by_stream_.emplace(stream, pair);
  if (frame.fin && head->kind == StreamKind::Data) {
    pair->input.close();
  }
  CO_TRY(co_await send(encoder_.syn_reply(stream, {})));
  if (pair->data != 0 && pair->error != 0) {
    waiting_.erase(head->request);
    tasks_->spawn(forward(std::move(pair)));
  }
  co_return {};
}

async::Task<Result<>> SpdyPortForward::take_data(std::uint32_t stream, std::string_view data,
                                                 bool fin) {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end() || found->second->data != stream) {
    co_return {};  // gone, or the error stream, on which clients say nothing
  }
  const std::shared_ptr<Pair> pair = found->second;
  while (!data.empty()) {
    const std::string_view piece = data.substr(0, kMaxPiece);
    data.remove_prefix(piece.size());
    const async::DeadlineScope limit(co_await async::this_task(), kPatience);
    const auto sent = co_await pair->input.send(std::string(piece));
    if (sent) {
      continue;
    }
    if (sent.error().code() == ErrorCode::NotFound) {
      co_return {};  // the pod's end has come meanwhile
    }
    if (!limit.expired()) {
      co_return fail(sent.error());
    }
    end_stream(stream);
    co_return co_await send(spdy::Encoder::reset(stream, kCancelled));
  }
  if (fin) {
    pair->input.close();
  }
  co_return {};
}

/// The client has given up one stream of a pair: both end.
void SpdyPortForward::end_stream(std::uint32_t stream) {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) {
    return;
  }
  const std::shared_ptr<Pair> pair = found->second;
  pair->reset = true;
  pair->input.close();
  if (pair->context != nullptr) {
    pair->context->cancel();
    return;
  }
  by_stream_.erase(pair->data);
  by_stream_.erase(pair->error);
  std::erase_if(waiting_, [&pair](const auto& entry) { return entry.second == pair; });
}

async::Task<void> SpdyPortForward::forward(std::shared_ptr<Pair> pair) {
  pair->context = (co_await async::this_task()).context;
  Result<> outcome;
  auto connected = co_await streams_.connect(pod_, pair->port);
  if (connected) {
    outcome = co_await carry(*pair, **connected);
    connected->reset();
  } else {
    outcome = fail(std::move(connected).error());
  }
  pair->input.close();
  pair->context = nullptr;
  by_stream_.erase(pair->data);
  by_stream_.erase(pair->error);
  const bool cancelled = !outcome && outcome.error().code() == ErrorCode::Cancelled;
  if (pair->reset || cancelled) {
    co_return;
  }
  if (outcome) {
    static_cast<void>(co_await send(spdy::Encoder::data(pair->data, {}, true)));
    static_cast<void>(co_await send(spdy::Encoder::data(pair->error, {}, true)));
    co_return;
  }
  const std::string text = forward_error(pod_, pair->port, outcome.error());
  static_cast<void>(co_await send(spdy::Encoder::data(pair->error, text, false)));
  static_cast<void>(co_await send(spdy::Encoder::reset(pair->data, kCancelled)));
  static_cast<void>(co_await send(spdy::Encoder::reset(pair->error, kCancelled)));
}

/// Both ways, until the pod has sent its last byte.
async::Task<Result<>> SpdyPortForward::carry(Pair& pair, net::Stream& connection) {
  async::PromiseBase& task = co_await async::this_task();
  async::TaskScope writing(task.context->loop(), task.context);
  writing.spawn(write_all(pair, connection));
  std::vector<char> buffer(kMaxRead);
  Result<> outcome;
  while (true) {
    const auto count = co_await net::read_some(connection, buffer);
    if (!count) {
      outcome = fail(count.error());
      break;
    }
    if (*count == 0) {
      break;
    }
    outcome = co_await send(spdy::Encoder::data(pair.data, {buffer.data(), *count}, false));
    if (!outcome) {
      break;
    }
  }
  co_await writing.stop();
  co_return outcome;
}

async::Task<void> SpdyPortForward::write_all(Pair& pair, net::Stream& connection) {
  while (true) {
    const auto piece = co_await pair.input.receive();
    if (!piece) {
      if (piece.error().code() == ErrorCode::NotFound) {
        connection.shutdown_write();
      }
      co_return;
    }
    if (!co_await net::write_all(connection, *piece)) {
      pair.input.close();
      co_return;  // why shows where it is read
    }
  }
}

async::Task<Result<>> SpdyPortForward::send(std::string frame) {
  co_return co_await socket_->send(http::WebSocketOpcode::Binary, frame);
}

}  // namespace kthena::apiserver
