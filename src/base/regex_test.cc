#include "base/regex.h"

#include <gtest/gtest.h>

namespace kthena {
namespace {

TEST(Regex, IsFoundAnywhereUnlessAnchored) {
  const Regex anywhere = Regex::create("b+").value();
  EXPECT_TRUE(anywhere.found_in("abbc"));
  EXPECT_FALSE(anywhere.found_in("ac"));
  const Regex anchored = Regex::create("^b+$").value();
  EXPECT_FALSE(anchored.found_in("abbc"));
  EXPECT_TRUE(anchored.found_in("bb"));
}

TEST(Regex, SaysWhatIsWrongInTheWordsOfGo) {
  const auto message = [](std::string_view expression) {
    return Regex::create(expression).error().message();
  };
  EXPECT_EQ(message("("), "error parsing regexp: missing closing ): `(`");
  EXPECT_EQ(message("[a"), "error parsing regexp: missing closing ]: `[a`");
  EXPECT_EQ(message("*a"), "error parsing regexp: missing argument to repetition operator: `*`");
  EXPECT_EQ(message("a**"), "error parsing regexp: invalid nested repetition operator: `**`");
  EXPECT_EQ(message("(?=a)"), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
  EXPECT_EQ(message("\\8"), "error parsing regexp: invalid escape sequence: `\\8`");
  EXPECT_EQ(message("a{1001}"), "error parsing regexp: invalid repeat count: `{1001}`");
}

TEST(Regex, RefusesExpressionsThatNeedTooMuchMemory) {
  EXPECT_EQ(Regex::create("((((a{100}){100}){100}){100}){100}").error().code(),
            ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace kthena
