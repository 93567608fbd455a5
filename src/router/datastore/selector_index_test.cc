#include "router/datastore/selector_index.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>

#include "base/random.h"

namespace kthena::router {
namespace {

struct Selecting {
  std::string namespace_name;
  kube::Labels wanted;
};

kube::Labels draw_labels(Random& random) {
  kube::Labels labels;
  for (const char* name : {"app", "tier", "zone"}) {
    if (random.uniform(3) != 0) {
      labels[name] = std::to_string(random.uniform(3));
    }
  }
  return labels;
}

TEST(SelectorIndex, FindsWhoWouldBeFoundByAskingAll) {
  Random random(3);
  SelectorIndex<const Selecting> index;
  std::deque<Selecting> all;
  std::set<const Selecting*> there;
  for (int i = 0; i < 2000; ++i) {
    const std::string where = random.uniform(2) == 0 ? "one" : "two";
    if (there.size() > 40 || (random.uniform(3) == 0 && !there.empty())) {
      const Selecting* const last = *there.begin();
      index.remove(last->namespace_name, last->wanted, last);
      there.erase(last);
    } else {
      Selecting& fresh = all.emplace_back(where, draw_labels(random));
      index.add(fresh.namespace_name, fresh.wanted, &fresh);
      there.insert(&fresh);
    }
    const kube::Labels labels = draw_labels(random);
    std::multiset<const Selecting*> expected;
    for (const Selecting* each : there) {
      if (each->namespace_name == where && !each->wanted.empty() &&
          kube::matches_labels(each->wanted, labels)) {
        expected.insert(each);
      }
    }
    const auto found = index.find(where, labels);
    ASSERT_EQ(std::multiset<const Selecting*>(found.begin(), found.end()), expected);
  }
}

TEST(SelectorIndex, LabelsThatLookAlikeWhenJoinedAreKeptApart) {
  SelectorIndex<const int> index;
  const int who = 1;
  const kube::Labels wanted = {{"a", "bc"}};
  index.add("n", wanted, &who);
  EXPECT_TRUE(index.find("n", {{"ab", "c"}}).empty());
  EXPECT_TRUE(index.find("na", {{"", "bc"}}).empty());
  EXPECT_EQ(index.find("n", wanted).size(), 1U);
}

}  // namespace
}  // namespace kthena::router
