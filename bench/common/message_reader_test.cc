#include "bench/common/message_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace kthena::bench {
namespace {

using Event = MessageReader::Event;

/// What a reader says about `text` cut into pieces of `step` bytes: "head(…) body … end".
std::string tell(std::string_view text, std::size_t step, MessageReader::Kind kind) {
  MessageReader reader(kind);
  std::string story;
  for (std::size_t at = 0; at < text.size(); at += step) {
    std::string_view input = text.substr(at, step);
    while (!input.empty() || reader.inside_message()) {
      const Event event = reader.next(input);
      if (event == Event::NeedMore) {
        break;
      }
      if (event == Event::Malformed) {
        return story + "malformed";
      }
      if (event == Event::Head) {
        story += "head(" + std::string(reader.head().start_line) + ")";
      } else if (event == Event::Body) {
        story += reader.piece();
      } else {
        story += "end ";
      }
    }
  }
  return story + (reader.inside_message() ? "inside" : "");
}

void expect_for_all_cuts(std::string_view text, MessageReader::Kind kind, std::string_view story) {
  for (std::size_t step = 1; step <= text.size(); ++step) {
    EXPECT_EQ(tell(text, step, kind), story) << "pieces of " << step;
  }
}

TEST(MessageReader, ReadsCountedAndChunkedRequestsHoweverTheyAreCut) {
  expect_for_all_cuts(
      "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
      "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /c HTTP/1.1\r\ntransfer-encoding: "
      "chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n"
      "Trailer: x\r\n\r\n"
      "POST /d HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
      MessageReader::Kind::Request,
      "head(POST /a HTTP/1.1)helloend head(GET /b HTTP/1.1)end "
      "head(POST /c HTTP/1.1)abc0123456789end head(POST /d HTTP/1.1)end ");
}

TEST(MessageReader, ReadsAResponseThatEndsWithTheConnection) {
  expect_for_all_cuts("HTTP/1.0 200 OK\r\n\r\nsome bytes", MessageReader::Kind::Response,
                      "head(HTTP/1.0 200 OK)some bytesinside");
}

TEST(MessageReader, TellsAnInterimResponseFromTheRealOne) {
  expect_for_all_cuts("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                      MessageReader::Kind::Response,
                      "head(HTTP/1.1 100 Continue)head(HTTP/1.1 200 OK)okend ");
}

TEST(MessageReader, SaysThatAMessageIsCut) {
  EXPECT_EQ(
      tell("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", 7, MessageReader::Kind::Request),
      "head(POST / HTTP/1.1)abcinside");
  EXPECT_EQ(tell("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 7,
                 MessageReader::Kind::Response),
            "head(HTTP/1.1 200 OK)abcinside");
}

TEST(MessageReader, RefusesBrokenFraming) {
  const std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view body : {"3\r\nabcd\r\n", "x\r\n", "3\nabc\r\n", "\r\n"}) {
    EXPECT_TRUE(tell(std::string(head) + std::string(body), 100, MessageReader::Kind::Response)
                    .ends_with("malformed"))
        << body;
  }
  EXPECT_EQ(tell("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 100,
                 MessageReader::Kind::Request),
            "malformed");
}

TEST(Head, FindsAFieldInAnyCase) {
  MessageReader reader(MessageReader::Kind::Request);
  std::string_view input = "POST / HTTP/1.1\r\nX-Bench:  id=7 \r\nHost: x\r\n\r\n";
  ASSERT_EQ(reader.next(input), Event::Head);
  EXPECT_EQ(reader.head().find("x-bench"), "id=7");
  EXPECT_EQ(reader.head().find("x-other"), std::nullopt);
}

}  // namespace
}  // namespace kthena::bench
