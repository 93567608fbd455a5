#include "kube/cache/store.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

std::shared_ptr<const Pod> pod(std::string name, std::string node = "") {
  auto made = std::make_shared<Pod>();
  made->metadata.namespace_name = "default";
  made->metadata.name = std::move(name);
  made->spec.node_name = std::move(node);
  return made;
}
ObjectKey key(std::string name) { return {.namespace_name = "default", .name = std::move(name)}; }

IndexSpec<Pod> by_node() {
  return {.name = "node", .values = [](const Pod& pod) {
            return pod.spec.node_name.empty() ? std::vector<std::string>()
                                              : std::vector{pod.spec.node_name};
          }};
}

std::string names(const std::vector<Store<Pod>::Pointer>& pods) {
  std::string text;
  for (const auto& pod : pods) {
    text += pod->metadata.name;
  }
  return text;
}

TEST(Store, FindsWhatWasPut) {
  Store<Pod> store;
  const auto a = pod("a");
  EXPECT_EQ(store.put(a), nullptr);
  EXPECT_EQ(store.find(key("a")), a);
  EXPECT_EQ(store.find(key("b")), nullptr);
  EXPECT_EQ(store.size(), 1U);
}

TEST(Store, GivesBackWhatItReplaces) {
  Store<Pod> store;
  const auto before = pod("a");
  const auto now = pod("a");
  store.put(before);
  EXPECT_EQ(store.put(now), before);
  EXPECT_EQ(store.find(key("a")), now);
  EXPECT_EQ(store.erase(key("a")), now);
  EXPECT_EQ(store.erase(key("a")), nullptr);
}

TEST(Store, CountsChanges) {
  Store<Pod> store;
  store.put(pod("a"));
  store.erase(key("absent"));
  EXPECT_EQ(store.version(), 1U);
  store.erase(key("a"));
  EXPECT_EQ(store.version(), 2U);
}

TEST(Store, VisitsInTheOrderOfKeys) {
  Store<Pod> store;
  for (const char* name : {"b", "c", "a"}) {
    store.put(pod(name));
  }
  EXPECT_EQ(names({store.begin(), store.end()}), "abc");
}

TEST(Store, FindsByIndexWhateverWasReplacedOrErased) {
  Store<Pod> store({by_node()});
  store.put(pod("b", "n1"));
  store.put(pod("a", "n1"));
  store.put(pod("c", "n2"));
  store.put(pod("unscheduled"));
  EXPECT_EQ(names(store.find_by("node", "n1")), "ab");
  store.put(pod("a", "n2"));
  store.erase(key("b"));
  EXPECT_EQ(names(store.find_by("node", "n1")), "");
  EXPECT_EQ(names(store.find_by("node", "n2")), "ac");
}

TEST(Store, WhoReadsAnObjectKeepsIt) {
  Store<Pod> store;
  store.put(pod("a", "n1"));
  const auto read = store.find(key("a"));
  store.put(pod("a", "n2"));
  EXPECT_EQ(read->spec.node_name, "n1");
}

}  // namespace
}  // namespace kthena::kube
