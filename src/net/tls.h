// TLS over any Stream. OpenSSL is hidden in the .cc files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.h"

namespace kthena::net {

struct TlsServerOptions {
  enum class ClientCertificate : std::uint8_t {
    Required,   ///< the handshake fails without one that `client_ca_pem` accepts
    Requested,  ///< any or none; Stream::peer_certificate() tells, also whether it is accepted
  };

  std::string certificate_pem;    ///< the server's own, then the intermediate ones
  std::string private_key_pem;    ///< without a password
  std::vector<std::string> alpn;  ///< protocols offered, best first; empty: ALPN is ignored
  std::string client_ca_pem;      ///< not empty: clients are asked for a certificate of these
  ClientCertificate client_certificate = ClientCertificate::Required;
};

struct TlsClientOptions {
  /// Insecure takes whatever the server shows: for tests and clusters whose owner asks for it.
  enum class Verify : std::uint8_t { CertificateAndName, Insecure };

  std::string ca_pem;  ///< whom to trust; empty: the system's store
  Verify verify = Verify::CertificateAndName;
  std::vector<std::string> alpn;  ///< protocols offered, best first
  std::string certificate_pem;    ///< shown to servers that ask for one; empty: none
  std::string private_key_pem;    ///< of that certificate
};

/// Keys, certificates and settings of one side. Made once, shared by all connections and threads; a
/// copy shares. New certificates are a new context: connections keep the one they began with.
/// TLS 1.2 (forward-secret AEAD suites only) and 1.3, no renegotiation, no compression.
class TlsContext {
 public:
  /// Errors: InvalidArgument (not PEM, key of another certificate, empty protocol name).
  static Result<TlsContext> server(const TlsServerOptions& options);
  static Result<TlsContext> client(const TlsClientOptions& options);

 private:
  friend class TlsStream;
  struct State;
  explicit TlsContext(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// The server's side of a handshake. `stream` is not itself one of TLS. The result carries plain
/// bytes; see Stream for how it behaves, and:
///  - an end without the peer's close_notify is Failed (IoOutcome::kTruncated), never End;
///  - destroying it sends a close_notify if that can be done at once; shutdown_write() sends it,
///  and
///    the end of the connection below, whenever it can be done;
///  - io().hung_up() is that of the connection below, or a close_notify that was read.
/// Errors: Disconnected, Malformed (no TLS, no common version or suite), Unauthenticated (client
/// certificate), Unavailable (the peer refused by an alert), Cancelled, DeadlineExceeded: set a
/// DeadlineScope, an idle peer is waited for.
async::Task<Result<std::unique_ptr<Stream>>> tls_accept(std::unique_ptr<Stream> stream,
                                                        const TlsContext& context);

/// The client's side. `server_name`, a DNS name or an IP address, is what the certificate must be
/// for; a DNS name is also sent (SNI). Errors: as above; Unauthenticated says what is wrong with
/// the server's certificate.
async::Task<Result<std::unique_ptr<Stream>>> tls_connect(std::unique_ptr<Stream> stream,
                                                         const TlsContext& context,
                                                         std::string_view server_name);

}  // namespace kthena::net
