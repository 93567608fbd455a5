#include "base/spelling.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace kthena {
namespace {

constexpr std::array<std::string_view, 5> kKnown{"image", "imagePullPolicy", "name", "env",
                                                 "envFrom"};

TEST(Spelling, CountsAdditionsRemovalsChangesAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("image", "imagee"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "name"), 4U);
  EXPECT_EQ(edit_distance("nmae", "name"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
}

TEST(Spelling, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest_word("imagee", kKnown), "image");
  EXPECT_EQ(nearest_word("nmae", kKnown), "name");
  EXPECT_EQ(nearest_word("imagepullpolicy", kKnown), "imagePullPolicy");
  EXPECT_EQ(nearest_word("ImagePolicy", kKnown), "");
  EXPECT_EQ(nearest_word("emv", kKnown), "env");
}

TEST(Spelling, FindsNothingForWordsThatAreFarFromAll) {
  EXPECT_EQ(nearest_word("replicas", kKnown), "");
  EXPECT_EQ(nearest_word("xyz", kKnown), "");
  EXPECT_EQ(nearest_word("", kKnown), "");
  EXPECT_EQ(nearest_word(std::string(65, 'e'), kKnown), "");
}

}  // namespace
}  // namespace kthena
