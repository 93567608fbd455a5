#include "http/sse.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace kthena::http {
namespace {

using namespace std::string_view_literals;

/// The pieces of a stream that is fed `size` bytes at a time; parts end in "…", what is held back
/// at the end stands last, behind "held:".
std::vector<std::string> split(std::string_view stream, std::size_t size,
                               std::size_t max_held = SseSplitter::kMaxHeld) {
  SseSplitter splitter(max_held);
  std::vector<std::string> pieces;
  for (; !stream.empty(); stream.remove_prefix(std::min(size, stream.size()))) {
    splitter.feed(stream.substr(0, size));
    while (const auto piece = splitter.next()) {
      pieces.push_back(std::string(piece->bytes) + (piece->whole ? "" : "…"));
    }
  }
  if (!splitter.held().empty()) {
    pieces.push_back("held:" + std::string(splitter.held()));
  }
  return pieces;
}

using Pieces = std::vector<std::string>;

TEST(SseSplitter, EndsEventsAtEmptyLinesOfAnyKind) {
  EXPECT_EQ(
      split("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\r\ndata: e\r\n\ndata: f\r\n\rx", 999),
      (Pieces{"data: a\n\n", "data: b\r\n\r\n", "data: c\r\r", "data: d\n\r\n", "data: e\r\n\n",
              "data: f\r\n\r", "held:x"}));
}

TEST(SseSplitter, KeepsLinesOfOneEventTogether) {
  EXPECT_EQ(split(": ping\nevent: x\r\ndata: a\rdata: b\n\nid: 1\n", 999),
            (Pieces{": ping\nevent: x\r\ndata: a\rdata: b\n\n", "held:id: 1\n"}));
}

TEST(SseSplitter, GivesTheSameEventsForAnySplit) {
  const std::string_view stream =
      "data: a\n\ndata: b\tc\r\n\r\n: x\n\nevent: y\r\ndata: z\r\n\r\ndata: [DONE]\n\nrest";
  for (std::size_t size = 1; size < stream.size(); ++size) {
    EXPECT_EQ(split(stream, size), split(stream, 999)) << size;
  }
}

TEST(SseSplitter, LosesNoByteWhenALineFeedComesLate) {
  // The event has ended at CR CR; the LF is the second half of that line end, not another empty
  // line.
  EXPECT_EQ(split("data: a\r\r\ndata: b\n\n", 9), (Pieces{"data: a\r\r", "\ndata: b\n\n"}));
  EXPECT_EQ(split("data: a\r\r\ndata: b\n\n", 99), (Pieces{"data: a\r\r\n", "data: b\n\n"}));
}

TEST(SseSplitter, GivesAWholeEventInPlace) {
  const std::string bytes = "data: a\n\ndata: b\n\n";
  SseSplitter splitter;
  splitter.feed(bytes);
  EXPECT_EQ(splitter.next()->bytes.data(), bytes.data());
  EXPECT_EQ(splitter.next()->bytes.data(), bytes.data() + 9);
  EXPECT_FALSE(splitter.next());
}

TEST(SseSplitter, PassesOnAnOversizedEventInPartsAndRecovers) {
  SseSplitter splitter(8);
  splitter.feed("data: a");
  EXPECT_FALSE(splitter.next());
  EXPECT_EQ(splitter.held(), "data: a");
  splitter.feed("bc");
  EXPECT_EQ(splitter.next()->bytes, "data: abc");
  EXPECT_TRUE(splitter.within_event());
  EXPECT_EQ(splitter.held(), "");
  EXPECT_FALSE(splitter.next());
  splitter.feed("d");
  const auto part = splitter.next();
  EXPECT_EQ(part->bytes, "d");
  EXPECT_FALSE(part->whole);
  splitter.feed("\n\nx: y\n\n");
  EXPECT_FALSE(splitter.next()->whole);
  EXPECT_FALSE(splitter.within_event());
  EXPECT_TRUE(splitter.next()->whole);
}

TEST(ParseSseEvent, ReadsFieldsInPlace) {
  std::string joined;
  const std::string_view bytes =
      "\xef\xbb\xbf: comment\nevent: delta\r\nid:7\rretry: 3\ndata: {\"a\": 1}\n\n";
  const SseEvent event = parse_sse_event(bytes, joined);
  EXPECT_EQ(event.type, "delta");
  EXPECT_EQ(event.id, "7");
  EXPECT_EQ(event.data, "{\"a\": 1}");
  EXPECT_TRUE(event.has_data);
  EXPECT_GE(event.data.data(), bytes.data());
  EXPECT_LT(event.data.data(), bytes.data() + bytes.size());
}

TEST(ParseSseEvent, JoinsDataLines) {
  std::string joined = "old";
  EXPECT_EQ(parse_sse_event("data: a\ndata\ndata:  b\n\n", joined).data, "a\n\n b");
}

TEST(ParseSseEvent, IgnoresWhatIsNoField) {
  std::string joined;
  for (const auto bytes : {": only a comment\n\n"sv, "\n"sv, ""sv, "Data: a\n\n"sv,
                           " data: a\n\n"sv, "datax: a\n\n"sv, "id: a\0b\n\n"sv}) {
    const SseEvent event = parse_sse_event(bytes, joined);
    EXPECT_FALSE(event.has_data) << bytes;
    EXPECT_EQ(event.id, "") << bytes;
  }
  EXPECT_TRUE(parse_sse_event("data\n\n", joined).has_data);
}

TEST(AppendSseEvent, WritesWhatParsesBack) {
  std::string joined;
  for (const auto data : {"{\"a\":1}"sv, ""sv, "a\nb"sv, "a\r\nb\rc\n"sv, " x"sv, "\n\n"sv}) {
    std::string out;
    append_sse_event(out, "error", data);
    EXPECT_EQ(split(out, 999).size(), 1U) << out;
    const SseEvent event = parse_sse_event(out, joined);
    EXPECT_EQ(event.type, "error");
    std::string normal;
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (data[i] == '\r') {
        normal.push_back('\n');
        i += data.substr(i + 1, 1) == "\n" ? 1 : 0;
      } else {
        normal.push_back(data[i]);
      }
    }
    EXPECT_EQ(event.data, normal);
  }
}

TEST(AppendSseEvent, HasTheUsualForm) {
  std::string out;
  append_sse_event(out, "", "[DONE]");
  append_sse_event(out, "a\nb", "c");
  append_sse_comment(out, "ping");
  EXPECT_EQ(out, "data: [DONE]\n\nevent: a b\ndata: c\n\n: ping\n\n");
}

}  // namespace
}  // namespace kthena::http
