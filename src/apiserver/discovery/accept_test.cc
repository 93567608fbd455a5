#include "apiserver/discovery/accept.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kthena::apiserver {
namespace {

using testing::ElementsAre;

std::vector<std::string> types(std::string_view header) {
  std::vector<std::string> found;
  for (const MediaRange& range : parse_accept(header)) {
    found.push_back(std::string(range.type) + "/" + std::string(range.subtype));
  }
  return found;
}

TEST(Accept, OrdersRangesByQualityThenByHowExactTheyAre) {
  EXPECT_THAT(types("*/*, text/html;q=0.9, application/json, text/*;q=0.9"),
              ElementsAre("application/json", "*/*", "text/html", "text/*"));
}

TEST(Accept, KeepsTheClientsOrderAmongEquals) {
  EXPECT_THAT(types("a/b,c/d , e/f"), ElementsAre("a/b", "c/d", "e/f"));
}

TEST(Accept, LeavesOutWhatCannotBeRead) {
  EXPECT_THAT(types(", text, /json, application/, a/b"), ElementsAre("a/b"));
  EXPECT_THAT(types("*"), ElementsAre("*/*"));
}

TEST(Accept, HasTheParametersOfEachRange) {
  const auto ranges = parse_accept("application/json;as=Table; g=meta.k8s.io ;v=v1;q=0.5");
  ASSERT_EQ(ranges.size(), 1);
  EXPECT_TRUE(ranges[0].asks_for("Table", "meta.k8s.io", "v1"));
  EXPECT_TRUE(ranges[0].asks_for_conversion());
  EXPECT_EQ(ranges[0].parameter("q"), "");
  EXPECT_EQ(ranges[0].quality, 0.5);
  EXPECT_FALSE(parse_accept("application/json;pretty=1")[0].asks_for_conversion());
}

TEST(Accept, CoversTypesByTheirNamesAndByStars) {
  EXPECT_TRUE(parse_accept("application/*")[0].covers("application", "json"));
  EXPECT_TRUE(parse_accept("*/*")[0].covers("application", "json"));
  EXPECT_FALSE(parse_accept("application/yaml")[0].covers("application", "json"));
}

TEST(Accept, ReadsNoMoreThanSixtyFourRanges) {
  std::string header;
  for (int i = 0; i < 1000; ++i) {
    header += "a/b,";
  }
  EXPECT_EQ(parse_accept(header).size(), 64);
}

}  // namespace
}  // namespace kthena::apiserver
