// Requests and responses, whatever version of HTTP carries them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "http/body.h"
#include "http/headers.h"
#include "net/address.h"

namespace kthena::net {
class Stream;
struct PeerCertificate;
}  // namespace kthena::net

namespace kthena::http {

enum class Method : std::uint8_t {
  Get,
  Head,
  Post,
  Put,
  Patch,
  Delete,
  Options,
  Connect,
  Trace,
  Other
};

/// "GET"; "OTHER" for Other, whose text is in the request.
std::string_view to_string(Method method) noexcept;
Method parse_method(std::string_view text) noexcept;

enum class Version : std::uint8_t { Http10, Http11, Http2 };
std::string_view to_string(Version version) noexcept;  ///< "HTTP/1.1"

/// The reason phrase of a status, "" where there is none. Source: IANA HTTP status code registry.
std::string_view reason_phrase(int status) noexcept;

/// A request as it was received.
struct Request {
  Method method = Method::Get;
  Version version = Version::Http11;
  std::string method_text;  ///< as sent
  std::string target;       ///< as sent, origin form: path and query
  Headers headers;
  Body body;
  net::SocketAddress peer;
  Instant received{};   ///< when its head was complete
  bool secure = false;  ///< came over TLS
  /// What the client showed, if it was asked; null: nothing. Lives as long as the connection.
  const net::PeerCertificate* certificate = nullptr;

  /// The target without its query.
  std::string_view path() const noexcept {
    return std::string_view(target).substr(0, target.find('?'));
  }
  /// The query without '?', or empty.
  std::string_view query() const noexcept {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view{}
                                     : std::string_view(target).substr(mark + 1);
  }
};

/// How the sending of a response ended.
struct Sent {
  enum class End : std::uint8_t {
    Complete,      ///< all of it was given to the kernel
    ClientGone,    ///< the client closed or reset first, or did not read in time
    SourceFailed,  ///< the body broke off; the connection was closed without a proper end
    ShutDown,      ///< the server's stop limit cut it
  };
  End end = End::Complete;
  std::uint64_t body_bytes = 0;
  Instant first_byte{};  ///< when the head was given to the kernel; zero if it never was
};

/// Told once how the response ended, and destroyed then. For logs, metrics and what the handler
/// reserved.
class ResponseObserver {
 public:
  virtual ~ResponseObserver() = default;
  virtual void on_sent(const Sent& sent) noexcept = 0;
};

/// Takes a connection over for another protocol.
class Upgrade {
 public:
  virtual ~Upgrade() = default;

  /// Runs once the 101 was sent; the connection ends with it, its stream not later. Cancelled, with
  /// DeadlineExceeded, when the server stops and has no more patience; that the client went away it
  /// finds when it reads.
  /// @param received  what came behind the request
  virtual async::Task<void> run(std::unique_ptr<net::Stream> stream, std::string received) = 0;

  /// How much memory it may use at the most: taken from the server's budget meanwhile.
  virtual std::size_t memory() const noexcept { return std::size_t{128} << 10; }
};

/// A response to send. Framing fields (Content-Length, Transfer-Encoding, Connection) are the
/// server's.
struct Response {
  int status = 200;  ///< 0: the connection is closed without an answer
  Headers headers;
  Body body;
  /// Told at the end of the upgraded connection, if there is one.
  std::unique_ptr<ResponseObserver> observer;
  /// With status 101 only, whose Upgrade field is among the headers. The server may answer
  /// otherwise: 503 without memory.
  std::unique_ptr<Upgrade> upgrade;
};

/// A response with a text body.
Response text_response(int status, std::string_view content_type, std::string text);

}  // namespace kthena::http
