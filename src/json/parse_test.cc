#include "json/parse.h"

#include <gtest/gtest.h>

#include "json/print.h"

namespace kthena::json {
namespace {

std::string error_of(std::string_view text, const ParseOptions& options = {}) {
  const auto result = parse(text, options);
  return result ? "no error: " + print(*result) : result.error().message();
}

TEST(Parse, ReadsEveryKindOfValue) {
  const auto value =
      parse(" {\"a\" : [ null , true,false,\t-1.5e3 ,\"x\" ], \"b\":{} , \"c\":[]}\r\n ");
  ASSERT_TRUE(value) << value.error().message();
  EXPECT_EQ(print(*value), R"({"a":[null,true,false,-1.5e3,"x"],"b":{},"c":[]})");
}

TEST(Parse, ReadsEscapes) {
  const auto value = parse(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\u0000")");
  ASSERT_TRUE(value) << value.error().message();
  EXPECT_EQ(value->as_string(), std::string("\"\\/\b\f\n\r\tAé€😀") + '\0');
}

struct BadText {
  std::string_view text;
  std::string_view message;
};

class ParseRefuses : public testing::TestWithParam<BadText> {};

TEST_P(ParseRefuses, SayingWhereAndWhy) {
  EXPECT_EQ(error_of(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseRefuses,
    testing::Values(
        BadText{"", "line 1:1: unexpected EOF, expected a value"},
        BadText{" \n ", "line 2:2: unexpected EOF, expected a value"},
        BadText{"{\"a\":\n  [1,\n   x]}", "line 3:4: expected a value, found \"x\""},
        BadText{"{\"é\" 1}", "line 1:6: expected ':', found \"1\""},
        BadText{"{\"a\":1 \"b\":2}", "line 1:8: expected ',' or '}', found \"\\\"\""},
        BadText{"[1 2]", "line 1:4: expected ',' or ']', found \"2\""},
        BadText{"[1,]", "line 1:4: expected a value, found \"]\""},
        BadText{"{\"a\":1,}", "line 1:8: expected a name in quotes, found \"}\""},
        BadText{"{a:1}", "line 1:2: expected a name in quotes, found \"a\""},
        BadText{"{\"a\":", "line 1:6: unexpected EOF, expected a value"},
        BadText{"{\"a\"", "line 1:5: unexpected EOF, expected ':'"},
        BadText{"[1", "line 1:3: unexpected EOF, expected ',' or ']'"},
        BadText{"\"abc", "line 1:5: unexpected EOF in a string"},
        BadText{"\"abc\\\"", "line 1:7: unexpected EOF in a string"},
        BadText{"tru", "line 1:1: unexpected EOF in true"},
        BadText{"trux", "line 1:1: expected true"},
        BadText{"True", "line 1:1: expected a value, found \"T\""},
        BadText{"-", "line 1:2: unexpected EOF, expected a value"},
        BadText{"01", "line 1:2: expected the end of the text, found \"1\""},
        BadText{"1.", "line 1:2: expected the end of the text, found \".\""},
        BadText{".5", "line 1:1: expected a value, found \".\""},
        BadText{"+1", "line 1:1: expected a value, found \"+\""},
        BadText{"NaN", "line 1:1: expected a value, found \"N\""},
        BadText{"1e999", "line 1:1: the number is too large"},
        BadText{"{} {}", "line 1:4: expected the end of the text, found \"{\""},
        BadText{"[1] // x", "line 1:5: expected the end of the text, found \"/\""},
        BadText{"\"a\nb\"", "line 1:3: a control character in a string must be escaped"},
        BadText{"\"\\x\"", "line 1:2: unknown escape in a string"},
        BadText{"\"\\u12g4\"", "line 1:2: the \\u escape is no character"},
        BadText{"\"\\ud800\"", "line 1:2: the \\u escape is no character"},
        BadText{"\"\\ud800\\u0041\"", "line 1:2: the \\u escape is no character"},
        BadText{"\"\\udc00\"", "line 1:2: the \\u escape is no character"},
        BadText{"[\n\"\xff\"]", "line 2:2: invalid UTF-8"},
        BadText{"\"\xc0\x80\"", "line 1:2: invalid UTF-8"},
        BadText{"\"\xed\xa0\x80\"", "line 1:2: invalid UTF-8"},
        BadText{"\"\xf4\x90\x80\x80\"", "line 1:2: invalid UTF-8"},
        BadText{"\"\xe2\x82\"", "line 1:2: invalid UTF-8"},
        BadText{"\xef\xbb\xbf{}", "line 1:1: expected a value, found \"\xef\xbb\xbf\""},
        BadText{"{\"a\":1,\n \"b\":2,\n \"a\":3}", "line 3:2: the name \"a\" is repeated"},
        BadText{"{\"a\":1,\"\\u0061\":3}", "line 1:8: the name \"a\" is repeated"}));

TEST(Parse, LetsTheLastOfRepeatedNamesWinWhenAsked) {
  const auto value =
      parse(R"({"a":1,"b":2,"a":3,"c":4,"a":5})", {.duplicate_keys = DuplicateKeys::LastWins});
  ASSERT_TRUE(value);
  EXPECT_EQ(print(*value), R"({"a":5,"b":2,"c":4})");
}

TEST(Parse, BoundsDepth) {
  EXPECT_EQ(error_of("[[[]]]", {.max_depth = 2}), "line 1:3: nested deeper than 2 levels");
  EXPECT_TRUE(parse("[[]]", {.max_depth = 2}));
  EXPECT_EQ(error_of(std::string(1'000'000, '[')), "line 1:513: nested deeper than 512 levels");
  EXPECT_EQ(error_of(std::string(512, '[')), "line 1:513: unexpected EOF, expected a value");
}

TEST(Parse, BoundsSize) {
  const auto result = parse("[1,2,3]", {.max_bytes = 6});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::TooLarge);
  EXPECT_EQ(result.error().message(), "7 bytes of JSON, at most 6 are read");
}

TEST(Parse, ReadsManyNamesQuickly) {  // not by comparing each with each
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) {
    text += "\"" + std::to_string(i) + "\":0,";
  }
  text.back() = '}';
  const auto value = parse(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_object().size(), 100'000U);
}

TEST(ParseLocated, KnowsTheLineOfEveryPart) {
  const auto located = parse_located(R"({
  "spec": {
    "rules": [
      {"name": "a"},
      {"name":
        "b"}
    ], "last": 1
  }
})");
  ASSERT_TRUE(located);
  const auto line = [&](std::string_view path) {
    return located->sources.line(located->value, path);
  };
  EXPECT_EQ(line(""), 1U);
  EXPECT_EQ(line("spec"), 2U);
  EXPECT_EQ(line("spec.rules"), 3U);
  EXPECT_EQ(line("spec.rules[0]"), 4U);
  EXPECT_EQ(line("spec.rules[1]"), 5U);
  EXPECT_EQ(line("spec.rules[1].name"), 5U) << "where the name stands";
  EXPECT_EQ(line("spec.last"), 7U);
  EXPECT_EQ(line("spec.rules[1].missing.deeper"), 5U) << "the innermost part that is there";
  EXPECT_EQ(line("spec.rules[7]"), 3U);
}

}  // namespace
}  // namespace kthena::json
