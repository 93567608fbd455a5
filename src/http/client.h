// The pooled HTTP/1.1 client of one shard.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "async/scope.h"
#include "http/message.h"
#include "net/stream.h"

namespace kthena::http {

/// A request to send. Everything it refers to must live until send() has answered.
struct OutgoingRequest {
  Method method = Method::Get;
  std::string_view method_text;            ///< for Method::Other
  std::string_view target;                 ///< origin form
  const Headers* headers = nullptr;        ///< without framing fields; Host must be among them
  std::span<const std::string_view> body;  ///< sent one after the other, after a Content-Length
  bool has_body = false;                   ///< false: no Content-Length
  bool upgrade = false;                    ///< asks for what the field Upgrade of `headers` says
};

struct ClientResponse {
  int status = 0;
  Version version = Version::Http11;
  Headers headers;  ///< as received, framing fields included
  std::unique_ptr<BodySource>
      body;  ///< owns the connection; giving it up early closes the connection
  // Of an upgrade that was granted (101); there is no body then.
  std::unique_ptr<net::Stream> upgraded;
  std::string upgraded_bytes;  ///< came behind the head
};

/// What exactly went wrong, beside the error: decides on retries.
struct SendFailure {
  Error error;
  enum class Stage : std::uint8_t {
    Connect,  ///< no connection
    Send,     ///< broke before any byte of an answer
    Head,     ///< broke, or was cancelled, later
  } stage = Stage::Connect;
};

struct ClientOptions {
  Duration connect_timeout = std::chrono::seconds(3);
  Duration idle_timeout = std::chrono::seconds(4);  ///< engines close after 5 s
  std::size_t max_idle_per_endpoint = 1024;
  std::size_t max_head_bytes = 64 << 10;
};

class ClientConnection;

/// Sends requests over kept-alive connections, the most recently used first. One shard. It
/// outlives the bodies of its answers; idle connections are closed when it is destroyed.
class Client {
 public:
  explicit Client(net::Network& network, ClientOptions options = {});
  ~Client();

  /// Sends and waits for the head of the final answer (1xx are skipped). A reused connection that
  /// breaks before any byte of the answer is replaced by a new one, once, without the caller
  /// noticing. Errors: Unavailable (connect), Disconnected, Malformed, Cancelled, DeadlineExceeded
  /// (also connect timeout).
  async::Task<std::expected<ClientResponse, SendFailure>> send(const net::SocketAddress& endpoint,
                                                               const OutgoingRequest& request);

  /// Closes idle connections to an endpoint that is gone.
  void forget(const net::SocketAddress& endpoint);
  /// The same for all endpoints that `keep` does not want. Cost: O(endpoints that were used).
  void forget_all_but(const std::function<bool(const net::SocketAddress&)>& keep);

  struct Stats {
    std::uint64_t opened = 0;
    std::uint64_t reused = 0;
    std::size_t idle = 0;
  };
  /// Endpoints that were used and not forgotten.
  std::size_t endpoint_count() const noexcept { return pools_.size(); }
  const Stats& stats() const noexcept { return stats_; }

 private:
  friend class ClientConnection;
  struct Pool;

  /// One request over one connection, up to the head of the answer.
  async::Task<std::expected<ClientResponse, SendFailure>> exchange(
      std::unique_ptr<ClientConnection> connection, const OutgoingRequest& request);

  net::Network& network_;
  ClientOptions options_;
  Stats stats_;
  std::unordered_map<net::SocketAddress, std::shared_ptr<Pool>> pools_;
};

}  // namespace kthena::http
