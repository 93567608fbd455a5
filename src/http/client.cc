#include "http/client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "async/time.h"
#include "http/client_connection.h"

namespace kthena::http {
namespace {

/// What is left to send of a request: the head, then the body's parts.
class Outbox {
 public:
  Outbox(std::string head, std::span<const std::string_view> body)
      : head_(std::move(head)), head_left_(head_), body_(body) {}

  bool empty() const noexcept { return head_left_.empty() && index_ == body_.size(); }

  /// One write of as much as the kernel takes.
  net::IoOutcome write(net::Stream& stream) {
    std::array<std::string_view, kPartsPerWrite> parts;
    std::size_t count = 0;
    if (!head_left_.empty()) {
      parts[count++] = head_left_;
    }
    for (std::size_t i = index_; i < body_.size() && count < parts.size(); ++i) {
      parts[count++] = i == index_ ? body_[i].substr(offset_) : body_[i];
    }
    const net::IoOutcome outcome = stream.try_write(std::span(parts).subspan(0, count));
    advance(outcome.bytes);
    return outcome;
  }

 private:
  static constexpr std::size_t kPartsPerWrite = 12;

  void advance(std::size_t bytes) {
    const std::size_t of_head = std::min(bytes, head_left_.size());
    head_left_.remove_prefix(of_head);
    offset_ += bytes - of_head;
    while (index_ < body_.size() && offset_ >= body_[index_].size()) {
      offset_ -= body_[index_++].size();
    }
  }

  std::string head_;
  std::string_view head_left_;
  std::span<const std::string_view> body_;
  std::size_t index_ = 0;   ///< the first part that is not sent whole
  std::size_t offset_ = 0;  ///< bytes of it that are sent
};

/// Bytes of an answer until its head is complete.
class HeadReader {
 public:
  explicit HeadReader(std::size_t limit) : limit_(limit) {}

  enum class State : std::uint8_t { NeedMore, Complete, Closed, Failed, Bad };

  bool received_any() const noexcept { return received_any_; }

  /// Reads what is there. Complete: head() and rest() are valid until the next call or suspension.
  State read(net::Stream& stream) {
    while (true) {
      if (!bytes_.empty()) {
        const HeadEnd end = find_head_end(bytes_, scanned_);
        if (end.kind == HeadEnd::Kind::Complete) {
          head_size_ = end.size;
          return State::Complete;
        }
        if (end.kind == HeadEnd::Kind::Bad || bytes_.size() > limit_) {
          return State::Bad;
        }
        keep();
      }
      const std::span<char> room = bytes_.empty()
                                       ? std::span(read_scratch(), kReadScratchSize)
                                       : std::span(kept_.data() + kept_.size(), kept_.room());
      const net::IoOutcome outcome = stream.try_read(room);
      switch (outcome.kind) {
        case net::IoOutcome::Kind::Bytes:
          received_any_ = true;
          if (bytes_.empty()) {
            bytes_ = {room.data(), outcome.bytes};
          } else {
            kept_.grow(outcome.bytes);
            bytes_ = kept_.view();
          }
          break;
        case net::IoOutcome::Kind::WouldBlock:
          return State::NeedMore;
        case net::IoOutcome::Kind::End:
          return State::Closed;
        case net::IoOutcome::Kind::Failed:
          last_ = outcome;
          return State::Failed;
      }
    }
  }

  std::string_view head() const noexcept { return bytes_.substr(0, head_size_); }
  std::string_view rest() const noexcept { return bytes_.substr(head_size_); }
  const net::IoOutcome& failure() const noexcept { return last_; }

  /// Goes on behind a 1xx answer.
  void skip_head() {
    Buffer rest_kept = Buffer::allocate(std::max<std::size_t>(rest().size(), 1), nullptr);
    rest_kept.append(rest());
    kept_ = std::move(rest_kept);
    bytes_ = kept_.view();
    scanned_ = 0;
  }

 private:
  void keep() {
    if (!kept_) {
      kept_ = Buffer::allocate(4096, nullptr);
      kept_.append(bytes_);
    } else if (kept_.room() == 0) {
      kept_.reserve(2 * kept_.capacity());
    }
    bytes_ = kept_.view();
  }

