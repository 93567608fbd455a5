#include "http/chunked.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/wire.h"

namespace kthena::http {
namespace {

using namespace std::string_view_literals;

struct Decoded {
  ChunkDecoder::Kind kind = ChunkDecoder::Kind::NeedMore;
  std::string data;
  std::string rest;
  std::vector<std::pair<std::string, std::string>> trailers;
};

/// Decodes `bytes` in pieces of `piece` bytes.
Decoded decode(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  ChunkDecoder decoder;
  Decoded decoded;
  while (decoded.kind == ChunkDecoder::Kind::NeedMore && !bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    bytes.remove_prefix(input.size());
    do {
      const ChunkDecoder::Step step = decoder.step(input);
      decoded.kind = step.kind;
      decoded.data += step.data;
    } while (decoded.kind == ChunkDecoder::Kind::Data);
    if (decoded.kind != ChunkDecoder::Kind::Bad) {
      decoded.rest = input;
    }
  }
  decoded.rest += bytes;
  for (const auto [name, value] : decoder.trailers()) {
    decoded.trailers.emplace_back(name, value);
  }
  return decoded;
}

TEST(ChunkDecoder, GivesDataTrailersAndLeavesTheRest) {
  const Decoded decoded =
      decode("5\r\nhello\r\n00A;x=\"y\"\r\n, wor\r\nld!\r\n0\r\nDigest: abc \r\nX:\r\n\r\nGET /");
  EXPECT_EQ(decoded.kind, ChunkDecoder::Kind::End);
  EXPECT_EQ(decoded.data, "hello, wor\r\nld!");
  EXPECT_EQ(decoded.rest, "GET /");
  EXPECT_EQ(decoded.trailers,
            (std::vector<std::pair<std::string, std::string>>{{"Digest", "abc"}, {"X", ""}}));
}

TEST(ChunkDecoder, GivesTheSameForAnySplit) {
  for (const std::string_view bytes : {
           "5\r\nhello\r\n1 ;x\r\n!\r\n0\r\nA: b\r\n\r\nrest"sv,
           "ff\r\nabc"sv,
           "3\r\nabcX\n0\r\n\r\n"sv,
           "3\r\nabc\r\n0\r\nA b\r\n\r\n"sv,
       }) {
    const Decoded whole = decode(bytes);
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
      const Decoded split = decode(bytes, piece);
      EXPECT_EQ(split.kind, whole.kind) << bytes << " in pieces of " << piece;
      EXPECT_EQ(split.data, whole.data);
      EXPECT_EQ(split.trailers, whole.trailers);
    }
  }
}

TEST(ChunkDecoder, DataIsAViewIntoTheInput) {
  const std::string bytes = "5\r\nhello\r\n";
  std::string_view input = bytes;
  ChunkDecoder decoder;
  EXPECT_EQ(decoder.step(input).data.data(), bytes.data() + 3);
}

TEST(ChunkDecoder, EndAndBadStay) {
  ChunkDecoder decoder;
  std::string_view input = "0\r\n\r\n0\r\n\r\n";
  EXPECT_EQ(decoder.step(input).kind, ChunkDecoder::Kind::End);
  EXPECT_EQ(decoder.step(input).kind, ChunkDecoder::Kind::End);
  EXPECT_EQ(input, "0\r\n\r\n");
  input = {};
  EXPECT_EQ(decoder.step(input).kind, ChunkDecoder::Kind::End);
  ChunkDecoder bad;
  input = "x";
  EXPECT_EQ(bad.step(input).kind, ChunkDecoder::Kind::Bad);
  input = "0\r\n\r\n";
  EXPECT_EQ(bad.step(input).kind, ChunkDecoder::Kind::Bad);
}

TEST(ChunkDecoder, RefusesWhatIsNotExactlyChunked) {
  for (const std::string_view bytes : {
           "\r\n"sv,
           ";x\r\n"sv,
           "g\r\n"sv,
           "-1\r\n"sv,
           "+1\r\n"sv,
           " 1\r\na\r\n"sv,
           "0x1\r\na\r\n"sv,
           "1\na\r\n"sv,
           "1\rxa\r\n"sv,
           "1 a\r\n"sv,
           "1 \r\na\r\n"sv,
           "1;x\ny\r\na"sv,
           "1;\x01\r\na"sv,
           "1;\0\r\na"sv,
           "1\r\nab\r\n"sv,
           "1\r\na\n0\r\n\r\n"sv,
           "1\r\na0\r\n\r\n"sv,
           "1\r\na\r0\r\n"sv,
           "1000000000000000\r\n"sv,
           "ffffffffffffffff\r\n"sv,
           "10000000000000001\r\n"sv,
           "0000000000000001\r\n"sv,
           "0\r\n\n"sv,
           "0\r\n\rx"sv,
           "0\r\nA\r\n\r\n"sv,
           "0\r\n: b\r\n\r\n"sv,
           "0\r\nA : b\r\n\r\n"sv,
           "0\r\nA: b\r\n c\r\n\r\n"sv,
           "0\r\nA: b\n\r\n"sv,
           "0\r\nA: \0\r\n\r\n"sv,
       }) {
    EXPECT_EQ(decode(bytes).kind, ChunkDecoder::Kind::Bad) << ::testing::PrintToString(bytes);
  }
}

TEST(ChunkDecoder, TakesTheLargestSizeThatHasFifteenDigits) {
  ChunkDecoder decoder;
  std::string_view input = "fffffffffffffff\r\nx";
  EXPECT_EQ(decoder.step(input).data, "x");
}

TEST(ChunkDecoder, BoundsExtensionsByTheData) {
  const std::string fair = "64;" + std::string(100, 'x') + "\r\n" + std::string(100, 'd') + "\r\n";
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += fair;
  }
  EXPECT_EQ(decode(many).kind, ChunkDecoder::Kind::NeedMore);
  const std::string unfair = "1;" + std::string(100, 'x') + "\r\nd\r\n";
  many.clear();
  for (int i = 0; i < 1000; ++i) {
    many += unfair;
  }
  EXPECT_EQ(decode(many).kind, ChunkDecoder::Kind::Bad);
  EXPECT_EQ(decode("1;" + std::string(20'000, 'x')).kind, ChunkDecoder::Kind::Bad);
  EXPECT_EQ(decode("1" + std::string(20'000, ' ')).kind, ChunkDecoder::Kind::Bad);
}

TEST(ChunkDecoder, BoundsTrailers) {
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) {
    trailers += "A: " + std::string(100, 'x') + "\r\n";
  }
  EXPECT_EQ(decode(trailers + "\r\n").kind, ChunkDecoder::Kind::End);
  EXPECT_EQ(decode(trailers + trailers.substr(3) + "\r\n").kind, ChunkDecoder::Kind::Bad);
}

TEST(ChunkDecoder, DropsTrailersThatBelongInFront) {
  const Decoded decoded = decode(
      "0\r\nContent-Length: 3\r\ntransfer-encoding: x\r\nHost: b\r\nAuthorization: c\r\nX: "
      "y\r\n\r\n");
  EXPECT_EQ(decoded.kind, ChunkDecoder::Kind::End);
  EXPECT_EQ(decoded.trailers, (std::vector<std::pair<std::string, std::string>>{{"X", "y"}}));
}

TEST(ChunkHeader, WritesTheSizeInHex) {
  std::array<char, kChunkHeaderSize> room;
  EXPECT_EQ(chunk_header(1, room), "1\r\n");
  EXPECT_EQ(chunk_header(0xabc, room), "abc\r\n");
  EXPECT_EQ(chunk_header(~std::size_t{0}, room), "ffffffffffffffff\r\n");
}

TEST(AppendLastChunk, WritesTrailersWithoutFraming) {
  Headers trailers;
  std::string out;
  append_last_chunk(out, trailers);
  EXPECT_EQ(out, kLastChunk);
  trailers.add("Content-Length", "5");
  trailers.add("Digest", "a\r\nb");
  out.clear();
  append_last_chunk(out, trailers);
  EXPECT_EQ(out, "0\r\nDigest: a  b\r\n\r\n");
}

}  // namespace
}  // namespace kthena::http
