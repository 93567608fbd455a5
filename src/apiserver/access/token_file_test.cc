#include "apiserver/access/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TokenFile, HasATokenALine) {
  const auto tokens =
      parse_token_file("abc,ann,1,\"dev,ops\"\n\n def,bob,2 \r\nghi,\"o\"\"x\",3,dev\n");
  ASSERT_TRUE(tokens.has_value()) << tokens.error().message();
  ASSERT_EQ(tokens->size(), 3U);
  EXPECT_EQ((*tokens)[0].token, "abc");
  EXPECT_EQ((*tokens)[0].user.name, "ann");
  EXPECT_EQ((*tokens)[0].user.uid, "1");
  EXPECT_THAT((*tokens)[0].user.groups, ElementsAre("dev", "ops"));
  EXPECT_EQ((*tokens)[1].token, "def");
  EXPECT_TRUE((*tokens)[1].user.groups.empty());
  EXPECT_EQ((*tokens)[2].user.name, "o\"x");
  EXPECT_THAT((*tokens)[2].user.groups, ElementsAre("dev"));
}

TEST(TokenFile, SaysWhichLineIsWrongAndNotItsToken) {
  for (const char* text : {"abc,ann,1\nsecret,bob", "abc,ann,1\n,bob,2", "abc,ann,1\nsecret,,2"}) {
    const auto tokens = parse_token_file(text);
    ASSERT_FALSE(tokens.has_value()) << text;
    EXPECT_THAT(tokens.error().message(), HasSubstr("line 2"));
    EXPECT_THAT(tokens.error().message(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace kthena::apiserver
