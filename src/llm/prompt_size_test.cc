#include "llm/prompt_size.h"

#include <gtest/gtest.h>

#include <string>

#include "llm/json_string_scan.h"

namespace kthena::llm {
namespace {

TEST(CountCharacters, CountsWhatTheTextMeansNotHowItIsWritten) {
  EXPECT_EQ(count_characters(R"("")"), 0U);
  EXPECT_EQ(count_characters(R"("abc")"), 3U);
  EXPECT_EQ(count_characters("\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\""), 3U);
  EXPECT_EQ(count_characters(R"("a\nb\"c\\")"), 6U);
  EXPECT_EQ(count_characters(R"("\u0041\u00e4")"), 2U);
  EXPECT_EQ(count_characters(R"("\ud83d\ude00!")"), 2U);
  EXPECT_EQ(count_characters("12"), 0U);
  EXPECT_EQ(count_characters("null"), 0U);
}

TEST(ScanString, VectorAndScalarAgreeWhereverThingsStand) {
  for (const std::string_view piece :
       {"\\n", "\\\\", "\\\"", "\\u00e4", "\\ud83d\\ude00", "\xC3\xA4", "\xF0\x9F\x98\x80", ""}) {
    for (std::size_t before = 0; before < 70; ++before) {
      const std::string text = '"' + std::string(before, 'a') + std::string(piece) +
                               std::string(40, 'b') + std::string(piece) + "\",\"tail\"";
      const StringScan fast = scan_string(text, 0);
      const StringScan slow = scan_string_scalar(text, 0);
      EXPECT_EQ(fast.end, text.size() - 7) << text;
      EXPECT_EQ(fast.end, slow.end) << text;
      EXPECT_EQ(fast.characters, slow.characters) << text;
      EXPECT_EQ(fast.characters, before + 40 + (piece.empty() ? 0U : 2U)) << text;
    }
  }
}

TEST(CountPromptCharacters, TakesATextPromptAsItIs) {
  EXPECT_EQ(count_prompt_characters({.prompt = R"("hello")"}), 5U);
  EXPECT_EQ(count_prompt_characters({.prompt = R"(["ab", "c,]"])"}), 5U);
  EXPECT_EQ(count_prompt_characters({.prompt = "[1, 2, 3]"}), 0U);
}

TEST(CountPromptCharacters, CountsMessagesAsTheFlattenedPrompt) {
  // <|im_start|>user\nhi<|im_end|>\n
  EXPECT_EQ(count_prompt_characters({.messages = R"([{"role":"user","content":"hi"}])"}),
            24U + 4 + 2);
  EXPECT_EQ(count_prompt_characters(
                {.messages =
                     R"([{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}])"}),
            24U + 4 + 2 + 24 + 9 + 5);
}

TEST(CountPromptCharacters, JoinsTextPartsAndSkipsTheRest) {
  EXPECT_EQ(count_prompt_characters({.messages = R"([{"role":"user","content":[
      {"type":"text","text":"ab"}, {"type":"image_url","image_url":{"url":"data:[]{},\"x"}}, {"type":"text","text":"c"}]}])"}),
            24U + 4 + 4);
  EXPECT_EQ(
      count_prompt_characters(
          {.messages = R"([{"role":"user","content":[{"type":"image_url","image_url":{}}]}])"}),
      0U);
  EXPECT_EQ(
      count_prompt_characters({.messages = R"([1,"x",{"role":5,"content":"a"},{"content":"a"}])"}),
      0U);
}

TEST(CountPromptCharacters, PutsSystemAndInstructionsInFront) {
  EXPECT_EQ(count_prompt_characters(
                {.messages = R"([{"role":"user","content":"hi"}])", .system = R"("be kind")"}),
            24U + 6 + 7 + 24 + 4 + 2);
  EXPECT_EQ(count_prompt_characters({.input = R"("hi")", .instructions = R"("be kind")"}),
            24U + 9 + 7 + 24 + 4 + 2);
}

TEST(EstimateTokens, RoundsUp) {
  EXPECT_EQ(estimate_tokens({}), 0U);
  EXPECT_EQ(estimate_tokens({.prompt = R"("a")"}), 1U);
  EXPECT_EQ(estimate_tokens({.prompt = R"("abcde")"}), 2U);
}

}  // namespace
}  // namespace kthena::llm