  std::size_t limit_;
  std::string_view bytes_;
  Buffer kept_;
  std::size_t scanned_ = 0;
  std::size_t head_size_ = 0;
  net::IoOutcome last_;
  bool received_any_ = false;
};

std::unexpected<SendFailure> failure(SendFailure::Stage stage, Error error) {
  return std::unexpected(SendFailure{.error = std::move(error), .stage = stage});
}

Framing framing_of(const OutgoingRequest& request) {
  Framing framing{.kind = request.has_body ? Framing::Kind::Length : Framing::Kind::None,
                  .keep_alive = true};
  for (const std::string_view part : request.body) {
    framing.length += part.size();
  }
  return framing;
}

std::string make_head(const OutgoingRequest& request) {
  std::string head;
  constexpr std::size_t kAroundFields = 64;  // method, version, Content-Length
  head.reserve(request.target.size() + request.headers->most_bytes() + 4 * request.headers->size() +
               kAroundFields);
  append_request_head(
      head, request.method == Method::Other ? request.method_text : to_string(request.method),
      request.target, *request.headers, framing_of(request));
  if (request.upgrade) {
    head.insert(head.size() - 2, "Connection: Upgrade\r\n");
  }
  return head;
}

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<Client::Pool> pool,
                                   std::unique_ptr<net::Stream> stream)
    : Timer(stream->io().loop()), pool_(std::move(pool)), stream_(std::move(stream)) {}

ClientConnection::~ClientConnection() {
  if (idle_) {
    --pool_->idle_count;
    --pool_->client.stats_.idle;
  }
}

void ClientConnection::give_back(std::unique_ptr<ClientConnection> connection) {
  Client::Pool& pool = *connection->pool_;
  Client& client = pool.client;
  net::Stream& stream = *connection->stream_;
  if (pool.forgotten || pool.idle_count >= client.options_.max_idle_per_endpoint ||
      stream.io().readable()) {
    return;  // gone, full, or it has more to say: closed
  }
  ClientConnection& self = *connection.release();
  pool.idle.push_front(self);
  self.idle_ = true;
  ++pool.idle_count;
  ++client.stats_.idle;
  stream.io().set_observer(&self);
  self.set(self.loop().now() + client.options_.idle_timeout);
}

void ClientConnection::take() {
  unlink();
  Timer::cancel();
  stream_->io().set_observer(nullptr);
  idle_ = false;
  --pool_->idle_count;
  --pool_->client.stats_.idle;
}

Client::Client(net::Network& network, ClientOptions options)
    : network_(network), options_(options) {}

Client::~Client() {
  while (!pools_.empty()) {
    forget(pools_.begin()->first);
  }
}

void Client::forget(const net::SocketAddress& endpoint) {
  const auto found = pools_.find(endpoint);
  if (found == pools_.end()) {
    return;
  }
  const std::shared_ptr<Pool> pool = std::move(found->second);
  pools_.erase(found);
  pool->forgotten = true;
  while (!pool->idle.empty()) {
    delete &pool->idle.front();
  }
}

void Client::forget_all_but(const std::function<bool(const net::SocketAddress&)>& keep) {
  std::vector<net::SocketAddress> gone;
  for (const auto& [endpoint, pool] : pools_) {
    if (!keep(endpoint)) {
      gone.push_back(endpoint);
    }
  }
  for (const net::SocketAddress& endpoint : gone) {
    forget(endpoint);
  }
}

async::Task<std::expected<ClientResponse, SendFailure>> Client::send(
    const net::SocketAddress& endpoint, const OutgoingRequest& request) {
  std::shared_ptr<Pool>& slot = pools_[endpoint];
  if (slot == nullptr) {
    slot = std::make_shared<Pool>(*this);
  }
  const std::shared_ptr<Pool> pool = slot;
  async::PromiseBase& task = co_await async::this_task();
  bool may_reuse = true;
  while (true) {
    std::unique_ptr<ClientConnection> connection;
    const bool reused = may_reuse && !pool->idle.empty();
    if (reused) {
      connection.reset(&pool->idle.front());
      connection->take();
      ++stats_.reused;
    } else {
      const async::DeadlineScope limit(task, options_.connect_timeout);
      auto stream = co_await network_.connect(endpoint);
      if (!stream) {
        co_return failure(SendFailure::Stage::Connect,
                          limit.expired()
                              ? Error(ErrorCode::DeadlineExceeded,
                                      "connecting to " + endpoint.to_string() + " took too long")
                              : std::move(stream).error());
      }
      ++stats_.opened;
      connection = std::make_unique<ClientConnection>(pool, *std::move(stream));
    }
    auto response = co_await exchange(std::move(connection), request);
    const bool stale = !response && reused && response.error().stage == SendFailure::Stage::Send;
    if (!stale) {
      co_return response;
    }
    may_reuse =
        false;  // the engine had closed it between two requests: that is no answer, and no attempt
  }
}

async::Task<std::expected<ClientResponse, SendFailure>> Client::exchange(
    std::unique_ptr<ClientConnection> connection, const OutgoingRequest& request) {
  net::Stream& stream = connection->stream();
  Outbox outbox(make_head(request), request.body);
  HeadReader reader(options_.max_head_bytes);
  while (true) {
    bool broken = false;
    if (!outbox.empty()) {
      const net::IoOutcome outcome = outbox.write(stream);
      broken = outcome.kind == net::IoOutcome::Kind::Failed;
      if (!broken && !outbox.empty() && outcome.kind == net::IoOutcome::Kind::Bytes &&
          stream.io().writable()) {
        continue;
      }
    }
    // An engine may answer, a refusal mostly, before it has read the request, and may close then.
    if (stream.io().readable() || broken) {
      switch (reader.read(stream)) {
        case HeadReader::State::NeedMore:
          break;
        case HeadReader::State::Complete: {
          ClientResponse response;
          const auto framing = parse_response_head(reader.head(), request.method, response.status,
                                                   response.version, response.headers);
          if (!framing) {
            co_return failure(SendFailure::Stage::Head, framing.error());
          }
          if (response.status == 101 && !request.upgrade) {
            co_return failure(
                SendFailure::Stage::Head,
                Error(ErrorCode::Malformed, "a change of protocol that nobody asked for"));
          }
          if (response.status == 101) {
            response.upgraded_bytes = reader.rest();
            response.upgraded = connection->release_stream();
            co_return response;
          }
          if (response.status < 200) {
            reader.skip_head();
            continue;
          }
          Framing actual = *framing;
          actual.keep_alive = actual.keep_alive && outbox.empty();
          response.body =
              std::make_unique<ResponseBody>(std::move(connection), actual, reader.rest());
          co_return response;
        }
        case HeadReader::State::Bad:
          co_return failure(SendFailure::Stage::Head,
                            Error(ErrorCode::Malformed, "the answer is not HTTP"));
        case HeadReader::State::Closed:
          co_return failure(
              reader.received_any() ? SendFailure::Stage::Head : SendFailure::Stage::Send,
              Error(ErrorCode::Disconnected, "the connection was closed before an answer"));
        case HeadReader::State::Failed:
          co_return failure(
              reader.received_any() ? SendFailure::Stage::Head : SendFailure::Stage::Send,
              net::io_error(reader.failure()));
      }
      if (broken) {
        co_return failure(SendFailure::Stage::Send,
                          Error(ErrorCode::Disconnected, "the connection broke while sending"));
      }
    }
    const auto waited = co_await async::wait_io(
        stream.io(), outbox.empty() ? async::Interest::Read : async::Interest::Both);
    if (!waited) {
      co_return failure(SendFailure::Stage::Head, waited.error());
    }
  }
}

ResponseBody::ResponseBody(std::unique_ptr<ClientConnection> connection, const Framing& framing,
                           std::string_view first_bytes)
    : connection_(std::move(connection)), framing_(framing), left_(framing.length) {
  if (framing.kind == Framing::Kind::Chunked) {
    decoder_ = std::make_unique<ChunkDecoder>();
  }
  if (!first_bytes.empty()) {
    first_ = Buffer::allocate(first_bytes.size(), nullptr);
    first_.append(first_bytes);
  }
  if (framing.kind == Framing::Kind::None ||
      (framing.kind == Framing::Kind::Length && framing.length == 0)) {
    finish(framing_.keep_alive && first_bytes.empty());
  }
}

std::optional<std::uint64_t> ResponseBody::length() const {
  switch (framing_.kind) {
    case Framing::Kind::None:
      return 0;
    case Framing::Kind::Length:
      return framing_.length;
    case Framing::Kind::Chunked:
    case Framing::Kind::UntilClose:
      break;
  }
  return std::nullopt;
}

const Headers* ResponseBody::trailers() const {
  return done_ && decoder_ != nullptr && !decoder_->trailers().empty() ? &decoder_->trailers()
                                                                       : nullptr;
}

void ResponseBody::unsubscribe(async::Waiter& waiter) noexcept {
  if (connection_ != nullptr) {
    connection_->stream().io().unsubscribe(waiter);
  }
}

void ResponseBody::finish(bool reusable) {
  done_ = true;
  if (reusable && connection_ != nullptr) {
    ClientConnection::give_back(std::move(connection_));
  }
  connection_.reset();
}

Pulled ResponseBody::pull() {
  given_.reset();
  if (malformed_) {
    return malformed();  // what came before was good, and was given
  }
  while (!done_) {
    if (first_.size() > 0) {
      given_ = std::move(first_);
      const Pulled pulled = take({given_.data(), given_.size()});
      if (pulled.kind != Pulled::Kind::WouldBlock) {
        return pulled;
      }
      continue;
    }
    if (!connection_->stream().io().readable()) {
      return {.kind = Pulled::Kind::WouldBlock};  // a stream is asked again behind each event
    }
    // With room behind the end of the body: a short read tells that nothing more is there, so that
    // the connection can be used again; bytes of nobody's answer are seen.
    char* scratch = read_scratch();
    const net::IoOutcome outcome = connection_->stream().try_read({scratch, kReadScratchSize});
    switch (outcome.kind) {
      case net::IoOutcome::Kind::Bytes: {
        const Pulled pulled = take({scratch, outcome.bytes});
        if (pulled.kind != Pulled::Kind::WouldBlock) {
          return pulled;
        }
        if (!done_ && !connection_->stream().io().readable()) {
          return pulled;
        }
        break;
      }
      case net::IoOutcome::Kind::WouldBlock:
        return {.kind = Pulled::Kind::WouldBlock};
      case net::IoOutcome::Kind::End:
        if (framing_.kind == Framing::Kind::UntilClose) {
          finish(false);
          return {.kind = Pulled::Kind::End};
        }
        return failed(
            Error(ErrorCode::Disconnected, "the connection was closed within the answer"));
      case net::IoOutcome::Kind::Failed:
        return failed(net::io_error(outcome));
    }
  }
  return {.kind = Pulled::Kind::End};
}

Pulled ResponseBody::take(std::span<char> bytes) {
  switch (framing_.kind) {
    case Framing::Kind::Length: {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= count;
      if (left_ == 0) {
        finish(framing_.keep_alive && count == bytes.size());
      }
      return {.kind = Pulled::Kind::Data, .data = {bytes.data(), count}};
    }
    case Framing::Kind::Chunked:
      return take_chunked(bytes);
    case Framing::Kind::UntilClose:
      return {.kind = Pulled::Kind::Data, .data = {bytes.data(), bytes.size()}};
    case Framing::Kind::None:
      break;
  }
  return {.kind = Pulled::Kind::End};
}

Pulled ResponseBody::malformed() {
  return failed(Error(ErrorCode::Malformed, "the answer's chunks are malformed"));
}

Pulled ResponseBody::take_chunked(std::span<char> bytes) {
  // Data of several chunks is moved together, so that one read is one write further on.
  std::string_view input(bytes.data(), bytes.size());
  std::size_t count = 0;
  const char* start = bytes.data();
  while (true) {
    const ChunkDecoder::Step step = decoder_->step(input);
    switch (step.kind) {
      case ChunkDecoder::Kind::Data:
        if (count == 0) {
          start = step.data.data();
        } else {
          std::memmove(const_cast<char*>(start) + count, step.data.data(), step.data.size());
        }
        count += step.data.size();
        continue;
      case ChunkDecoder::Kind::NeedMore:
        break;
      case ChunkDecoder::Kind::End:
        finish(framing_.keep_alive && input.empty());
        break;
      case ChunkDecoder::Kind::Bad:
        malformed_ = true;
        break;
    }
    break;
  }
  if (malformed_ && count == 0) {
    return malformed();
  }
  if (count > 0) {
    return {.kind = Pulled::Kind::Data, .data = {start, count}};
  }
  return {.kind = done_ ? Pulled::Kind::End : Pulled::Kind::WouldBlock};
}

}  // namespace kthena::http
