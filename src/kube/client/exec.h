// Programs in containers: `kubectl exec`, over a WebSocket.
// Source: Kubernetes remotecommand, v5.channel.k8s.io (v1.30 and later).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/result.h"
#include "http/websocket_connection.h"
#include "kube/client/client.h"
#include "kube/client/request.h"
#include "kube/meta/object.h"

namespace kthena::kube {

/// The first byte of each message.
enum class ExecChannel : std::uint8_t {
  Stdin = 0,
  Stdout = 1,
  Stderr = 2,
  Error = 3,    ///< a Status when the program has ended
  Resize = 4,   ///< {"Width":80,"Height":24}
  Close = 255,  ///< the next byte is a channel on which nothing more comes
};

inline constexpr std::string_view kExecProtocol = "v5.channel.k8s.io";

/// What the Status of the Error channel means: the exit status. Errors: those that a Status says,
/// for a program that could not be run.
Result<int> read_exec_status(std::string_view text);

/// A running program. One task may read while another writes. One shard.
class ExecSession {
 public:
  explicit ExecSession(std::unique_ptr<http::WebSocket> socket) : socket_(std::move(socket)) {}

  /// Errors: what the server says (NotFound, PermissionDenied, …), Unsupported.
  static async::Task<Result<ExecSession>> start(Client& client, ObjectKey pod, ExecOptions options);

  struct Output {
    ExecChannel channel = ExecChannel::Stdout;  ///< or Stderr
    std::string_view bytes;                     ///< valid until the next call
  };
  /// What the program prints; nullopt when it has ended: then exit_status() is known.
  /// Errors: Disconnected, Malformed, Cancelled, DeadlineExceeded.
  async::Task<Result<std::optional<Output>>> next();

  async::Task<Result<>> write(std::string_view bytes);
  /// The program reads an end.
  async::Task<Result<>> close_stdin();
  /// Of its terminal.
  async::Task<Result<>> resize(std::uint16_t columns, std::uint16_t rows);

  /// After the end. Errors: those of read_exec_status(); Disconnected if there was no status.
  const Result<int>& exit_status() const noexcept { return exit_status_; }

 private:
  async::Task<Result<>> send(ExecChannel channel, std::string_view bytes);

  std::unique_ptr<http::WebSocket> socket_;
  Result<int> exit_status_ = fail(ErrorCode::Disconnected, "exec: it ended without a status");
};

}  // namespace kthena::kube
