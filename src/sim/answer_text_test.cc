#include "sim/answer_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "sim/engine_stats.h"
#include "sim/tokenizer.h"

namespace kthena::sim {
namespace {

using testing::ElementsAre;

std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const std::size_t length = token_length(text);
    result.emplace_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return result;
}

std::string say(const AnswerText& text, std::uint32_t tokens) {
  std::string said;
  for (std::uint32_t i = 0; i < tokens; ++i) {
    text.append(i, said);
  }
  return said;
}

TEST(Tokenizer, CutsAsDocumented) {
  EXPECT_THAT(pieces("Hello, my world!"), ElementsAre("Hello", ",", " my", " world", "!"));
  EXPECT_THAT(pieces("12345 a"), ElementsAre("123", "45", " a"));
  EXPECT_THAT(pieces("a   b\n\n\nc  "), ElementsAre("a", "  ", " b", "\n\n\n", "c", "  "));
  EXPECT_THAT(pieces("internationalization"), ElementsAre("internat", "ionaliza", "tion"));
  EXPECT_THAT(pieces("1234567\u00e4"), ElementsAre("123", "456", "7", "\u00e4"));
  EXPECT_THAT(pieces("abcdefg\u00e4x"), ElementsAre("abcdefg\u00e4", "x"));
}

TEST(Tokenizer, EveryByteBelongsToOneToken) {
  Random random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random.uniform(64), '\0');
    for (char& c : text) {
      c = static_cast<char>(random.chance(0.7) ? " ab1\n\xc3\xa4"[random.uniform(7)]
                                               : static_cast<char>(random.uniform(256)));
    }
    std::string joined;
    for (const std::string& piece : pieces(text)) {
      joined += piece;
    }
    EXPECT_EQ(joined, text);
    EXPECT_EQ(count_tokens(text), tokenize(text).size());
    for (const TokenId id : tokenize(text)) {
      EXPECT_LT(id, kVocabularySize);
    }
  }
}

TEST(Tokenizer, BytesAndWordsReadBackTheirIds) {
  for (TokenId id = 0; id < kFirstHashed; ++id) {
    const std::string text = detokenize(std::vector{id});
    ASSERT_EQ(token_id(text), id);
    ASSERT_EQ(token_length(text), text.size());
  }
}

TEST(AnswerText, IsTheSameForTheSameSeedOnly) {
  EXPECT_EQ(say(AnswerText(7), 50), say(AnswerText(7), 50));
  EXPECT_NE(say(AnswerText(7), 50), say(AnswerText(8), 50));
}

TEST(AnswerText, ReadBackAsAPromptGivesTheSameTokens) {
  const AnswerText text(42);
  std::vector<TokenId> ids;
  for (std::uint32_t i = 0; i < 200; ++i) {
    ids.push_back(text.id(i));
  }
  EXPECT_EQ(tokenize(say(text, 200)), ids);
}

TEST(AnswerText, RepeatsATextAndEscapesIt) {
  const AnswerText text(std::make_shared<const TokenizedText>("say \"hi\"\n"));
  EXPECT_EQ(text.length(), 6U);
  EXPECT_EQ(say(text, 12), "say \"hi\"\nsay \"hi\"\n");
  std::string json;
  text.append_json(1, json);
  EXPECT_EQ(json, "\" \"");
  json.clear();
  text.append_json(4, json);
  EXPECT_EQ(json, R"("\"")");
}

TEST(PlanAnswer, EndsAtTheFirstLimit) {
  const AnswerText text(1);
  const auto ends = [&](const StopRules& rules) {
    const PlannedAnswer answer = plan_answer(text, rules);
    return std::pair(answer.plan.tokens, answer.plan.reason);
  };
  EXPECT_EQ(ends({.max_tokens = 8, .natural_length = 20}), std::pair(8U, FinishReason::Length));
  EXPECT_EQ(ends({.max_tokens = 8, .natural_length = 5}), std::pair(5U, FinishReason::Stop));
  EXPECT_EQ(ends({.max_tokens = 8, .natural_length = 5, .ignore_eos = true}),
            std::pair(8U, FinishReason::Length));
}

TEST(PlanAnswer, AStopTextEndsItAndIsCutOff) {
  const AnswerText text(std::make_shared<const TokenizedText>("one two three four"));
  PlannedAnswer answer =
      plan_answer(text, {.max_tokens = 10, .stop = {"five", "o th"}, .include_stop = false});
  EXPECT_EQ(answer.plan.tokens, 3U);
  EXPECT_EQ(answer.plan.reason, FinishReason::Stop);
  EXPECT_EQ(answer.stop_text, "o th");
  EXPECT_EQ(say(answer.text, 3), "one tw");
  answer = plan_answer(text, {.max_tokens = 10, .stop = {"o th"}, .include_stop = true});
  EXPECT_EQ(say(answer.text, 3), "one two th");
}

TEST(PlanAnswer, AStopTextBehindTheLimitDoesNotCount) {
  const AnswerText text(std::make_shared<const TokenizedText>("one two three four"));
  const PlannedAnswer answer = plan_answer(text, {.max_tokens = 2, .stop = {"three"}});
  EXPECT_EQ(answer.plan.tokens, 2U);
  EXPECT_EQ(answer.plan.reason, FinishReason::Length);
  EXPECT_EQ(answer.stop_text, std::nullopt);
}

}  // namespace
}  // namespace kthena::sim
