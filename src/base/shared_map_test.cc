#include "base/shared_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace kthena {
namespace {

using Model = std::map<std::string, int>;

Model contents(const SharedMap<int>& map) {
  Model model;
  std::string last;
  for (const auto& [key, value] : map) {
    EXPECT_TRUE(model.empty() || last < key);  // sorted, nothing twice
    model[key] = value;
    last = key;
  }
  EXPECT_EQ(model.size(), map.size());
  return model;
}

TEST(SharedMap, AnEmptyOneHasNothing) {
  const SharedMap<int> map;
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.find("a"), nullptr);
  EXPECT_EQ(map.begin(), map.end());
}

TEST(SharedMap, HasWhatWasSet) {
  SharedMapBuilder<int> builder;
  builder.set("b", 2);
  builder.set("a", 1);
  builder.set("b", 3);
  const SharedMap<int> map = builder.version();
  EXPECT_EQ(contents(map), (Model{{"a", 1}, {"b", 3}}));
  EXPECT_EQ(*map.find("b"), 3);
  EXPECT_FALSE(map.contains("c"));
}

TEST(SharedMap, AVersionStaysAsItIs) {
  SharedMapBuilder<int> builder;
  builder.set("a", 1);
  const SharedMap<int> before = builder.version();
  builder.set("a", 2);
  builder.set("b", 2);
  EXPECT_TRUE(builder.erase("a"));
  EXPECT_FALSE(builder.erase("a"));
  EXPECT_EQ(contents(before), (Model{{"a", 1}}));
  EXPECT_EQ(contents(builder.version()), (Model{{"b", 2}}));
}

TEST(SharedMap, VersionsShareWhatIsTheSame) {
  SharedMapBuilder<int> builder;
  for (int i = 0; i < 10'000; ++i) {
    builder.set("key" + std::to_string(i), i);
  }
  const SharedMap<int> before = builder.version();
  builder.set("key5000", -1);
  const SharedMap<int> after = builder.version();
  std::size_t copied = 0;
  for (const auto& [key, value] : before) {
    copied += after.find(key) != &value ? 1 : 0;
  }
  EXPECT_GE(copied, 1U);
  EXPECT_LE(copied, 64U);
}

TEST(SharedMap, WithoutAnEditTheVersionIsTheSame) {
  SharedMapBuilder<int> builder;
  builder.set("a", 1);
  const SharedMap<int> first = builder.version();
  EXPECT_EQ(builder.version().find("a"), first.find("a"));
}

TEST(SharedMap, IsAMapWhateverIsDoneInWhateverOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    SharedMapBuilder<int> builder;
    Model model;
    std::vector<std::pair<SharedMap<int>, Model>> versions;
    for (int i = 0; i < 3000; ++i) {
      const std::string key = std::to_string(random.uniform(400));
      if (random.chance(0.4)) {
        ASSERT_EQ(builder.erase(key), model.erase(key) == 1) << "seed " << seed;
      } else {
        builder.set(key, i);
        model[key] = i;
      }
      ASSERT_EQ(builder.size(), model.size());
      if (random.chance(0.01)) {
        versions.emplace_back(builder.version(), model);
      }
    }
    for (const auto& [map, expected] : versions) {
      ASSERT_EQ(contents(map), expected) << "seed " << seed;
      for (const auto& [key, value] : expected) {
        ASSERT_EQ(*map.find(key), value);
      }
    }
  }
}

}  // namespace
}  // namespace kthena
