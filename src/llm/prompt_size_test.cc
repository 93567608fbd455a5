#include "llm/prompt_size.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "json/on_demand.h"
#include "json/tokens.h"

namespace kthena::llm {
namespace {

enum FieldIndex : std::size_t { kPrompt, kMessages, kSystem, kInput, kInstructions, kFieldCount };
constexpr std::array<std::string_view, kFieldCount> kNames = {"prompt", "messages", "system",
                                                              "input", "instructions"};

class Visitor final : public json::FieldVisitor {
 public:
  bool visit(std::size_t field, json::TokenWalker& walker) override {
    switch (field) {
      case kPrompt:
        return meter.take_prompt(walker);
      case kMessages:
        return meter.take_messages(walker);
      case kSystem:
        return meter.take_system(walker);
      case kInput:
        return meter.take_input(walker);
      default:
        return meter.take_instructions(walker);
    }
  }
  PromptMeter meter;
};

/// Of a request with these members.
PromptMeter measure(std::string_view members) {
  std::array<json::RawField, kFieldCount> fields;
  Visitor visitor;
  const std::string body = "{" + std::string(members) + "}";
  EXPECT_TRUE(json::scan_object(body, kNames, fields, &visitor)) << body;
  return visitor.meter;
}

std::uint64_t characters_of(std::string_view members) { return measure(members).characters(); }

TEST(PromptMeter, TakesATextPromptAsItIs) {
  EXPECT_EQ(characters_of(R"("prompt":"hello")"), 5U);
  EXPECT_EQ(characters_of(R"("prompt":"a\n\u00e4")"), 3U);
  EXPECT_EQ(characters_of(R"("prompt":["ab", "c,]"])"), 5U);
  EXPECT_EQ(characters_of(R"("prompt":[1, 2, 3])"), 0U);
  EXPECT_EQ(characters_of(R"("prompt":[[1, 2], [3]])"), 0U);
  EXPECT_EQ(characters_of(R"("prompt":null)"), 0U);
}

TEST(PromptMeter, CountsMessagesAsTheFlattenedPrompt) {
  // <|im_start|>user\nhi<|im_end|>\n
  EXPECT_EQ(characters_of(R"("messages":[{"role":"user","content":"hi"}])"), 24U + 4 + 2);
  EXPECT_EQ(
      characters_of(
          R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}])"),
      24U + 4 + 2 + 24 + 9 + 5);
}

TEST(PromptMeter, JoinsTextPartsAndSkipsTheRest) {
  EXPECT_EQ(characters_of(R"("messages":[{"role":"user","content":[
      {"type":"text","text":"ab"}, {"type":"image_url","image_url":{"url":"data:[]{},\"x"}}, {"type":"text","text":"c"}]}])"),
            24U + 4 + 4);
  EXPECT_EQ(characters_of(
                R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}])"),
            0U);
  EXPECT_EQ(
      characters_of(R"("messages":[1,"x",{"role":5,"content":"a"},{"content":"a"},[{}],null])"),
      0U);
  EXPECT_EQ(characters_of(R"("messages":{"role":"user","content":"a"})"), 0U);
}

TEST(PromptMeter, PutsSystemAndInstructionsInFrontWhereverTheyStand) {
  constexpr std::size_t kSize = 24U + 6 + 7 + 24 + 4 + 2;
  EXPECT_EQ(characters_of(R"("messages":[{"role":"user","content":"hi"}],"system":"be kind")"),
            kSize);
  EXPECT_EQ(characters_of(R"("system":"be kind","messages":[{"role":"user","content":"hi"}])"),
            kSize);
  EXPECT_EQ(characters_of(R"("input":"hi","instructions":"be kind")"), 24U + 9 + 7 + 24 + 4 + 2);
  EXPECT_EQ(characters_of(R"("input":[{"role":"user","content":"hi"}],"instructions":"")"),
            24U + 4 + 2);
}

TEST(PromptMeter, TakesTheLastOfRepeatedFields) {
  EXPECT_EQ(characters_of(R"("prompt":"abc","prompt":"a")"), 1U);
}

TEST(PromptMeter, ReportsWhatIsWrongInsideAPrompt) {
  std::array<json::RawField, kFieldCount> fields;
  for (const std::string_view body :
       {R"({"messages":[{"role":"user","content":"hi"])", R"({"messages":[{"role":"user",}]})",
        R"({"prompt":["a" "b"]})", R"({"system":[{"text":"a"},]})", R"({"input":tru})"}) {
    Visitor visitor;
    EXPECT_FALSE(json::scan_object(body, kNames, fields, &visitor)) << body;
  }
}

TEST(PromptMeter, RoundsTokensUp) {
  EXPECT_EQ(PromptMeter().tokens(), 0U);
  EXPECT_EQ(measure(R"("prompt":"a")").tokens(), 1U);
  EXPECT_EQ(measure(R"("prompt":"abcde")").tokens(), 2U);
}

}  // namespace
}  // namespace kthena::llm
