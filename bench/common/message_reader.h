// Splits a byte stream into HTTP/1.1 messages, for the measuring programs only: it trusts its peers
// more than a server may, and notices what a proxy must not do to a message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kthena::bench {

/// The parts of a message's head that the tools look at. Views are into head memory, valid until
/// the next call of MessageReader::next.
struct Head {
  std::string_view start_line;  ///< "POST /v1/chat/completions HTTP/1.1"
  std::string_view fields;      ///< the header lines, each ended by CRLF
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;             ///< "Connection: close"
  bool expects_continue = false;  ///< "Expect: 100-continue"

  /// The status of a response; 0 if the start line has none. After 1xx comes another head.
  int status() const;
  /// The value of a header field, for example find("x-bench"); `name` in lower case.
  std::optional<std::string_view> find(std::string_view name) const;
};

/// Reads one message after the other from pieces of any size. One peer each.
class MessageReader {
 public:
  enum class Kind : std::uint8_t {
    Request,   ///< no length given means no body
    Response,  ///< no length given means everything until the connection ends
  };
  enum class Event : std::uint8_t {
    NeedMore,   ///< `input` is used up
    Head,       ///< head() is complete
    Body,       ///< piece() holds body bytes, framing removed
    End,        ///< the message is complete; the next one may follow
    Malformed,  ///< not HTTP; the connection is of no more use
  };

  explicit MessageReader(Kind kind) : kind_(kind) {}

  /// Takes bytes from the front of `input` until something is to be told.
  Event next(std::string_view& input);

  const Head& head() const noexcept { return head_; }
  std::string_view piece() const noexcept { return piece_; }
  /// Whether a message has begun and not ended: then a closed connection is a cut message.
  bool inside_message() const noexcept {
    return state_ != State::Head || (!partial_.empty() && !clear_partial_);
  }
  /// Whether the message in progress ends with the connection.
  bool ends_with_connection() const noexcept { return state_ == State::UntilClose; }

 private:
  enum class State : std::uint8_t {
    Head,
    BodyStart,
    Counted,
    ChunkSize,
    ChunkData,
    ChunkEnd,
    Trailer,
    UntilClose
  };

  Event read_head(std::string_view& input);
  void start_body();
  Event read_counted(std::string_view& input, State after);
  Event read_chunk_size(std::string_view& input);
  Event read_trailer(std::string_view& input);
  bool parse_head(std::string_view text);
  /// A whole line without CRLF, or nothing while it is incomplete.
  std::optional<std::string_view> take_line(std::string_view& input);
  Event finish();

  Head head_;
  std::string partial_;  ///< the beginning of a head or line that came in pieces
  std::string_view piece_;
  std::uint64_t left_ = 0;  ///< bytes of body or chunk still to come
  Kind kind_;
  State state_ = State::Head;
  bool clear_partial_ = false;
};

}  // namespace kthena::bench
