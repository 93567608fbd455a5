#include "json/print.h"

#include <gtest/gtest.h>

#include "json/number.h"
#include "json/parse.h"

namespace kthena::json {
namespace {

Value read(std::string_view text) { return parse(text).value(); }

TEST(Print, PrettyHasOneEntryALine) {
  EXPECT_EQ(print_pretty(read(R"({"a":[1,{"b":{}}],"c":[]})")),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": {}\n    }\n  ],\n  \"c\": []\n}");
  EXPECT_EQ(print_pretty(read("[]")), "[]");
}

TEST(Print, CanonicalIsTheSameForEqualValues) {
  EXPECT_EQ(print_canonical(read(R"({"b":1.0,"a":{"d":1e2,"c":[0.50,-0]}})")),
            R"({"a":{"c":[0.5,0],"d":100},"b":1})");
}

TEST(CanonicalNumber, HasOneSpellingForEachNumber) {
  struct Row {
    const char* literal;
    const char* canonical;
  };
  for (const auto& [literal, canonical] : {
           Row{"-0.0", "0"},
           Row{"100", "100"},
           Row{"1e2", "100"},
           Row{"-12.50", "-12.5"},
           Row{"0.00001", "0.00001"},
           Row{"1e-5", "0.00001"},
           Row{"1e-7", "1e-7"},
           Row{"123e-9", "1.23e-7"},
           Row{"1e20", "100000000000000000000"},
           Row{"1e21", "1e+21"},
           Row{"12345678901234567890123", "1.2345678901234567890123e+22"},
           Row{"0.1e1", "1"},
           Row{"1e-99999999999999999999", "1e-1000000000000"},
       }) {
    EXPECT_EQ(canonical_number(literal), canonical) << literal;
  }
}

TEST(Quote, EscapesWhatMustBeAndNothingElse) {
  EXPECT_EQ(quote("a\"b\\c/d\n\r\t\b\f\x01\x1f\x7f é 😀 <>&"),
            "\"a\\\"b\\\\c/d\\n\\r\\t\\b\\f\\u0001\\u001f\x7f é 😀 <>&\"");
  EXPECT_EQ(quote(std::string_view("\0", 1)), "\"\\u0000\"");
}

TEST(Quote, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(quote("a\xff\xc3z\xe2\x82"), "\"a\uFFFD\uFFFDz\uFFFD\uFFFD\"");
}

}  // namespace
}  // namespace kthena::json
