#include "json/on_demand.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>

#include "json/parse.h"

namespace kthena::json {
namespace {

enum FieldIndex : std::size_t { kModel, kStream, kStreamOptions, kMessages, kFieldCount };
constexpr std::array<std::string_view, kFieldCount> kNames = {"model", "stream", "stream_options",
                                                              "messages"};
using Fields = std::array<RawField, kFieldCount>;

std::string error_of(std::string_view text) {
  Fields fields;
  const auto scan = scan_object(text, kNames, fields);
  return scan ? "no error" : scan.error().message();
}

TEST(ScanObject, FindsTheRangesOfTheNamedFields) {
  const std::string_view body =
      R"( {"messages" : [ {"model":"inner"} ] , "x":1,"stream":true ,"model":"m-1"  } )";
  Fields fields;
  const auto scan = scan_object(body, kNames, fields);
  ASSERT_TRUE(scan) << scan.error().message();
  EXPECT_EQ(body.substr(scan->open, 1), "{");
  EXPECT_EQ(scan->open, 1U);
  EXPECT_EQ(scan->close, body.size() - 2);
  EXPECT_EQ(scan->members, 4U);
  EXPECT_FALSE(scan->is_null);
  EXPECT_EQ(fields[kModel].in(body), "\"m-1\"");
  EXPECT_EQ(fields[kModel].type, Type::String);
  EXPECT_EQ(fields[kStream].in(body), "true");
  EXPECT_EQ(fields[kStream].type, Type::Bool);
  EXPECT_EQ(fields[kMessages].in(body), R"([ {"model":"inner"} ])");
  EXPECT_EQ(fields[kMessages].type, Type::Array);
  EXPECT_EQ(body.substr(fields[kMessages].name_begin, 10), "\"messages\"");
  EXPECT_FALSE(fields[kStreamOptions].present());
  EXPECT_EQ(fields[kMessages].comma_before, RawField::kNone);
  EXPECT_EQ(body[fields[kMessages].comma_after], ',');
  EXPECT_EQ(fields[kStream].ordinal, 2U);
  EXPECT_EQ(body[fields[kModel].comma_before], ',');
  EXPECT_EQ(fields[kModel].comma_after, RawField::kNone);
}

TEST(ScanObject, FindsNothingInAnEmptyObjectAndInNull) {
  Fields fields;
  const auto empty = scan_object("{ }", kNames, fields);
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->members, 0U);
  EXPECT_EQ(empty->close, 2U);
  const auto null = scan_object(" null\n", kNames, fields);
  ASSERT_TRUE(null);
  EXPECT_TRUE(null->is_null);
  EXPECT_FALSE(fields[kModel].present());
}

TEST(ScanObject, ReadsNamesByWhatTheyMean) {
  const std::string_view body = R"({"mod\u0065l":"a"})";
  Fields fields;
  ASSERT_TRUE(scan_object(body, kNames, fields));
  EXPECT_EQ(fields[kModel].in(body), "\"a\"");
}

TEST(ScanObject, ReportsRepeatedNamesHoweverTheyAreWritten) {
  const std::string_view body =
      R"({"model":"a","\u006dodel":"b","stream":true,"x":{"stream":1},"stream_options":null})";
  Fields fields;
  ASSERT_TRUE(scan_object(body, kNames, fields));
  EXPECT_TRUE(fields[kModel].repeated());
  EXPECT_EQ(fields[kModel].in(body), "\"b\"") << "the last one, as readers take it";
  EXPECT_FALSE(fields[kStream].repeated());
  EXPECT_TRUE(fields[kStreamOptions].present());
  EXPECT_EQ(fields[kStreamOptions].type, Type::Null);
}

TEST(ScanObject, ForgetsTheFieldsOfTheTextBefore) {
  Fields fields;
  ASSERT_TRUE(scan_object(R"({"model":"a"})", kNames, fields));
  ASSERT_TRUE(scan_object(R"({"x":"a"})", kNames, fields));
  EXPECT_FALSE(fields[kModel].present());
}

struct BadText {
  std::string_view text;
  std::string_view message;
};

class ScanObjectRefuses : public testing::TestWithParam<BadText> {};

TEST_P(ScanObjectRefuses, SayingWhy) { EXPECT_EQ(error_of(GetParam().text), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    Truncated, ScanObjectRefuses,
    testing::Values(BadText{"", "unexpected EOF, expected a JSON object"},
                    BadText{" \r\n\t", "unexpected EOF, expected a JSON object"},
                    BadText{"{", "unexpected EOF, expected a name in quotes"},
                    BadText{"{\"model\"", "unexpected EOF, expected ':'"},
                    BadText{"{\"model\":", "unexpected EOF, expected a value"},
                    BadText{"{\"model\":\"a", "unexpected EOF in a string"},
                    BadText{"{\"model\":\"\xe2\x82", "unexpected EOF in a string"},
                    BadText{"{\"model\":\"a\"", "unexpected EOF, expected ',' or '}'"},
                    BadText{"{\"model\":\"a\",", "unexpected EOF, expected a name in quotes"},
                    BadText{"{\"a\":[1,", "unexpected EOF, expected a value"},
                    BadText{"{\"a\":[1", "unexpected EOF, expected ',' or ']'"},
                    BadText{"{\"a\":{\"b\":{}", "unexpected EOF, expected ',' or '}'"},
                    BadText{"{\"a\":tru", "unexpected EOF, expected true, false or null"},
                    BadText{"{\"a\":-", "unexpected EOF, expected a value"},
                    BadText{"{\"a\":1.", "unexpected EOF, expected a digit after the point"},
                    BadText{"{\"a\":1e+", "unexpected EOF, expected a digit in the exponent"},
                    BadText{"nul", "unexpected EOF, expected true, false or null"}));

INSTANTIATE_TEST_SUITE_P(SecondValue, ScanObjectRefuses,
                         testing::Values(BadText{"{} {}", "invalid request body"},
                                         BadText{"{}1", "invalid request body"},
                                         BadText{"{}}", "invalid request body"},
                                         BadText{"null{}", "invalid request body"},
                                         BadText{"null {}", "invalid request body"}));

INSTANTIATE_TEST_SUITE_P(NoObject, ScanObjectRefuses,
                         testing::Values(BadText{"[{}]", "expected a JSON object, found an array"},
                                         BadText{"\"x\"", "expected a JSON object, found a string"},
                                         BadText{" 12", "expected a JSON object, found a number"},
                                         BadText{"true", "expected a JSON object, found a bool"},
                                         BadText{"hello", "byte 0: expected a value"},
                                         BadText{"}", "byte 0: expected a value"}));

INSTANTIATE_TEST_SUITE_P(
    Malformed, ScanObjectRefuses,
    testing::Values(BadText{"{\"a\" 1}", "byte 5: expected ':'"},
                    BadText{"{a:1}", "byte 1: expected a name in quotes"},
                    BadText{"{\"a\":1,}", "byte 7: expected a name in quotes"},
                    BadText{"{,}", "byte 1: expected a name in quotes"},
                    BadText{"{\"a\":1 \"b\":2}", "byte 7: expected ',' or '}'"},
                    BadText{"{\"a\":1\"b\":2}", "byte 5: expected a number"},
                    BadText{"{\"a\":1\\\",\"model\":\"x\"}", "byte 5: expected a number"},
                    BadText{"{\"a\":\"x\"\\\",\"model\":\"x\"}", "byte 8: expected ',' or '}'"},
                    BadText{"{\"a\":[1}", "byte 7: expected ',' or ']'"},
                    BadText{"{\"a\":{]}", "byte 6: expected a name in quotes"},
                    BadText{"{\"a\":[1,]}", "byte 8: expected a value"},
                    BadText{"{\"a\":[1 2]}", "byte 8: expected ',' or ']'"},
                    BadText{"{\"a\":{\"b\":1,,}}", "byte 12: expected a name in quotes"},
                    BadText{"{\"a\":truex}", "byte 5: expected true, false or null"},
                    BadText{"{\"a\":NaN}", "byte 5: expected a value"},
                    BadText{"{\"a\":01}", "byte 5: expected a number"},
                    BadText{"{\"a\":1.x}", "byte 5: expected a digit after the point"},
                    BadText{"{\"a\":+1}", "byte 5: expected a value"},
                    BadText{"{\"a\":'x'}", "byte 5: expected a value"},
                    BadText{"{\"a\":\"\n\"}", "a control character in a string must be escaped"},
                    BadText{"{\"a\":\"\xff\"}", "the text is not valid UTF-8"},
                    BadText{"{\"a\":\"\xed\xa0\x80\"}", "the text is not valid UTF-8"},
                    BadText{"{\"mod\\x\":1}", "unknown escape in a string"},
                    BadText{"{\"mod\\ud800\":1}", "the \\u escape is no character"},
                    BadText{"\xef\xbb\xbf{}", "byte 0: expected a value"}));

TEST(ScanObject, BoundsDepth) {
  const auto nested = [](std::size_t levels) {
    return "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(error_of(nested(512)), "no error");
  EXPECT_EQ(error_of(nested(513)), "byte 517: expected no deeper nesting");
  EXPECT_EQ(error_of(std::string(1'000'000, '[')), "expected a JSON object, found an array");
}

TEST(ScanObject, ReadsNoByteBeyondTheText) {
  const std::string_view body = R"({"model":"a","x":[1,2,3],"stream":true,"y":123456789})";
  for (std::size_t length = 0; length <= body.size(); ++length) {
    const auto exact = std::make_unique<char[]>(length);  // for the address sanitizer
    std::memcpy(exact.get(), body.data(), length);
    Fields fields;
    EXPECT_EQ(scan_object({exact.get(), length}, kNames, fields).has_value(),
              length == body.size());
  }
}

TEST(ScanObject, ReadsSmallTextsAfterAGiant) {
  Fields fields;
  const std::string giant = R"({"model":")" + std::string(5UL << 20, 'x') + R"("})";
  ASSERT_TRUE(scan_object(giant, kNames, fields));
  EXPECT_EQ(fields[kModel].end - fields[kModel].begin, (5UL << 20) + 2);
  ASSERT_TRUE(scan_object(R"({"model":"m"})", kNames, fields));
  EXPECT_EQ(fields[kModel].end - fields[kModel].begin, 3U);
}

TEST(FindField, LooksIntoAValueThatWasScanned) {
  const std::string_view options = R"({"a":{"include_usage":1},"include_usage":false})";
  const auto field = find_field(options, "include_usage");
  ASSERT_TRUE(field);
  EXPECT_EQ(field->in(options), "false");
  EXPECT_FALSE(find_field(options, "b"));
  EXPECT_FALSE(find_field("[1]", "b"));
}

TEST(ReadString, GivesAViewWhereNothingIsEscaped) {
  std::string scratch = "before";
  const std::string_view raw = "\"llama\"";
  EXPECT_EQ(read_string(raw, scratch).value().data(), raw.data() + 1);
  EXPECT_EQ(scratch, "before");
  EXPECT_EQ(read_string(R"("a\u0062\n")", scratch).value(), "ab\n");
  EXPECT_EQ(read_string(R"("\ud800")", scratch).error().message(),
            "the \\u escape is no character");
  EXPECT_EQ(read_string("12", scratch).error().message(), "expected a string");
  EXPECT_EQ(read_string("\"", scratch).error().message(), "expected a string");
}

TEST(ReadInt64, WantsAnIntegerThatFits) {
  EXPECT_EQ(read_int64("-12"), -12);
  EXPECT_EQ(read_int64("9223372036854775807"), 9223372036854775807);
  for (const char* raw : {"9223372036854775808", "1.0", "1e3", "\"1\"", "null", ""}) {
    EXPECT_EQ(read_int64(raw), std::nullopt) << raw;
  }
}

}  // namespace
}  // namespace kthena::json
