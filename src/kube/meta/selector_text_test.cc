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
  for (const char* text : {",", "a,", "a,,b", "=b", "!", "!a=b", "a in b", "a in (b", "a in (b c)",
                           "a like (b)", "a in ()", "a b=c", "-a", "a=-", "a in (b,-)", "(a)"}) {
    EXPECT_THAT(reprinted(text), HasSubstr("InvalidArgument: label selector")) << text;
  }
  EXPECT_THAT(reprinted("a>1"), HasSubstr("Unsupported"));
}

}  // namespace
}  // namespace kthena::kube
