#include "bench/common/content.h"

#include <gtest/gtest.h>

#include <string>

namespace kthena::bench {
namespace {

TEST(StreamSpec, ReadsWhatItWrites) {
  const StreamSpec spec{.id = 7, .events = 20, .interval_us = 5000, .first_us = 3, .size = 300};
  const auto read = parse_stream_spec(to_string(spec));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, spec);
}

TEST(StreamSpec, NamesTheFieldThatIsWrong) {
  for (const auto* text : {"size=10", "id=100000000", "events=0", "nothing=1", "events", "id=x"}) {
    const auto read = parse_stream_spec(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_NE(read.error().message().find(text), std::string::npos) << read.error().message();
  }
}

TEST(Event, HasTheSizeAskedForAndDependsOnStreamAndIndex) {
  for (const std::uint32_t size : {220U, 240U, 1000U}) {
    std::string first;
    std::string second;
    append_event(first, {.id = 1, .size = size}, 0, 11, 123);
    append_event(second, {.id = 2, .size = size}, 0, 11, 123);
    EXPECT_EQ(first.size(), size);
    EXPECT_TRUE(first.starts_with("data: {") && first.ends_with("}\n\n"));
    EXPECT_EQ(first.substr(kStampInEvent.offset, kStampInEvent.size), "0000000000000123");
    EXPECT_EQ(first.substr(kBackendInEvent.offset, kBackendInEvent.size), "011");
    EXPECT_NE(first.substr(first.size() - 32), second.substr(second.size() - 32));
  }
}

TEST(PlainReply, NamesTheBackend) {
  const std::string reply = plain_reply(12);
  EXPECT_EQ(reply.size(), 363U);
  EXPECT_EQ(reply.substr(kBackendInReply.offset, kBackendInReply.size), "012");
}

TEST(ChatBody, HasExactlyTheSizeAskedFor) {
  for (std::size_t size = 256; size < 20'000; size += 37) {
    const std::string body = chat_body(size, size % 2 == 0);
    ASSERT_EQ(body.size(), size);
    ASSERT_TRUE(body.starts_with("{\"messages\":[{") && body.ends_with("}"));
  }
}

TEST(BodyHash, DoesNotDependOnTheCut) {
  const std::string body = chat_body(5000, false);
  BodyHash whole;
  whole.add(body);
  BodyHash pieces;
  for (std::size_t at = 0; at < body.size(); at += 77) {
    pieces.add(std::string_view(body).substr(at, 77));
  }
  EXPECT_EQ(whole.value(), pieces.value());
  pieces.reset();
  pieces.add(body);
  EXPECT_EQ(whole.value(), pieces.value());
}

}  // namespace
}  // namespace kthena::bench
