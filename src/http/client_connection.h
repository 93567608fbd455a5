// One HTTP/1.1 connection of a client, and the body of an answer that comes over it.
#pragma once

#include <memory>
#include <optional>

#include "async/io_source.h"
#include "http/chunked.h"
#include "http/client.h"
#include "http/memory.h"
#include "http/wire.h"

namespace kthena::http {

/// A connection to one endpoint. Idle ones stand in their pool, which owns them; busy ones belong
/// to the exchange, and then to the body of its answer.
class ClientConnection final : public ListNode, private async::IoObserver, private async::Timer {
 public:
  ClientConnection(std::shared_ptr<Client::Pool> pool, std::unique_ptr<net::Stream> stream);
  ~ClientConnection();

  net::Stream& stream() noexcept { return *stream_; }
  /// Takes it away, for another protocol; the connection is of no use then.
  std::unique_ptr<net::Stream> release_stream() noexcept { return std::move(stream_); }

  /// Back to the pool, or closed if the pool is full.
  static void give_back(std::unique_ptr<ClientConnection> connection);
  /// Out of the pool.
  void take();

 private:
  // The peer closes an idle connection, or sends what nobody asked for: of no use any more.
  void on_io() noexcept override { delete this; }
  void on_timer() noexcept override { delete this; }

  std::shared_ptr<Client::Pool> pool_;
  std::unique_ptr<net::Stream> stream_;
  bool idle_ = false;
};

/// The connections to one endpoint. Outlives the endpoint's entry as long as one of them is busy.
struct Client::Pool {
  explicit Pool(Client& owner) : client(owner) {}
  Client& client;
  List<ClientConnection> idle;  ///< most recently used first
  std::size_t idle_count = 0;
  bool forgotten = false;  ///< the endpoint is gone: nothing is kept
};

/// The body of an answer. Gives the connection back as soon as the last byte was read.
class ResponseBody final : public BodySource {
 public:
  ResponseBody(std::unique_ptr<ClientConnection> connection, const Framing& framing,
               std::string_view first_bytes);

  Pulled pull() override;
  void subscribe(async::Waiter& waiter) override {
    connection_->stream().io().subscribe_read(waiter);
  }
  void unsubscribe(async::Waiter& waiter) noexcept override;
  std::optional<std::uint64_t> length() const override;
  const Headers* trailers() const override;

 private:
  Pulled take(std::span<char> bytes);
  Pulled take_chunked(std::span<char> bytes);
  Pulled malformed();
  void finish(bool reusable);

  std::unique_ptr<ClientConnection> connection_;
  Framing framing_;
  std::uint64_t left_;  ///< of a body with a length
  Buffer first_;        ///< what came with the head
  Buffer given_;        ///< what the last pull's view points into, if not the scratch
  std::unique_ptr<ChunkDecoder> decoder_;
  bool done_ = false;
  bool malformed_ = false;  ///< a bad chunk was seen
};

}  // namespace kthena::http
