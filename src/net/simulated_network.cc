#include "net/simulated_network.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/io_source.h"
#include "async/loop.h"
#include "async/task.h"
#include "async/time.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "net/address.h"
#include "net/stream.h"

namespace kthena::net {

/// One direction of a connection: what was written and not yet read. Shared by both ends.
class SimulatedNetwork::Pipe final : private async::Timer {
 public:
  Pipe(SimulatedNetwork& network, const SocketAddress& service)
      : Timer(network.loop_), network_(network), service_(service), options_(network.options_) {}

  /// The ends tell where they are, and that they are gone.
  async::IoSource* reader = nullptr;
  async::IoSource* writer = nullptr;

  bool broken() const noexcept { return broken_; }
  bool ended() const noexcept { return ended_ && ready_.size() == read_; }
  bool full() const noexcept { return pending() >= options_.buffer; }
  bool has_data() const noexcept { return ready_.size() > read_; }

  std::size_t write(std::string_view bytes) {
    std::size_t room = options_.buffer - std::min(options_.buffer, pending());
    if (options_.max_write > 0 && room > 0) {
      room = std::min(room, 1 + network_.loop_.random_below(options_.max_write));
    }
    const std::string_view taken = bytes.substr(0, room);
    if (!taken.empty()) {
      on_way_bytes_ += taken.size();
      send({.at = {}, .bytes = std::string(taken), .kind = Piece::Kind::Data});
    }
    return taken.size();
  }
  void resume() { deliver(); }
  void write_end() { send({.at = {}, .bytes = {}, .kind = Piece::Kind::End}); }
  void write_reset() { send({.at = {}, .bytes = {}, .kind = Piece::Kind::Reset}); }

  std::size_t read(std::span<char> into) {
    std::size_t count = std::min(into.size(), ready_.size() - read_);
    if (options_.max_slice > 0 && count > 0) {
      count = std::min<std::size_t>(count, 1 + network_.loop_.random_below(options_.max_slice));
    }
    std::copy_n(ready_.data() + read_, count, into.data());
    read_ += count;
    if (read_ == ready_.size()) {
      ready_.clear();
      read_ = 0;
    }
    if (writer != nullptr && count > 0) {
      writer->notify({.writable = true});
    }
    return count;
  }

  /// At once, without a message on the wire.
  void break_now() {
    broken_ = true;
    on_way_.clear();
    on_way_bytes_ = 0;
    notify({.readable = true, .hung_up = true});
    if (writer != nullptr) {
      writer->notify({.writable = true, .hung_up = true});
    }
  }

 private:
  struct Piece {
    enum class Kind : std::uint8_t { Data, End, Reset };
    Instant at;
    std::string bytes;
    Kind kind = Kind::Data;
  };

  std::size_t pending() const noexcept { return on_way_bytes_ + ready_.size() - read_; }

  void send(Piece piece) {
    Duration delay = options_.latency;
    if (options_.jitter.count() > 0) {
      delay += Duration(
          network_.loop_.random_below(static_cast<std::uint64_t>(options_.jitter.count())));
    }
    piece.at = std::max(network_.loop_.now() + delay, last_arrival_);
    last_arrival_ = piece.at;
    on_way_.push_back(std::move(piece));
    deliver();
  }

  void deliver() {
    if (network_.black_holes_.contains(service_)) {
      return;
    }
    while (!on_way_.empty() && on_way_.front().at <= network_.loop_.now()) {
      const Piece piece = std::move(on_way_.front());
      on_way_.pop_front();
      on_way_bytes_ -= piece.bytes.size();
      switch (piece.kind) {
        case Piece::Kind::Data:
          if (reader == nullptr) {  // like a kernel: who sends to a closed socket gets a reset
            break_now();
            return;
          }
          ready_ += piece.bytes;
          notify({.readable = true});
          break;
        case Piece::Kind::End:
          ended_ = true;
          notify({.readable = true, .hung_up = true});
          break;
        case Piece::Kind::Reset:
          break_now();
          return;
      }
    }
    if (!on_way_.empty()) {
      Timer::set(on_way_.front().at);
    }
  }

