// The chunked transfer coding. Source: RFC 9112 section 7.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/headers.h"

namespace kthena::http {

/// Decodes incrementally and in place: data comes as views into the input. Any split of the input
/// gives the same data and the same verdict.
///
/// Strict: lines end in CRLF; sizes have at most 15 digits; extensions are skipped, but may not
/// outweigh the data (16 KiB are free); trailers have at most 16 KiB in all. Trailers that would
/// change how a message is framed, routed or authenticated are dropped.
class ChunkDecoder {
 public:
  enum class Kind : std::uint8_t { Data, NeedMore, End, Bad };
  struct Step {
    Kind kind = Kind::NeedMore;
    std::string_view data;  ///< Data: a non-empty part of the input
  };

  /// Consumes from the front of `input`. NeedMore: all of it was used. End: what is left belongs to
  /// the next message. End and Bad stay.
  Step step(std::string_view& input);

  /// Fields behind the last chunk; complete after End.
  const Headers& trailers() const noexcept { return trailers_; }

 private:
  enum class State : std::uint8_t {
    Size,
    SizeBlank,  ///< blanks before an extension or the line end
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    Trailer,
    TrailerLf,
    Done,
    Bad
  };
  /// Takes one byte outside data; false if it may not stand there.
  bool take_framing(char c);
  bool take_size(char c);
  bool add_overhead();
  bool end_size_line();
  bool end_trailer_line();

  State state_ = State::Size;
  std::uint8_t digits_ = 0;     ///< of the size being read
  std::uint32_t overhead_ = 0;  ///< bytes of extensions not outweighed by data, or of trailers
  std::uint64_t left_ = 0;      ///< of the chunk; while its size is read, the size so far
  std::string line_;            ///< the trailer line being read
  Headers trailers_;
};

/// Room for "ffffffffffffffff\r\n".
inline constexpr std::size_t kChunkHeaderSize = 18;

/// Writes "<size in hex>\r\n" and returns it. `size` > 0. The data and kChunkEnd follow.
std::string_view chunk_header(std::size_t size, std::span<char, kChunkHeaderSize> into) noexcept;
inline constexpr std::string_view kChunkEnd = "\r\n";

/// What ends a chunked body without trailers; with them: append_last_chunk() of wire.h.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace kthena::http
