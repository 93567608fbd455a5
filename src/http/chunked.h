// The chunked transfer coding. Source: RFC 9112 section 7.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/headers.h"

namespace kthena::http {

/// Decodes incrementally and in place: data comes as views into the input. Strict: CRLF line ends,
/// bounded sizes, extensions and trailers. Any split of the input gives the same data.
class ChunkDecoder {
 public:
  enum class Kind : std::uint8_t { Data, NeedMore, End, Bad };
  struct Step {
    Kind kind = Kind::NeedMore;
    std::string_view data;  ///< Data: a non-empty part of the input
  };

  /// Consumes from the front of `input`. NeedMore: all of it was used. End: what is left belongs to
  /// the next message.
  Step step(std::string_view& input);

  const Headers& trailers() const noexcept { return trailers_; }

 private:
  enum class State : std::uint8_t {
    Size,
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
  Step bad();
  bool take_framing(char c);

  State state_ = State::Size;
  bool any_digit_ = false;
  std::uint64_t left_ = 0;
  std::size_t overhead_ = 0;  ///< bytes of extensions, or trailers, so far
  std::string line_;          ///< the trailer line being read
  Headers trailers_;
};

/// Room for "ffffffffffffffff\r\n".
inline constexpr std::size_t kChunkHeaderSize = 18;

/// Writes "<size in hex>\r\n" and returns it. `size` > 0.
std::string_view chunk_header(std::size_t size, std::span<char, kChunkHeaderSize> into) noexcept;

}  // namespace kthena::http
