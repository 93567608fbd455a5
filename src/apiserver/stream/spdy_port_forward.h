// Port-forward as kubectl speaks it: SPDY/3.1 within a WebSocket. Each connection to a port is a
// pair of streams, one for data and one for what goes wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/stream/pod_streams.h"
#include "apiserver/stream/spdy_frames.h"
#include "async/scope.h"
#include "async/task.h"
#include "base/result.h"
#include "http/websocket_connection.h"
#include "http/websocket_upgrade.h"
#include "net/stream.h"

namespace kthena::apiserver {

/// The peers' library (moby/spdystream) knows no flow control: it neither sends windows nor minds
/// them, so neither do we. A pod that does not read stops its connection's frames, and after a
/// while is given up, so that it cannot stop the others for ever.
class SpdyPortForward final : public http::WebSocketHandler {
 public:
  static constexpr std::size_t kMaxPairs = 64;

  SpdyPortForward(PodName pod, PodStreams& streams) : pod_(std::move(pod)), streams_(streams) {}

  /// Until the client closes.
  async::Task<void> run(http::WebSocket& socket) override;
  std::size_t memory() const noexcept override { return std::size_t{2} << 20; }

 private:
  struct Pair;

  async::Task<Result<>> serve();
  async::Task<Result<>> handle(const spdy::Frame& frame);
  async::Task<Result<>> open(const spdy::Frame& frame);
  async::Task<Result<>> take_data(std::uint32_t stream, std::string_view data, bool fin);
  async::Task<void> forward(std::shared_ptr<Pair> pair);
  async::Task<Result<>> carry(Pair& pair, net::Stream& connection);
  async::Task<void> write_all(Pair& pair, net::Stream& connection);
  async::Task<Result<>> send(std::string frame);
  void end_stream(std::uint32_t stream);

  PodName pod_;
  PodStreams& streams_;
  http::WebSocket* socket_ = nullptr;
  spdy::Decoder decoder_;
  spdy::Encoder encoder_;
  std::map<std::uint32_t, std::shared_ptr<Pair>> by_stream_;           ///< both streams of each
  std::map<std::string, std::shared_ptr<Pair>, std::less<>> waiting_;  ///< for their second stream
  std::uint32_t last_stream_ = 0;
  std::unique_ptr<async::TaskScope> tasks_;
};

}  // namespace kthena::apiserver
