#include "apiserver/patch/go_text.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace kthena::apiserver {
namespace {

// Each line is what Go prints.
TEST(GoText, PrintsDoublesAsGoDoes) {
  const auto text = [](double number) { return go_text(json::Value(number), GoNumbers::Double); };
  EXPECT_EQ(text(1000000), "1e+06");
  EXPECT_EQ(text(100000), "100000");
  EXPECT_EQ(text(1234567), "1.234567e+06");
  EXPECT_EQ(text(20.5), "20.5");
  EXPECT_EQ(text(0.0001), "0.0001");
  EXPECT_EQ(text(0.00001), "1e-05");
  EXPECT_EQ(text(8080), "8080");
  EXPECT_EQ(text(0), "0");
}

TEST(GoText, KeepsIntegersWhereTheServerDoes) {
  EXPECT_EQ(go_text(json::Value(1000000), GoNumbers::Exact), "1000000");
  EXPECT_EQ(go_text(json::parse("1.5").value(), GoNumbers::Exact), "1.5");
}

TEST(GoText, SortsMaps) {
  EXPECT_EQ(
      go_text(json::parse(R"({"b":1,"a":["x",null,true],"c":{}})").value(), GoNumbers::Double),
      "map[a:[x <nil> true] b:1 c:map[]]");
}

TEST(GoText, QuotesTextsInGoSyntax) {
  EXPECT_EQ(go_syntax(json::Value("a\"\\\n\x01"), GoNumbers::Exact), "\"a\\\"\\\\\\n\\x01\"");
  EXPECT_EQ(go_syntax(json::Value(3), GoNumbers::Exact), "3");
}

}  // namespace
}  // namespace kthena::apiserver