  void notify(async::IoSource::Events events) {
    if (reader != nullptr) {
      reader->notify(events);
    }
  }

  void on_timer() noexcept override { deliver(); }

  SimulatedNetwork& network_;
  SocketAddress service_;
  WireOptions options_;
  std::deque<Piece> on_way_;
  std::size_t on_way_bytes_ = 0;
  Instant last_arrival_{};
  std::string ready_;
  std::size_t read_ = 0;
  bool ended_ = false;
  bool broken_ = false;
};

class SimulatedNetwork::SimulatedStream final : public Stream {
 public:
  SimulatedStream(SimulatedNetwork& network, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out,
                  const SocketAddress& local, const SocketAddress& peer)
      : network_(network),
        in_(std::move(in)),
        out_(std::move(out)),
        source_(network.loop_),
        local_(local),
        peer_(peer) {
    in_->reader = &source_;
    out_->writer = &source_;
    network_.streams_.emplace(id_, this);
  }
  ~SimulatedStream() override {
    in_->reader = nullptr;
    out_->writer = nullptr;
    // Like a kernel: unread data, or a wish for it, makes the close a reset.
    if (!out_->broken()) {
      if (reset_ || in_->has_data()) {
        out_->write_reset();
      } else {
        out_->write_end();
      }
    }
    network_.streams_.erase(id_);
  }

  IoOutcome try_read(std::span<char> into) override {
    if (in_->broken() || out_->broken()) {
      return {.kind = IoOutcome::Kind::Failed, .error = ECONNRESET};
    }
    if (const std::size_t count = in_->read(into); count > 0) {
      if (!in_->has_data() && !source_.hung_up()) {
        source_.clear_readable();
      }
      return {.kind = IoOutcome::Kind::Bytes, .bytes = count};
    }
    if (in_->ended()) {
      return {.kind = IoOutcome::Kind::End};
    }
    source_.clear_readable();
    return {.kind = IoOutcome::Kind::WouldBlock};
  }

  IoOutcome try_write(std::span<const std::string_view> parts) override {
    if (out_->broken() || in_->broken()) {
      return {.kind = IoOutcome::Kind::Failed, .error = EPIPE};
    }
    std::size_t total = 0;
    for (const std::string_view part : parts) {
      const std::size_t taken = out_->write(part);
      total += taken;
      if (taken < part.size()) {
        // Short by choice of the simulation, or for want of room: only then wait for the reader.
        if (out_->full()) {
          source_.clear_writable();
        }
        break;
      }
    }
    if (total == 0) {
      return {.kind = IoOutcome::Kind::WouldBlock};
    }
    return {.kind = IoOutcome::Kind::Bytes, .bytes = total};
  }

  void shutdown_write() noexcept override { out_->write_end(); }
  void reset_on_close() noexcept override { reset_ = true; }
  async::IoSource& io() noexcept override { return source_; }
  SocketAddress peer() const override { return peer_; }
  SocketAddress local() const override { return local_; }

  void cut() {
    in_->break_now();
    out_->break_now();
  }

  /// What the network held back for a while goes on its way.
  void resume() {
    in_->resume();
    out_->resume();
  }

 private:
  SimulatedNetwork& network_;
  std::uint64_t id_ = network_.next_stream_++;
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  async::IoSource source_;
  SocketAddress local_;
  SocketAddress peer_;
  bool reset_ = false;
};

class SimulatedNetwork::SimulatedListener final : public Listener {
 public:
  SimulatedListener(SimulatedNetwork& network, const SocketAddress& address)
      : network_(network), source_(network.loop_), address_(address) {
    network_.listeners_[address_] = this;
  }
  ~SimulatedListener() override {
    network_.listeners_.erase(address_);
    for (const auto& stream : waiting_) {
      stream->reset_on_close();
    }
  }

