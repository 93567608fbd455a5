// The body of a request that a server connection is reading.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "http/body.h"
#include "http/chunked.h"
#include "http/memory.h"
#include "http/wire.h"
#include "net/stream.h"

namespace kthena::http {

class ServerConnection;

/// Lives inside the request that is being served, so not longer than the connection. May go as soon
/// as it was read, or earlier: what is left of it then never is.
class RequestBody final : public BodySource {
 public:
  RequestBody(ServerConnection& connection, const Framing& framing);
  ~RequestBody() override;

  /// Takes what has arrived behind the head.
  void take_prefetched();

  /// Everything has arrived, so the connection stands at the next request.
  bool complete() const noexcept { return chunked() ? ended_ : (!refused_ && left_ == 0); }

  std::optional<std::uint64_t> length() const override;
  const Headers* trailers() const override;
  Pulled pull() override;
  Pulled collect(Buffer& into, std::size_t limit, MemoryBudget* budget) override;
  void subscribe(async::Waiter& waiter) override;
  void unsubscribe(async::Waiter& waiter) noexcept override;

 private:
  bool chunked() const noexcept { return decoder_ != nullptr; }
  void send_continue();
  bool make_room(Buffer& buffer) const;
  Pulled pull_chunked();
  Pulled broken_or_blocked(const net::IoOutcome& outcome);
  Pulled out_of_memory();
  Pulled too_large(std::uint64_t limit);

  ServerConnection& connection_;
  Buffer prefetched_;
  Buffer given_;                           ///< the buffer that the last pull's view points into
  std::unique_ptr<ChunkDecoder> decoder_;  ///< chunked bodies only
  bool expects_continue_;
  bool ended_ = false;
  bool refused_ = false;  ///< the memory budget was used up
  std::uint64_t left_ = 0;
  std::uint64_t total_ = 0;  ///< received
};

}  // namespace kthena::http
