// Byte streams and where they come from. TCP and TLS on the epoll loop, in-memory connections on
// the simulated one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/io_source.h"
#include "async/task.h"
#include "base/clock.h"
#include "net/address.h"

namespace kthena::net {

/// What one non-blocking read or write came to.
struct IoOutcome {
  enum class Kind : std::uint8_t {
    Bytes,       ///< `bytes` were read or written, at least one
    WouldBlock,  ///< wait for the source, then try again
    End,         ///< the peer has closed its sending side (reads only)
    Failed,      ///< the connection is broken; `error` is an errno, or one of those below
  };
  static constexpr int kTruncated = -1;  ///< TLS: the connection ended without a close_notify
  static constexpr int kBadTls = -2;     ///< TLS: a record that is none, a wrong one, an alert

  Kind kind = Kind::WouldBlock;
  std::size_t bytes = 0;
  int error = 0;
};

/// The certificate that the peer showed.
struct PeerCertificate {
  std::string common_name;
  std::vector<std::string> organizations;  ///< in the certificate's order
  WallTime not_after{};                    ///< a connection may outlive it
  std::string sha256;  ///< of the certificate as it was sent: 64 lower-case digits
  /// Why it is not to be trusted; empty if it is. Only servers that take such (see
  /// TlsServerOptions::ClientCertificate) see one that is not.
  std::string refusal;
};

/// A connection. One owner, one shard; destroying it closes.
class Stream {
 public:
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Reads what is there, up to the size of `into` (> 0). A result shorter than `into` means that
  /// nothing more is there now: the source is no longer readable, unless the peer has hung up.
  virtual IoOutcome try_read(std::span<char> into) = 0;

  /// Writes the parts, at least one byte, in order, as much as is taken now (one system call).
  /// After less than all was taken, the next call must begin with the bytes that were not: TLS may
  /// have encrypted them already.
  virtual IoOutcome try_write(std::span<const std::string_view> parts) = 0;

  /// No more is sent; reading goes on.
  virtual void shutdown_write() noexcept = 0;

  /// Closing from now on resets the connection instead of ending it, so that the peer cannot take a
  /// cut answer for a complete one, and its process notices at once.
  virtual void reset_on_close() noexcept = 0;

  virtual async::IoSource& io() noexcept = 0;
  virtual SocketAddress peer() const = 0;
  virtual SocketAddress local() const = 0;

  /// The protocol that ALPN chose ("h2", "http/1.1"); empty without TLS.
  virtual std::string_view application_protocol() const { return {}; }

  /// Null: it showed none, or this is not the server's side of TLS. Lives as long as the stream.
  virtual const PeerCertificate* peer_certificate() const { return nullptr; }

 protected:
  Stream() = default;
};

/// Reads at least one byte; 0 at the end of the stream. Errors: Disconnected, Cancelled,
/// DeadlineExceeded.
async::Task<Result<std::size_t>> read_some(Stream& stream, std::span<char> into);

/// Writes everything. Errors: Disconnected, Cancelled, DeadlineExceeded.
async::Task<Result<>> write_all(Stream& stream, std::string_view data);

/// The error of a failed outcome, for example "Connection reset by peer". Code: Disconnected.
Error io_error(const IoOutcome& outcome);

/// Accepts connections. Closing it (destroying) refuses new ones.
class Listener {
 public:
  virtual ~Listener() = default;
  /// The next connection, if one waits. Errors: Unavailable when descriptors run out.
  virtual Result<std::unique_ptr<Stream>> try_accept() = 0;  ///< null: none now
  virtual async::IoSource& io() noexcept = 0;
  virtual SocketAddress local() const = 0;
};

struct ListenOptions {
  bool reuse_port =
      false;  ///< several listeners (one a shard) share the address; the kernel spreads connections
  int backlog = 4096;
};

/// Where streams come from. One per shard.
class Network {
 public:
  virtual ~Network() = default;
  virtual async::Loop& loop() noexcept = 0;
  /// Errors: AlreadyExists (address in use), PermissionDenied, Unavailable.
  virtual Result<std::unique_ptr<Listener>> listen(const SocketAddress& address,
                                                   const ListenOptions& options) = 0;
  /// Errors: Unavailable (refused, unreachable), Cancelled, DeadlineExceeded.
  virtual async::Task<Result<std::unique_ptr<Stream>>> connect(const SocketAddress& address) = 0;
};

}  // namespace kthena::net
