#include "kube/meta/selector_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kthena::kube {
namespace {

using testing::HasSubstr;

std::string reprinted(std::string_view text) {
  const auto selector = parse_label_selector(text);
  return selector ? to_text(*selector) : selector.error().to_string();
}

TEST(SelectorText, ReadsAllThatKubectlReads) {
  EXPECT_EQ(reprinted(""), "");
  EXPECT_EQ(reprinted("  "), "");
  EXPECT_EQ(reprinted("app=web"), "app=web");
  EXPECT_EQ(reprinted(" b == c , a=b "), "a=b,b=c");
  EXPECT_EQ(reprinted("a!=b"), "a notin (b)");
  EXPECT_EQ(reprinted("a in (b, c),x.io/d notin (e),!f,g"), "a in (b,c),x.io/d notin (e),!f,g");
  EXPECT_EQ(reprinted("a="), "a=");
  EXPECT_EQ(reprinted("a in (,b)"), "a in (,b)");
  EXPECT_EQ(reprinted("a!="), "a notin (,)");
  EXPECT_EQ(reprinted("a notin (,)"), "a notin (,)");
  EXPECT_EQ(reprinted("a=b,a=c"), "a=b,a in (c)");
  EXPECT_EQ(reprinted("! f"), "!f");
  EXPECT_EQ(reprinted("in in(in)"), "in in (in)");
  EXPECT_EQ(reprinted("a > 1,b<22 , c"), "a>1,b<22,c");
}

TEST(SelectorText, ComparesIntegers) {
  const auto matches = [](std::string_view text, const Labels& labels) {
    return parse_label_selector(text)->matches(labels);
  };
  EXPECT_TRUE(matches("a>1", {{"a", "2"}}));
  EXPECT_FALSE(matches("a>1", {{"a", "1"}}));
  EXPECT_TRUE(matches("a<10", {{"a", "9"}}));  // not as texts
  EXPECT_FALSE(matches("a<10", {{"a", "10"}}));
  EXPECT_TRUE(matches("a<007", {{"a", "-6"}}));
  EXPECT_TRUE(matches("a>1,a<3", {{"a", "2"}}));
  EXPECT_FALSE(matches("a>1", {{"b", "2"}}));
  EXPECT_FALSE(matches("a>1", {{"a", "2x"}}));
  EXPECT_FALSE(matches("a>1", {{"a", "9223372036854775808"}}));
}

TEST(SelectorText, AnObjectMayNotCompare) {
  const LabelSelector selector = *parse_label_selector("a>1");
  EXPECT_TRUE(selector.check(SelectorForm::Text));
  EXPECT_EQ(selector.check().error().message(), "\">\" is not a valid label selector operator");
}

TEST(SelectorText, MatchesWhatItSays) {
  const Labels labels = {{"app", "web"}, {"tier", "front"}};
  const auto matches = [&](std::string_view text) {
    return parse_label_selector(text)->matches(labels);
  };
  EXPECT_TRUE(matches(""));
  EXPECT_TRUE(matches("app=web,tier in (back,front),!zone,app,app!=db,zone notin (a)"));
  EXPECT_FALSE(matches("app=web,app=db"));
  EXPECT_FALSE(matches("app=web,zone"));
  EXPECT_FALSE(matches("!app"));
  EXPECT_FALSE(matches("tier notin (front)"));
}

TEST(SelectorText, SaysWhereItCannotBeRead) {
  EXPECT_EQ(reprinted("a=b c"),
            "InvalidArgument: label selector \"a=b c\": character 5: expected ',' or the end");
  for (const char* text : {",",
                           "a,",
                           "a,,b",
                           "=b",
                           "!",
                           "!a=b",
                           "a in b",
                           "a in (b",
                           "a in (b c)",
                           "a like (b)",
                           "a in ()",
                           "a b=c",
                           "-a",
                           "a=-",
                           "a in (b,-)",
                           "(a)",
                           "a>",
                           "a>b",
                           "a>-1",
                           "a>=1",
                           "a><1",
                           ">1",
                           "a>1,b>9223372036854775808",
                           "a>1 2",
                           "!a>1"}) {
    EXPECT_THAT(reprinted(text), HasSubstr("InvalidArgument: label selector")) << text;
  }
  EXPECT_EQ(reprinted("a>1.5"),
            "InvalidArgument: label selector: values[0]: Invalid value: \"1.5\": for 'Gt', 'Lt' "
            "operators, the value must be an integer");
}

}  // namespace
}  // namespace kthena::kube
