// Any split of a chunked body gives the same data, trailers and verdict; what we take whole, an
// independent decoder takes too, with the same data; what we encode we decode.
#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/chunked.h"
#include "http/wire.h"

namespace kthena::http {
namespace {

struct Decoded {
  ChunkDecoder::Kind kind = ChunkDecoder::Kind::NeedMore;
  std::string data;
  std::string trailers;
  std::size_t used = 0;  ///< bytes, if it ended
};

Decoded decode(std::string_view bytes, std::size_t piece) {
  ChunkDecoder decoder;
  Decoded decoded;
  std::size_t at = 0;
  while (decoded.kind == ChunkDecoder::Kind::NeedMore && at < bytes.size()) {
    // A copy of exactly these bytes: a read past them is seen.
    const std::string copy(bytes.substr(at, piece));
    at += copy.size();
    std::string_view input = copy;
    do {
      const ChunkDecoder::Step step = decoder.step(input);
      CHECK_EQ(step.data.empty(), step.kind != ChunkDecoder::Kind::Data);
      decoded.kind = step.kind;
      decoded.data += step.data;
    } while (decoded.kind == ChunkDecoder::Kind::Data);
    if (decoded.kind == ChunkDecoder::Kind::NeedMore) {
      CHECK(input.empty());
    }
    decoded.used = decoded.kind == ChunkDecoder::Kind::End ? at - input.size() : 0;
  }
  for (const auto [name, value] : decoder.trailers()) {
    decoded.trailers.append(name).append(":").append(value).append("\n");
  }
  return decoded;
}

void check_other_decoder_agrees(std::string_view bytes, const Decoded& ours) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string message = head + std::string(bytes.substr(0, ours.used));
  boost::beast::http::request_parser<boost::beast::http::string_body> other;
  other.eager(true);
  other.header_limit(1 << 20);
  boost::beast::error_code error;
  std::size_t used = 0;
  while (!error && !other.is_done() && used < message.size()) {
    used +=
        other.put(boost::asio::const_buffer(message.data() + used, message.size() - used), error);
  }
  if (error &&
      (bytes.contains(';') || bytes.contains(' ') || bytes.contains('\t') || bytes.contains(':'))) {
    return;  // it reads extensions and framing fields among trailers, which we skip
  }
  CHECK(!error);
  CHECK(other.is_done());
  CHECK_EQ(used, message.size());
  CHECK_EQ(other.get().body(), ours.data);
}

void check_round_trip(std::string_view data, std::size_t piece, std::size_t chunk) {
  std::string encoded;
  std::array<char, kChunkHeaderSize> room;
  for (std::size_t at = 0; at < data.size(); at += chunk) {
    const std::string_view part = data.substr(at, chunk);
    encoded.append(chunk_header(part.size(), room)).append(part).append(kChunkEnd);
  }
  Headers trailers;
  trailers.add("X", data.substr(0, 100));
  append_last_chunk(encoded, trailers);
  const std::size_t size = encoded.size();
  encoded += "rest";
  const Decoded decoded = decode(encoded, piece);
  if (decoded.kind == ChunkDecoder::Kind::Bad) {
    // Only a control character in the trailer may be why.
    CHECK(std::ranges::any_of(data.substr(0, 100), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    }));
  } else {
    CHECK(decoded.kind == ChunkDecoder::Kind::End);
    CHECK_EQ(decoded.used, size);
  }
  CHECK_EQ(decoded.data, data);
}

}  // namespace
}  // namespace kthena::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using kthena::http::decode;
  if (size < 2 || size > 20'000) {
    return 0;
  }
  const std::size_t piece = 1 + data[0] % 32;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = decode(bytes, bytes.size() + 1);
  const auto split = decode(bytes, piece);
  CHECK(whole.kind == split.kind);
  CHECK_EQ(whole.data, split.data);
  CHECK_EQ(whole.trailers, split.trailers);
  CHECK_EQ(whole.used, split.used);
  if (whole.kind == kthena::http::ChunkDecoder::Kind::End) {
    kthena::http::check_other_decoder_agrees(bytes, whole);
  }
  kthena::http::check_round_trip(bytes, piece, 1 + data[1]);
  return 0;
}
