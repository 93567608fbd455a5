#include "http/websocket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kthena::http {
namespace {

using ::testing::ElementsAre;

constexpr WebSocketMask kMask = {'\x37', '\xfa', '\x21', '\x3d'};

/// "Text hello", "Close 1000 bye"; the last may be an error.
std::vector<std::string> decode(std::string_view bytes, std::size_t piece, WebSocketSide self,
                                std::size_t limit = 1 << 20) {
  WebSocketDecoder decoder(self, limit);
  std::vector<std::string> all;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    while (true) {
      const auto message = decoder.next();
      if (!message) {
        all.push_back(std::to_string(decoder.error_close_code()) + " " + message.error().message());
        return all;
      }
      if (!*message) {
        break;
      }
      const WebSocketMessage& m = **message;
      const char* name = m.opcode == WebSocketOpcode::Text     ? "Text "
                         : m.opcode == WebSocketOpcode::Binary ? "Binary "
                         : m.opcode == WebSocketOpcode::Ping   ? "Ping "
                         : m.opcode == WebSocketOpcode::Pong   ? "Pong "
                                                               : "Close ";
      all.push_back(name + (m.close_code != 0 ? std::to_string(m.close_code) + " " : "") +
                    std::string(m.payload));
    }
  }
  return all;
}

TEST(WebSocket, WritesTheFramesOfTheStandard) {
  std::string out;
  append_websocket_frame(out, WebSocketOpcode::Text, "Hello", std::nullopt);
  EXPECT_EQ(out, std::string("\x81\x05Hello"));
  out.clear();
  append_websocket_frame(out, WebSocketOpcode::Text, "Hello", kMask);
  EXPECT_EQ(out, std::string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"));
  out.clear();
  append_websocket_frame(out, WebSocketOpcode::Binary, std::string(256, 'x'), std::nullopt);
  EXPECT_EQ(out.substr(0, 4), std::string("\x82\x7e\x01\x00", 4));
  out.clear();
  append_websocket_frame(out, WebSocketOpcode::Binary, std::string(65536, 'x'), std::nullopt);
  EXPECT_EQ(out.substr(0, 10), std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST(WebSocket, ReadsWhatItWritesHoweverTheBytesAreCut) {
  const std::string close = websocket_close_payload(1000, "bye");
  for (const WebSocketSide self : {WebSocketSide::Client, WebSocketSide::Server}) {
    const std::optional<WebSocketMask> mask =
        self == WebSocketSide::Server ? std::optional(kMask) : std::nullopt;
    std::string bytes;
    append_websocket_frame(bytes, WebSocketOpcode::Text, "grüße", mask);
    append_websocket_frame(bytes, WebSocketOpcode::Binary, std::string(300, 'b'), mask);
    append_websocket_frame(bytes, WebSocketOpcode::Ping, "p", mask);
    append_websocket_frame(bytes, WebSocketOpcode::Binary, "", mask);
    append_websocket_frame(bytes, WebSocketOpcode::Close, close, mask);
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      EXPECT_THAT(decode(bytes, piece, self),
                  ElementsAre("Text grüße", "Binary " + std::string(300, 'b'), "Ping p", "Binary ",
                              "Close 1000 bye"));
    }
  }
}

TEST(WebSocket, PutsFragmentsTogether) {
  const std::string bytes("\x01\x03Hel\x89\x01p\x00\x01l\x80\x01o\x88\x00", 16);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    EXPECT_THAT(decode(bytes, piece, WebSocketSide::Client),
                ElementsAre("Ping p", "Text Hello", "Close "));
  }
}

TEST(WebSocket, RefusesWhatBreaksTheProtocol) {
  const auto error_of = [](std::string bytes, WebSocketSide self = WebSocketSide::Client) {
    return decode(bytes, bytes.size(), self).back().substr(0, 4);
  };
  EXPECT_EQ(error_of({"\xc1\x00", 2}), "1002");          // a reserved bit
  EXPECT_EQ(error_of({"\x83\x00", 2}), "1002");          // an unknown opcode
  EXPECT_EQ(error_of({"\x80\x00", 2}), "1002");          // goes on with nothing
  EXPECT_EQ(error_of({"\x01\x00\x01\x00", 4}), "1002");  // begins within another
  EXPECT_EQ(error_of({"\x09\x00", 2}), "1002");          // a fragmented ping
  EXPECT_EQ(error_of({"\x89\x7e\x00\x7e", 4}), "1002");  // a long one
  EXPECT_EQ(error_of({"\x82\x7e\x00\x05", 4}), "1002");  // a length that could be shorter
  EXPECT_EQ(error_of({"\x82\x7f\0\0\0\0\0\0\xff\xff", 10}), "1002");
  EXPECT_EQ(error_of({"\x82\x80\0\0\0\0", 6}), "1002");  // a server masks
  EXPECT_EQ(error_of({"\x82\x00", 2}, WebSocketSide::Server), "1002");
  EXPECT_EQ(error_of({"\x81\x01\xff", 3}), "1007");      // not UTF-8
  EXPECT_EQ(error_of({"\x88\x01\x03", 3}), "1002");      // half a code
  EXPECT_EQ(error_of({"\x88\x02\x03\xee", 4}), "1002");  // 1006
  EXPECT_EQ(error_of({"\x88\x03\x03\xe8\xff", 5}), "1007");
  EXPECT_EQ(error_of({"\x82\x7f\x7f\0\0\0\0\0\0\0", 10}), "1009");
}

TEST(WebSocket, HoldsNoMoreThanItMay) {
  std::string bytes(
      "\x02\x03"
      "abc"
      "\x80\x03"
      "def",
      10);
  EXPECT_THAT(decode(bytes, 1, WebSocketSide::Client, 6), ElementsAre("Binary abcdef"));
  EXPECT_EQ(decode(bytes, 1, WebSocketSide::Client, 5).back().substr(0, 4), "1009");
}

TEST(WebSocket, CutsLongReasonsAtACharacter) {
  std::string reason;
  for (int i = 0; i < 100; ++i) {
    reason += "ü";
  }
  EXPECT_EQ(websocket_close_payload(1001, reason).size(), 124U);
  EXPECT_EQ(websocket_close_payload(1001, ""), std::string("\x03\xe9"));
}

TEST(WebSocket, ShakesHandsAsInTheStandard) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(websocket_key().size(), 24U);
  EXPECT_NE(websocket_key(), websocket_key());
}

}  // namespace
}  // namespace kthena::http
