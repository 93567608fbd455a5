// A program in a container whose input and output are messages of a WebSocket. The first byte of
// each message names a channel. Source: Kubernetes remotecommand, v4 and v5.channel.k8s.io.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/stream/pod_requests.h"
#include "apiserver/stream/pod_streams.h"
#include "async/channel.h"
#include "async/task.h"
#include "base/result.h"
#include "http/websocket_connection.h"
#include "http/websocket_upgrade.h"

namespace kthena::apiserver {

/// How the end of a program is told.
enum class ExecProtocol : std::uint8_t {
  V1,  ///< as a text, if it failed
  V4,  ///< as a Status
  V5,  ///< the same; and the client may end its input
};

class ExecSession final : public http::WebSocketHandler, private ExecClient {
 public:
  ExecSession(PodName pod, ExecRequest request, ExecMode mode, ExecProtocol protocol,
              PodStreams& streams)
      : pod_(std::move(pod)),
        request_(std::move(request)),
        mode_(mode),
        protocol_(protocol),
        streams_(streams) {}

  /// Until the program or the client ends.
  async::Task<void> run(http::WebSocket& socket) override;
  std::size_t memory() const noexcept override { return std::size_t{1} << 20; }

 private:
  static constexpr std::size_t kMaxInput = 4;  ///< messages that the program has not read
  static constexpr std::size_t kMaxSizes = 4;

  async::Task<bool> run_program();
  async::Task<bool> receive_all();
  async::Task<Result<>> take(std::string_view message);
  async::Task<Result<>> send(std::uint8_t channel, std::string_view bytes);
  std::string end_text(const Result<int>& status) const;

  async::Task<Result<std::optional<std::string_view>>> read() override;
  async::Task<Result<>> write_output(std::string_view bytes) override;
  async::Task<Result<>> write_error(std::string_view bytes) override;
  async::Task<Result<TerminalSize>> next_size() override;

  PodName pod_;
  ExecRequest request_;
  ExecMode mode_;
  ExecProtocol protocol_;
  PodStreams& streams_;
  http::WebSocket* socket_ = nullptr;
  async::Channel<std::string> input_{kMaxInput};
  async::Channel<TerminalSize> sizes_{kMaxSizes};
  std::string read_;  // what the program reads now
};

/// The Status that tells of an exit status, or of what kept a program from running.
std::string exec_status(const Result<int>& status);

}  // namespace kthena::apiserver