  void offer(std::unique_ptr<Stream> stream) {
    waiting_.push_back(std::move(stream));
    source_.notify({.readable = true});
  }

  Result<std::unique_ptr<Stream>> try_accept() override {
    if (waiting_.empty()) {
      source_.clear_readable();
      return nullptr;
    }
    std::unique_ptr<Stream> stream = std::move(waiting_.front());
    waiting_.pop_front();
    return stream;
  }
  async::IoSource& io() noexcept override { return source_; }
  SocketAddress local() const override { return address_; }

 private:
  SimulatedNetwork& network_;
  async::IoSource source_;
  SocketAddress address_;
  std::deque<std::unique_ptr<Stream>> waiting_;
};

SimulatedNetwork::SimulatedNetwork(async::SimulatedLoop& loop, WireOptions options)
    : loop_(loop), options_(options) {}
SimulatedNetwork::~SimulatedNetwork() = default;

Result<std::unique_ptr<Listener>> SimulatedNetwork::listen(const SocketAddress& address,
                                                           const ListenOptions& /*options*/) {
  SocketAddress actual = address;
  if (actual.port == 0) {
    actual.port = next_port();
  }
  if (listeners_.contains(actual)) {
    return fail(ErrorCode::AlreadyExists,
                "listening on " + actual.to_string() + ": address already in use");
  }
  return std::make_unique<SimulatedListener>(*this, actual);
}

std::uint16_t SimulatedNetwork::next_port() {
  const auto taken = [this](std::uint16_t port) {
    return std::ranges::any_of(listeners_,
                               [port](const auto& entry) { return entry.first.port == port; });
  };
  do {
    last_port_ = last_port_ == 65'535 ? 40'000 : static_cast<std::uint16_t>(last_port_ + 1);
  } while (taken(last_port_));
  return last_port_;
}

SimulatedNetwork::SimulatedListener* SimulatedNetwork::listener_at(
    const SocketAddress& address) const {
  // As bound to this address, or to any.
  for (const IpAddress& ip : {address.ip, IpAddress::any(), IpAddress()}) {
    const auto found = listeners_.find({.ip = ip, .port = address.port});
    if (found != listeners_.end()) {
      return found->second;
    }
  }
  return nullptr;
}

async::Task<Result<std::unique_ptr<Stream>>> SimulatedNetwork::connect(
    const SocketAddress& address) {
  CO_TRY(co_await async::sleep_for(options_.latency * 2));
  while (black_holes_.contains(address)) {
    CO_TRY(co_await async::sleep_for(std::chrono::seconds(1)));
  }
  SimulatedListener* listener = listener_at(address);
  if (listener == nullptr || refused_.contains(address)) {
    co_return fail(ErrorCode::Unavailable,
                   "connecting to " + address.to_string() + ": connection refused");
  }
  const SocketAddress local{.ip = IpAddress::loopback(), .port = next_port()};
  auto there = std::make_shared<Pipe>(*this, address);
  auto back = std::make_shared<Pipe>(*this, address);
  listener->offer(std::make_unique<SimulatedStream>(*this, there, back, address, local));
  co_return std::make_unique<SimulatedStream>(*this, back, there, local, address);
}

void SimulatedNetwork::cut(const SocketAddress& address) {
  for (const auto& [id, stream] : streams_) {
    if (stream->local() == address || stream->peer() == address) {
      stream->cut();
    }
  }
}

void SimulatedNetwork::refuse(const SocketAddress& address, bool on) {
  if (on) {
    refused_.insert(address);
  } else {
    refused_.erase(address);
  }
}

void SimulatedNetwork::black_hole(const SocketAddress& address, bool on) {
  if (on) {
    black_holes_.insert(address);
  } else {
    black_holes_.erase(address);
    for (const auto& [id, stream] : streams_) {
      stream->resume();
    }
  }
}

}  // namespace kthena::net
