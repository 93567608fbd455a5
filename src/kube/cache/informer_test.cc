#include "kube/cache/informer.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "kube/testing/cluster.h"
#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

json::Value pod(std::string name, std::string node = "") {
  json::Value value;
  json::Value metadata;
  metadata.set("namespace", "default");
  metadata.set("name", std::move(name));
  value.set("metadata", std::move(metadata));
  json::Value spec;
  spec.set("nodeName", std::move(node));
  value.set("spec", std::move(spec));
  return value;
}
ObjectKey key(std::string name) { return {.namespace_name = "default", .name = std::move(name)}; }

class Informers : public ::testing::Test {
 protected:
  ~Informers() override { stop(); }

  void put(std::string name, std::string node = "") {
    cluster_.api.put(Pod::kResource, pod(std::move(name), std::move(node)));
  }
  void remove(std::string name) { cluster_.api.remove(Pod::kResource, key(std::move(name))); }

  void start(InformerOptions<Pod> options = {}) {
    options.reflector.seed = 1;
    informer_ = std::make_unique<Informer<Pod>>(*client_, std::move(options));
    subscription_ = informer_->subscribe(
        {.added = [this](const auto& now) { heard_ += "+" + now->metadata.name; },
         .updated = [this](const auto&, const auto& now) { heard_ += "~" + now->metadata.name; },
         .deleted = [this](const auto& last) { heard_ += "-" + last->metadata.name; }});
    tasks_.spawn(informer_->run());
    run();
  }
  void stop() {
    tasks_.cancel();
    run();
    subscription_.reset();
    informer_.reset();
  }
  void run(Duration time = 100ms) { cluster_.loop.run_for(time); }

  /// What was heard since the last time.
  std::string heard() { return std::exchange(heard_, ""); }
  std::string names() const {
    std::string text;
    for (const auto& object : informer_->store()) {
      text += object->metadata.name;
    }
    return text;
  }

  testing::Cluster cluster_;
  std::unique_ptr<Client> client_ = cluster_.make_client();
  std::unique_ptr<Informer<Pod>> informer_;
  std::unique_ptr<Informer<Pod>::Subscription> subscription_;
  std::string heard_;
  async::TaskScope tasks_{cluster_.loop};
};

TEST_F(Informers, ListAndThenFollow) {
  put("a");
  put("b");
  start();
  EXPECT_TRUE(informer_->synced());
  EXPECT_EQ(heard(), "+a+b");
  put("a", "n1");
  put("c");
  remove("b");
  run();
  EXPECT_EQ(heard(), "~a+c-b");
  EXPECT_EQ(names(), "ac");
  EXPECT_EQ(informer_->store().find(key("a"))->spec.node_name, "n1");
}

TEST_F(Informers, AnEmptyCollectionIsSyncedToo) {
  start();
  EXPECT_TRUE(informer_->synced());
}

TEST_F(Informers, ListInPages) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    put(name);
  }
  start({.reflector = {.page_size = 2}});
  EXPECT_EQ(names(), "abcde");
  EXPECT_EQ(cluster_.api.stats().lists, 3U);
}

TEST_F(Informers, ResumeWhereAWatchBroke) {
  put("a");
  start();
  cluster_.api.cut_watches();
  put("b");
  run(1min);
  EXPECT_EQ(names(), "ab");
  EXPECT_EQ(cluster_.api.stats().lists, 1U);
}

TEST_F(Informers, ListAgainWhenTheirVersionIsGoneAndHearOfTheDifferenceOnly) {
  put("kept");
  put("changed");
  put("removed");
  start();
  heard();
  cluster_.network.refuse(*net::parse_socket_address(testing::Cluster::kAddress), true);
  cluster_.api.cut_watches();
  put("changed", "n1");
  remove("removed");
  put("added");
  cluster_.api.forget_history();
  run(10s);
  EXPECT_EQ(heard(), "");
  cluster_.network.refuse(*net::parse_socket_address(testing::Cluster::kAddress), false);
  run(1min);
  EXPECT_EQ(heard(), "+added~changed-removed");
  EXPECT_EQ(cluster_.api.stats().lists, 2U);
}

TEST_F(Informers, HearOfAnObjectThatWasReplacedByAnotherOfItsName) {
  put("a", "n1");
  start();
  heard();
  cluster_.api.cut_watches();
  remove("a");
  put("a", "n2");
  cluster_.api.forget_history();
  run(1min);
  EXPECT_EQ(heard(), "-a+a");
}

