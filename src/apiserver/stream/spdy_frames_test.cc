#include "apiserver/stream/spdy_frames.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/stream/spdy_dictionary.h"
#include "base/result.h"

namespace kthena::apiserver::spdy {
namespace {

/// Frames as texts, each data frame's pieces put together; the bytes come in pieces of `size`.
std::vector<std::string> decode(std::string_view bytes, std::size_t size) {
  Decoder decoder;
  std::vector<std::string> frames;
  std::string data;
  while (true) {
    while (true) {
      const auto frame = decoder.next();
      if (!frame) {
        frames.push_back(frame.error().to_string());
        return frames;
      }
      if (!*frame) {
        break;
      }
      std::string text = std::to_string(static_cast<int>((*frame)->type)) + " " +
                         std::to_string((*frame)->stream) + " " + std::to_string((*frame)->status) +
                         ((*frame)->fin ? " fin" : "");
      for (const auto& [name, value] : (*frame)->fields) {
        text.append(" ").append(name).append("=").append(value);
      }
      if ((*frame)->type == FrameType::Data) {
        data += (*frame)->data;
        if (!(*frame)->fin) {
          continue;
        }
        text += " " + data;
        data.clear();
      }
      frames.push_back(text);
    }
    if (bytes.empty()) {
      return frames;
    }
    decoder.feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
}

TEST(SpdyFrames, ReadBackWhateverTheCut) {
  Encoder encoder;
  std::string bytes = encoder.syn_stream(1, {{"streamtype", "error"}, {"port", "80"}});
  bytes += encoder.syn_stream(3, {{"streamtype", "data"}, {"port", "80"}});
  bytes += encoder.syn_reply(1, {});
  bytes += Encoder::data(3, "hello ", false) + Encoder::data(3, "there", false);
  bytes += Encoder::data(3, {}, true);
  bytes += Encoder::ping(7) + Encoder::reset(3, 5) + Encoder::go_away(3, 0);
  bytes += Encoder::window_update(3, 1000);
  const std::vector<std::string> expected = {
      "1 1 0 streamtype=error port=80",
      "1 3 0 streamtype=data port=80",
      "2 1 0",
      "0 3 0 fin hello there",
      "6 7 0",
      "3 3 5",
      "7 3 0",
      "9 3 1000",
  };
  for (const std::size_t size : {bytes.size(), std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
    EXPECT_EQ(decode(bytes, size), expected) << size;
  }
}

TEST(SpdyFrames, KnowTheDictionary) {
  const std::string& dictionary = header_dictionary();
  EXPECT_EQ(adler32(adler32(0, nullptr, 0), reinterpret_cast<const Bytef*>(dictionary.data()),
                    static_cast<uInt>(dictionary.size())),
            0xe3c6a7c2U);
}

TEST(SpdyFrames, RefuseWhatIsNone) {
  const auto error = [](std::string_view bytes) {
    const auto frames = decode(bytes, bytes.size());
    return frames.empty() ? std::string() : frames.back();
  };
  const auto control = [](std::string_view type, std::string_view body) {
    return std::string("\x80\x03\x00", 3) + std::string(type) + std::string("\0\0\0", 3) +
           static_cast<char>(body.size()) + std::string(body);
  };
  EXPECT_EQ(error(std::string("\x80\x02\0\x06\0\0\0\4\0\0\0\1", 12)),
            "Malformed: SPDY: a control frame of no known type");
  EXPECT_EQ(error(control("\x05", "\1\1\1\1")),
            "Malformed: SPDY: a control frame of no known type");
  EXPECT_EQ(error(control("\x06", "\1\1\1")), "Malformed: SPDY: a control frame ends too soon");
  EXPECT_EQ(error(control("\x06", std::string("\0\0\0\0", 4))),
            "Malformed: SPDY: a control frame of stream 0");
  EXPECT_EQ(error(control("\x06", "\1\1\1\1\1")),
            "Malformed: SPDY: a control frame of a wrong size");
  EXPECT_EQ(error(control("\x01", "\1\1\1\1\1\1\1\1\1\1junk")),
            "Malformed: SPDY: fields that zlib cannot read");
  EXPECT_EQ(error(std::string("\0\0\0\0\0\0\0\1x", 9)), "Malformed: SPDY: data of stream 0");
  EXPECT_EQ(error(std::string("\x80\x03\0\x06\0\1\0\0", 8)),
            "TooLarge: SPDY: a control frame of more than 16 KiB");
}

TEST(SpdyFrames, BoundFields) {
  Encoder many;
  EXPECT_EQ(decode(many.syn_stream(1, Fields(129, {"a", "b"})), 1000).back(),
            "TooLarge: SPDY: more than 128 fields");
  Encoder large;
  EXPECT_EQ(decode(large.syn_stream(1, {{"a", std::string(100'000, 'x')}}), 1000).back(),
            "TooLarge: SPDY: fields of more than 64 KiB");
}

TEST(SpdyFrames, GiveDataBeforeItsFrameIsWhole) {
  Decoder decoder;
  const std::string bytes = Encoder::data(1, std::string(1 << 20, 'x'), true);
  decoder.feed(std::string_view(bytes).substr(0, 1000));
  const auto first = decoder.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->data.size(), 992U);
  EXPECT_FALSE((*first)->fin);
  EXPECT_FALSE(*decoder.next());
  decoder.feed(std::string_view(bytes).substr(1000));
  const auto second = decoder.next();
  ASSERT_TRUE(second && *second);
  EXPECT_TRUE((*second)->fin);
}

}  // namespace
}  // namespace kthena::apiserver::spdy
