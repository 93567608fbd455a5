// Server-sent events: where they end in a stream of bytes, what is in one, and writing them.
// Source: WHATWG HTML, section 9.2.6 (interpreting an event stream).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kthena::http {

/// Finds the ends of events: an empty line, after LF, CR LF or CR, in any mix and across any
/// boundary of reads. Looks at each byte once and remembers four bits.
class SseScanner {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Goes on behind the bytes of the call before. How many of `bytes` belong to the event that ends
  /// first, its empty line included; kNone: it does not end here. After "…CR CR" at the very end of
  /// `bytes` an LF may follow all the same, which then stands in front of the next event.
  std::size_t find_end(std::string_view bytes) noexcept;

 private:
  bool at_line_start_ = true;
  bool after_cr_ = false;        ///< an LF now would belong to the line end before
  bool last_end_is_cr_ = false;  ///< the last line ended in CR alone
  bool awaits_lf_ = false;       ///< the event has ended but for the LF of its last CR LF
};

/// Cuts a stream into whole events. An event that arrives in one piece is given in place; the
/// beginning of one that does not is copied and held back. One that grows over the limit is given
/// in parts as it arrives, since holding more would be a memory leak with a name.
///
///     splitter.feed(data);
///     while (const auto piece = splitter.next()) { … }
class SseSplitter {
 public:
  static constexpr std::size_t kMaxHeld = 64 << 10;

  explicit SseSplitter(std::size_t max_held = kMaxHeld) noexcept : max_held_(max_held) {}

  struct Piece {
    std::string_view bytes;
    bool whole = true;  ///< a whole event; false: part of an oversized one
  };

  /// The bytes must stay where they are until next() has answered nullopt.
  void feed(std::string_view bytes) noexcept { input_ = bytes; }

  /// The next piece; valid until the next call of next() or the end of the bytes that were fed.
  /// Nullopt: what is left is held back, feed more.
  std::optional<Piece> next();

  /// Part of an event was given and its end was not: what is written now would stand inside it.
  bool within_event() const noexcept { return within_event_; }

  /// The beginning of an event that was held back; to be sent on when the stream ends properly.
  std::string_view held() const noexcept { return given_ ? std::string_view{} : held_; }

 private:
  std::size_t max_held_;
  std::string_view input_;
  std::string held_;
  SseScanner scanner_;
  bool given_ = false;  ///< the last piece is a view of held_
  bool within_event_ = false;
};

/// What one event says.
struct SseEvent {
  std::string_view type;  ///< its "event" field; empty: "message"
  std::string_view data;  ///< lines joined by LF
  std::string_view id;
  bool has_data = false;  ///< false: comments only, no client would see an event
};

/// Reads an event as SseSplitter gives it, with or without its empty line. Views point into
/// `bytes`, but data of several lines is joined in `joined`.
SseEvent parse_sse_event(std::string_view bytes, std::string& joined);

/// Appends an event. Data of several lines becomes several fields; line ends in `type` become
/// blanks. An empty `type` is left out.
void append_sse_event(std::string& out, std::string_view type, std::string_view data);

/// Appends a comment, which clients ignore: keeps a quiet stream open.
void append_sse_comment(std::string& out, std::string_view text);

}  // namespace kthena::http
