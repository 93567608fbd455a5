// A connection to a port of a pod: `kubectl port-forward`, over a WebSocket.
// Source: kubelet's port-forward, v4.channel.k8s.io: for each port a channel for data and one for
// errors, each of which begins with the port's number in two bytes, the low one first.
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
#include "kube/meta/object.h"

namespace kthena::kube {

inline constexpr std::string_view kPortForwardProtocol = "v4.channel.k8s.io";

/// One connection. One task may read while another writes. One shard.
class PortForward {
 public:
  PortForward(std::unique_ptr<http::WebSocket> socket, std::uint16_t port)
      : socket_(std::move(socket)), port_(port) {}

  /// Errors: what the server says (NotFound, PermissionDenied, …), Unsupported.
  static async::Task<Result<PortForward>> connect(Client& client, ObjectKey pod,
                                                  std::uint16_t port);

  /// Some bytes, valid until the next call; nullopt at the end. Errors: Unavailable with what the
  /// kubelet says (nobody listens on the port); Disconnected, Malformed, Cancelled,
  /// DeadlineExceeded.
  async::Task<Result<std::optional<std::string_view>>> next();

  async::Task<Result<>> write(std::string_view bytes);
  /// Ends the connection; the protocol knows no half of an end.
  async::Task<Result<>> close() { co_return co_await socket_->close(); }

 private:
  static constexpr char kData = 0;
  static constexpr char kError = 1;

  std::unique_ptr<http::WebSocket> socket_;
  std::uint16_t port_;
  bool begun_[2] = {false, false};  // data, error: the port's number has come
};

}  // namespace kthena::kube
