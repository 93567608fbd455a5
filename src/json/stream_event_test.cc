#include "json/stream_event.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace kthena::json {
namespace {

StreamEvent read(std::string_view data) {
  const auto event = read_stream_event(data);
  EXPECT_TRUE(event) << data;
  return event.value_or(StreamEvent{});
}

TEST(StreamEvent, ReadsTheUsageOfTheLastChunk) {  // as llama.cpp sends it
  const StreamEvent event =
      read(R"({"choices":[],"created":1795275849,"object":"chat.completion.chunk","usage":)"
           R"({"completion_tokens":8,"prompt_tokens":26,"total_tokens":34,"prompt_tokens_details":)"
           R"({"cached_tokens":21}},"timings":{"cache_n":21,"prompt_ms":38.356}})");
  EXPECT_EQ(event.usage, (TokenUsage{.prompt = 26, .completion = 8, .total = 34, .cached = 21}));
  EXPECT_TRUE(event.no_choices);
  EXPECT_FALSE(event.has_text);
}

TEST(StreamEvent, TakesUsageAsItComes) {
  EXPECT_EQ(read(R"({"usage":null})").usage, std::nullopt);
  EXPECT_EQ(read(R"({"choices":[]})").usage, std::nullopt);
  EXPECT_EQ(read(R"({"usage":{}})").usage, TokenUsage{});
  EXPECT_EQ(read(R"({"usage":{"prompt_tokens":3,"completion_tokens":4}})").usage,
            (TokenUsage{.prompt = 3, .completion = 4, .total = 7}));
  EXPECT_EQ(
      read(R"({"usage":{"prompt_tokens":3,"total_tokens":0,"prompt_tokens_details":null}})").usage,
      (TokenUsage{.prompt = 3, .total = 3}));
  EXPECT_EQ(
      read(R"({"usage":{"prompt_tokens":-3,"completion_tokens":"4","total_tokens":1.5}})").usage,
      TokenUsage{});
}

TEST(StreamEvent, ReadsTheUsageOfTheResponsesApi) {
  constexpr std::string_view kUsage =
      R"({"input_tokens":36,"input_tokens_details":{"cached_tokens":16},"output_tokens":87,)"
      R"("output_tokens_details":{"reasoning_tokens":2},"total_tokens":123})";
  const TokenUsage expected{.prompt = 36, .completion = 87, .total = 123, .cached = 16};
  EXPECT_EQ(read(R"({"id":"resp_1","output":[],"usage":)" + std::string(kUsage) + "}").usage,
            expected);
  EXPECT_EQ(read(R"({"type":"response.completed","sequence_number":7,"response":{"output":[)"
                 R"({"usage":{"input_tokens":1}}],"usage":)" +
                 std::string(kUsage) + R"(,"user":null}})")
                .usage,
            expected);
  EXPECT_EQ(read(R"({"type":"response.created","response":{"usage":null}})").usage, std::nullopt);
}

TEST(StreamEvent, ReadsTheUsageOfTheMessagesApiWhoseCacheIsBesideItsInput) {
  EXPECT_EQ(read(R"({"type":"message_start","message":{"content":[],"usage":{"input_tokens":25,)"
                 R"("cache_creation_input_tokens":5,"cache_read_input_tokens":7,)"
                 R"("output_tokens":1}}})")
                .usage,
            (TokenUsage{.prompt = 37, .completion = 1, .total = 38, .cached = 7}));
  EXPECT_EQ(read(R"({"type":"message_delta","delta":{},"usage":{"output_tokens":15}})").usage,
            (TokenUsage{.completion = 15, .total = 15}));
}

TEST(StreamEvent, HugeCountsDoNotOverflow) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto usage = read(R"({"usage":{"input_tokens":9223372036854775807,"output_tokens":)"
                          R"(9223372036854775807,"cache_read_input_tokens":1}})")
                         .usage;
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->prompt, kMost);
  EXPECT_EQ(usage->total, kMost);
}

struct ChoiceRow {
  std::string_view data;
  bool no_choices;
  bool has_text;
};

class Choices : public testing::TestWithParam<ChoiceRow> {};

TEST_P(Choices, TellWhetherTokensWereMade) {
  const StreamEvent event = read(GetParam().data);
  EXPECT_EQ(event.no_choices, GetParam().no_choices);
  EXPECT_EQ(event.has_text, GetParam().has_text);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Choices,
    testing::Values(
        ChoiceRow{R"({})", true, false}, ChoiceRow{R"({"choices":null})", true, false},
        ChoiceRow{R"({"choices":[ ]})", true, false},
        ChoiceRow{R"({"choices":[{"delta":{"role":"assistant","content":""}}]})", false, false},
        ChoiceRow{R"({"choices":[{"delta":{"role":"assistant","content":null}}]})", false, false},
        ChoiceRow{R"({"choices":[{"index":0,"delta":{"content":"Hey"}}]})", false, true},
        ChoiceRow{R"({"choices":[{"delta":{}},{"delta":{"content":"x"}}]})", false, true},
        ChoiceRow{R"({"choices":[{"delta":{"reasoning_content":"hm"}}]})", false, true},
        ChoiceRow{R"({"choices":[{"delta":{"reasoning":"hm"}}]})", false, true},
        ChoiceRow{R"({"choices":[{"delta":{"tool_calls":[{"index":0}]}}]})", false, true},
        ChoiceRow{R"({"choices":[{"delta":{"tool_calls":[]}}]})", false, false},
        ChoiceRow{R"({"choices":[{"text":" a","logprobs":null}]})", false, true},
        ChoiceRow{R"({"choices":[{"text":"","logprobs":{"content":["x"]}}]})", false, false},
        ChoiceRow{R"({"choices":[{"message":{"content":"answer"}}]})", false, true},
        ChoiceRow{R"({"choices":[1,null]})", false, false}));

TEST(StreamEvent, SeesErrors) {
  EXPECT_TRUE(read(R"({"error":{"message":"x"}})").is_error);
  EXPECT_TRUE(read(R"({"error":"x"})").is_error);
  EXPECT_FALSE(read(R"({"error":null})").is_error);
}

TEST(StreamEvent, IsNothingWhereThereIsNoObject) {
  for (const std::string_view data :
       {"", "[DONE]", "null", "[]", "{", R"({"choices":[{"delta":{"content":"x"})", R"({"a":1} {})",
        R"({"usage":{"prompt_tokens":1,}})", R"({"choices":[1 2]})"}) {
    EXPECT_FALSE(read_stream_event(data)) << data;
  }
}

}  // namespace
}  // namespace kthena::json
