#include "json/value_scanner.h"

#include <gtest/gtest.h>

#include <string>

namespace kthena::json {
namespace {

/// How many bytes of `text` are its first value, fed in pieces of `piece` bytes; 0 if it has no
/// end.
std::size_t end_of(std::string_view text, std::size_t piece) {
  ValueScanner scanner;
  scanner.start(text.front());
  std::size_t end = 0;
  while (!scanner.done() && end < text.size()) {
    end += scanner.feed(text.substr(end, piece));
  }
  return scanner.done() ? end : 0;
}

TEST(ValueScanner, FindsTheSameEndHoweverTheTextIsCut) {
  const std::string filler(200, 'x');
  const std::string values[] = {
      "{}",
      "[]",
      "\"\"",
      R"("a\"b\\")",
      "-1.5e3",
      "true",
      R"({"a":[{},[[]],"}]"],"b":"\"}"})",
      R"({"\\":"\\\\","c":"\\\"}"})",
      R"([")" + filler + R"(\\","]",{"a":")" + filler + R"("}])",
      R"({"k:{\"containerPort\":8000,\"protocol\":\"TCP\"}":{".":{}}, ")" + filler + R"(":[)" +
          std::string(70, '[') + std::string(70, ']') + "]}",
      "[" + std::string(130, '{') + std::string(130, '}') + "]",
  };
  for (const std::string& value : values) {
    for (const std::string_view rest : {",", "}", " ", "\n{}"}) {
      const std::string text = value + std::string(rest);
      for (std::size_t piece = 1; piece <= 130; ++piece) {
        ASSERT_EQ(end_of(text, piece), value.size()) << text << " in pieces of " << piece;
      }
    }
  }
}

TEST(ValueScanner, HasNoEndWithinAValue) {
  for (const char* text : {"{", "[[]", R"({"a":"}")", R"("a\")", R"(["a\\\"])", "12", "tru"}) {
    EXPECT_EQ(end_of(text, 1), 0U) << text;
    EXPECT_EQ(end_of(text, 100), 0U) << text;
  }
}

}  // namespace
}  // namespace kthena::json
