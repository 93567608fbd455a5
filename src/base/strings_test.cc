#include "base/strings.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"

namespace kthena {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Split, GivesOnePartMoreThanSeparators) {
  EXPECT_EQ(split("a,b,c", ','), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split(",a,", ','), (Parts{"", "a", ""}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

TEST(Split, OnceStopsAtTheFirstSeparator) {
  const auto halves = split_once("key=a=b", '=');
  EXPECT_EQ(halves, std::pair(std::string_view("key"), std::string_view("a=b")));
  EXPECT_FALSE(split_once("key", '='));
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "", "c"}, ", "), "a, , c");
  EXPECT_EQ(join(Parts{}, ","), "");
}

TEST(Trim, TakesBlanksFromBothEndsOnly) {
  EXPECT_EQ(trim(" \t\r\n a b \v\f"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim("\u00a0x"), "\u00a0x");  // not ASCII: no blank
}

TEST(IgnoreCase, ComparesAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignore_case("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(equals_ignore_case("@", "`"));  // 0x40 and 0x60: differ by the case bit alone
  EXPECT_FALSE(equals_ignore_case("a", "ab"));
  EXPECT_FALSE(equals_ignore_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_TRUE(starts_with_ignore_case("Bearer x", "bearer "));
  EXPECT_FALSE(starts_with_ignore_case("B", "bearer "));
  EXPECT_TRUE(ends_with_ignore_case("a.YAML", ".yaml"));
  EXPECT_EQ(to_lower("AbC-9\xc3\x84"), "abc-9\xc3\x84");
}

TEST(ParseInt, ReadsTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int<int>("0"), 0);
  EXPECT_EQ(parse_int<int>("-12"), -12);
  EXPECT_EQ(parse_int<int>("007"), 7);
  EXPECT_EQ(parse_int<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_int<std::uint32_t>("ff", 16), 255U);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "1.0", "--1"}) {
    EXPECT_FALSE(parse_int<int>(text)) << text;
  }
  EXPECT_FALSE(parse_int<unsigned>("-1"));
}

TEST(ParseInt, SaysWhetherItIsTooLargeOrNoNumber) {
  EXPECT_EQ(parse_int<std::uint16_t>("65536").error().message(), "\"65536\" is out of range");
  EXPECT_EQ(parse_int<int>("ten").error().message(), "\"ten\" is not an integer");
  EXPECT_LT(parse_int<int>(std::string(10'000, 'x')).error().message().size(), 100U);
}

TEST(ParseDouble, IsFinite) {
  EXPECT_EQ(parse_double("1"), 1.0);
  EXPECT_EQ(parse_double("-0.5e-1"), -0.05);
  for (const char* text : {"", "nan", "inf", "1e999", "+1", "1 ", "0x1p3"}) {
    EXPECT_FALSE(parse_double(text)) << text;
  }
}

TEST(Percent, DecodesBytes) {
  EXPECT_EQ(percent_decode("a%20b%2Fc%c3%a4+"), "a b/c\xc3\xa4+");
  EXPECT_EQ(percent_decode("a+b%2B", PlusIsBlank::Yes), "a b+");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(Percent, RefusesBrokenEscapesWithTheirOffset) {
  for (const char* text : {"ab%", "ab%1", "ab%zz", "ab%%20"}) {
    const auto decoded = percent_decode(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().message(), "no two hexadecimal digits after % at offset 2");
  }
}

TEST(Percent, EncodingIsReversed) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
  }
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a-b_c.d~e/f g"), "a-b_c.d~e%2Ff%20g");
}

TEST(StringHash, FindsWithoutACopy) {
  std::unordered_map<std::string, int, StringHash, std::equal_to<>> map = {{"a", 1}};
  EXPECT_EQ(map.find(std::string_view("a"))->second, 1);
}

TEST(Utf8, AcceptsTheWellFormed) {
  for (const char* text : {"", "plain ascii, long enough", "\u00e4", "\u20ac", "\U0001f600",
                           "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesTheIllFormed) {
  for (const char* text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "12345678\xff",
        "1234567\xc3(", "\xf0\x9f\x98"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
  }
}

TEST(Utf8, FindsTheFirstByteThatIsNone) {
  EXPECT_EQ(find_invalid_utf8("\u00e4\u20ac\U0001f600 and more"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("12345678\u00e4\xff..."), 10U);
  EXPECT_EQ(find_invalid_utf8("ab\xe2\x82"), 2U) << "where the broken sequence begins";
}

TEST(Utf8, ReplacesEachByteThatIsNone) {
  EXPECT_EQ(make_valid_utf8("\u00e4 stays"), "\u00e4 stays");
  EXPECT_EQ(make_valid_utf8("a\xff"
                            "b\xe2\x82"),
            "a\ufffdb\ufffd\ufffd");
}

TEST(Utf8, AppendsCodePointsOfEveryLength) {
  std::string text;
  for (const char32_t code_point :
       {U'\x7f', U'\x80', U'\x7ff', U'\x800', U'\xffff', U'\x10000', U'\x10ffff'}) {
    append_utf8(text, code_point);
  }
  EXPECT_EQ(text, "\u007f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff");
}

}  // namespace
}  // namespace kthena
