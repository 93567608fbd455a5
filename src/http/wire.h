// Heads of HTTP/1.1 messages on the wire: finding their end, parsing, writing. No I/O.
// Source: RFC 9110, RFC 9112.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/headers.h"
#include "http/message.h"

namespace kthena::http {

/// Where a body ends.
struct Framing {
  enum class Kind : std::uint8_t {
    None,        ///< no body
    Length,      ///< `length` bytes
    Chunked,     ///< chunked transfer coding
    UntilClose,  ///< responses only: all until the connection ends
  };
  Kind kind = Kind::None;
  std::uint64_t length = 0;
  bool keep_alive = true;
  bool expect_continue = false;  ///< requests only
};

/// Result of looking for the end of a head.
struct HeadEnd {
  enum class Kind : std::uint8_t { NeedMore, Complete, Bad };
  Kind kind = Kind::NeedMore;
  std::size_t size = 0;  ///< Complete: bytes of the head, its last CRLF included
};

/// Looks for the blank line that ends a head. `scanned` (0 at first) remembers how far the bytes
/// were searched, so that a head that arrives byte by byte costs no more than one that arrives at
/// once. Bad as soon as the bytes cannot become a head (a line that ends in a bare LF), so that a
/// bad client hears of it at once. Empty lines in front of a request (up to 4 bytes of CRLF) belong
/// to the head.
HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned);

/// Bytes of the empty lines in front of a head that belong to it.
std::size_t leading_blank_size(std::string_view bytes) noexcept;

/// The status for bytes that have reached the limit without a complete head: 414 while they are
/// still in the request line, else 431.
int oversized_head_status(std::string_view bytes) noexcept;

struct HeadLimits {
  std::size_t max_bytes = 64 << 10;
  std::size_t max_fields = 128;
  std::size_t max_target_bytes = 16 << 10;  ///< 414 beyond
};

/// Why a request is refused: the status to answer (400, 414, 417, 431, 501, 505) and what was
/// wrong.
struct HeadError {
  int status = 400;
  std::string message;
};

/// Parses a complete request head, strictly: whatever two readers could frame differently is
/// refused.
std::expected<Framing, HeadError> parse_request_head(std::string_view head,
                                                     const HeadLimits& limits, Request& out);

/// Parses a complete response head; `method` is that of the request. Errors: Malformed.
Result<Framing> parse_response_head(std::string_view head, Method method, int& status,
                                    Version& version, Headers& headers);

// Whatever stands in values and targets, what is written is one head that parse_request_head() or
// parse_response_head() takes: control characters in a value become blanks, what may not stand in a
// target is percent-encoded, fields whose name is no token are left out.

/// Appends a request head. Framing fields come from `framing`; those among `headers` are left out.
void append_request_head(std::string& out, std::string_view method, std::string_view target,
                         const Headers& headers, const Framing& framing);

/// Appends a response head, with a Date unless `headers` has one. Framing fields come from
/// `framing`; none for 1xx and 204, which have no body. A client of HTTP/1.0 is told when the
/// connection stays open.
void append_response_head(std::string& out, int status, const Headers& headers,
                          const Framing& framing, WallTime date, Version client = Version::Http11);

/// Appends the end of a chunked body: the last chunk, and `trailers` without framing fields.
void append_last_chunk(std::string& out, const Headers& trailers);

}  // namespace kthena::http