TEST_F(Informers, BookmarksKeepTheVersionYoung) {
  put("a");
  start();
  cluster_.api.put({.api_version = "v1", .kind = "Other", .plural = "others", .singular = "other"},
                   pod("x"));
  run(2min);  // a bookmark comes
  cluster_.api.forget_history();
  cluster_.api.cut_watches();
  run(1min);
  put("b");
  run();
  EXPECT_EQ(names(), "ab");
  EXPECT_EQ(cluster_.api.stats().lists, 1U);
}

TEST_F(Informers, WatchAgainWhenTheServerEndsAWatchInOrder) {
  put("a");
  start({.reflector = {.watch_for = 10s}});
  run(5min);
  put("b");
  run();
  EXPECT_EQ(names(), "ab");
  EXPECT_EQ(cluster_.api.stats().lists, 1U);
  EXPECT_GE(cluster_.api.stats().watches, 15U);
  EXPECT_LE(cluster_.api.stats().watches, 31U);
}

TEST_F(Informers, NoticeAServerThatFellSilent) {
  put("a");
  start({.reflector = {.watch_for = 10s}});
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  cluster_.network.black_hole(address, true);
  run(5min);
  put("b");
  cluster_.network.black_hole(address, false);
  run(1min);
  EXPECT_EQ(names(), "ab");
}

TEST_F(Informers, CanLetTheWatchSendWhatIsThere) {
  put("a");
  put("b");
  start({.reflector = {.initial = InitialList::Stream}});
  EXPECT_TRUE(informer_->synced());
  put("c");
  run();
  EXPECT_EQ(heard(), "+a+b+c");
  EXPECT_EQ(cluster_.api.stats().lists, 0U);
  EXPECT_EQ(cluster_.api.stats().watches, 1U);
}

TEST_F(Informers, AStreamedListAlsoSaysWhatIsGone) {
  put("a");
  put("b");
  start({.reflector = {.initial = InitialList::Stream}});
  heard();
  cluster_.api.cut_watches();
  remove("a");
  cluster_.api.forget_history();
  run(1min);
  EXPECT_EQ(heard(), "-a");
}

TEST_F(Informers, ListInPagesWhereTheServerCannotStream) {
  cluster_.api.streams_lists = false;
  put("a");
  start({.reflector = {.initial = InitialList::Stream}});
  EXPECT_EQ(names(), "a");
  EXPECT_EQ(cluster_.api.stats().lists, 1U);
}

TEST_F(Informers, FollowWhatTheySelectOnly) {
  json::Value labels;
  labels.set("app", "llm");
  json::Value labelled = pod("a");
  labelled.find("metadata")->set("labels", labels);
  cluster_.api.put(Pod::kResource, labelled);
  put("b");
  start({.reflector = {.selection = {.label_selector = "app=llm"}}});
  EXPECT_EQ(heard(), "+a");
  put("a");  // without the label
  run();
  EXPECT_EQ(heard(), "-a");
}

TEST_F(Informers, LeaveOutAnObjectThatCannotBeRead) {
  put("a");
  start();
  heard();
  json::Value odd = pod("b");
  odd.set("spec", "not an object");
  cluster_.api.put(Pod::kResource, odd);
  put("c");
  run();
  EXPECT_EQ(heard(), "+c");
}

TEST_F(Informers, AnObjectThatCannotBeReadAnyMoreIsNotGone) {
  put("a", "n1");
  start();
  json::Value odd = pod("a");
  odd.set("spec", "not an object");
  cluster_.api.put(Pod::kResource, odd);
  cluster_.api.forget_history();
  cluster_.api.cut_watches();
  run(1min);
  EXPECT_EQ(names(), "a");
  EXPECT_EQ(informer_->store().find(key("a"))->spec.node_name, "n1");
}

TEST_F(Informers, StoreWhatTheProjectionLeaves) {
  put("a", "n1");
  start({.project = [](Pod& pod) { pod.spec.node_name.clear(); }});
  EXPECT_EQ(informer_->store().find(key("a"))->spec.node_name, "");
}

TEST_F(Informers, TellALateSubscriberWhatIsThere) {
  put("a");
  start();
  std::string late;
  const auto subscription =
      informer_->subscribe({.added = [&](const auto& now) { late += "+" + now->metadata.name; }});
  EXPECT_EQ(late, "+a");
  put("b");
  run();
  EXPECT_EQ(late, "+a+b");
}

TEST_F(Informers, TryAgainUntilTheServerIsThere) {
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  cluster_.network.refuse(address, true);
  put("a");
  start();
  run(10min);
  EXPECT_FALSE(informer_->synced());
  cluster_.network.refuse(address, false);
  run(2min);
  EXPECT_TRUE(informer_->synced());
  EXPECT_EQ(names(), "a");
}

}  // namespace
}  // namespace kthena::kube
