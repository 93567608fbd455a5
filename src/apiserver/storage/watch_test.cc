#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/storage/memory_journal.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/storage/testing/edits.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "base/error.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::pod;
using testing::put;
using testing::remove;

std::string describe(const Change& change) {
  constexpr std::string_view kWords = "?+~-";
  return std::string(1, kWords[static_cast<std::size_t>(change.type)]) + change.object->text +
         (change.previous ? " was " + change.previous->text : "");
}

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { open(); }
  ~WatchTest() override { async::run_until_done(loop_, store_->stop()); }

  void open(StoreLimits limits = {}) {
    if (store_) {
      async::run_until_done(loop_, store_->stop());
    }
    store_ = *ObjectStore::open(loop_, journal_, limits);
  }
  void set(ObjectPath path, std::string text) {
    ASSERT_TRUE(async::run_until_done(
        loop_, store_->write(std::move(path), Expected::anything(), put(std::move(text)))));
  }
  void erase(ObjectPath path) {
    ASSERT_TRUE(async::run_until_done(
        loop_, store_->write(std::move(path), Expected::present(), remove())));
  }
  static std::vector<std::string> drain(Subscription& subscription) {
    std::vector<std::string> seen;
    while (true) {
      const Result<ChangePtr> change = subscription.try_next();
      if (!change) {
        seen.push_back(change.error().to_string());
        return seen;
      }
      if (*change == nullptr) {
        return seen;
      }
      seen.push_back(describe(**change));
    }
  }

  async::SimulatedLoop loop_{1};
  MemoryDisk disk_;
  MemoryJournal journal_{loop_, disk_};
  std::unique_ptr<ObjectStore> store_;
};

async::Task<void> follow(Subscription& subscription, std::vector<std::string>& seen) {
  while (true) {
    const Result<ChangePtr> change = co_await subscription.next();
    if (!change) {
      seen.emplace_back(to_string(change.error().code()));
      co_return;
    }
    seen.push_back(describe(**change));
  }
}

TEST_F(WatchTest, TellsEachChangeWithWhatWasBefore) {
  const auto subscription = *store_->subscribe("pods", "", 0);
  set(pod("a"), "one");
  set(pod("a"), "two");
  erase(pod("a"));
  set(pod("a"), "three");
  EXPECT_THAT(drain(*subscription),
              ElementsAre("+one@1", "~two@2 was one@1", "-gone@3 was two@2", "+three@4"));
  EXPECT_THAT(drain(*subscription), IsEmpty());
}

TEST_F(WatchTest, BeginsAfterTheVersionAskedFor) {
  set(pod("a"), "one");
  set(pod("b"), "two");
  set(pod("c"), "three");
  const auto from_one = *store_->subscribe("pods", "", 1);
  const auto from_now = *store_->subscribe("pods", "", store_->version());
  EXPECT_THAT(drain(*from_one), ElementsAre("+two@2", "+three@3"));
  EXPECT_THAT(drain(*from_now), IsEmpty());
}

TEST_F(WatchTest, WaitsForWhatComes) {
  const auto subscription = *store_->subscribe("pods", "", 0);
  std::vector<std::string> seen;
  async::TaskScope tasks(loop_);
  tasks.spawn(follow(*subscription, seen));
  loop_.run_for(1s);
  EXPECT_THAT(seen, IsEmpty());
  set(pod("a"), "one");
  loop_.run_ready();
  EXPECT_THAT(seen, ElementsAre("+one@1"));
  tasks.cancel();
  loop_.run_ready();
  EXPECT_THAT(seen, ElementsAre("+one@1", "Cancelled"));
}

TEST_F(WatchTest, LeavesOutOtherNamespacesAndResources) {
  const auto subscription = *store_->subscribe("pods", "mine", 0);
  set(pod("a", "other"), "one");
  set({.resource = "services", .namespace_name = "mine", .name = "a"}, "two");
  set(pod("a", "mine"), "three");
  EXPECT_THAT(drain(*subscription), ElementsAre("+three@3"));
}

TEST_F(WatchTest, SaysUpToWhichVersionAllWasGiven) {
  const auto subscription = *store_->subscribe("pods", "", 0);
  set({.resource = "services", .namespace_name = "x", .name = "a"}, "one");
  EXPECT_EQ(subscription->version(), 1U) << "nothing of ours happened up to there";
  set(pod("a"), "two");
  set(pod("a"), "three");
  EXPECT_EQ(subscription->version(), 0U);
  ASSERT_TRUE(subscription->try_next());
  EXPECT_EQ(subscription->version(), 2U);
  ASSERT_TRUE(subscription->try_next());
  EXPECT_EQ(subscription->version(), 3U);
}

TEST_F(WatchTest, SaysExpiredWhenTheLogHasPassedTheReader) {
  open({.log_changes = 3});
  const auto slow = *store_->subscribe("pods", "", 0);
  for (int i = 0; i < 3; ++i) {
    set(pod("a"), std::to_string(i));
  }
  EXPECT_EQ(describe(**slow->try_next()), "+0@1");
  set(pod("a"), "3");
  set(pod("a"), "4");
  EXPECT_THAT(drain(*slow), ElementsAre("Expired: the changes after version 1 are no longer kept"));
  EXPECT_EQ(store_->subscribe("pods", "", 1).error().code(), ErrorCode::Expired);
  EXPECT_TRUE(store_->subscribe("pods", "", 2).has_value());
  EXPECT_EQ(store_->subscribe("pods", "", 6).error().code(), ErrorCode::Expired);
}

TEST_F(WatchTest, DoesNotExpireWhileOthersAreBusy) {
  open({.log_changes = 3});
  const auto quiet = *store_->subscribe("pods", "quiet", 0);
  const auto nodes = *store_->subscribe("nodes", "", 0);
  std::vector<std::string> seen;
  std::vector<std::string> nodes_seen;
  async::TaskScope tasks(loop_);
  tasks.spawn(follow(*quiet, seen));
  tasks.spawn(follow(*nodes, nodes_seen));
  for (int i = 0; i < 20; ++i) {
    set(pod("a", "busy"), std::to_string(i));
  }
  set(pod("a", "quiet"), "one");
  set({.resource = "nodes", .namespace_name = "", .name = "n"}, "two");
  loop_.run_ready();
  EXPECT_THAT(seen, ElementsAre("+one@21"));
  EXPECT_THAT(nodes_seen, ElementsAre("+two@22"));
  tasks.cancel();
  loop_.run_ready();
}

TEST_F(WatchTest, EndsWhenTheStoreIsStopped) {
  const auto subscription = *store_->subscribe("pods", "", 0);
  std::vector<std::string> seen;
  async::TaskScope tasks(loop_);
  tasks.spawn(follow(*subscription, seen));
  loop_.run_ready();
  async::run_until_done(loop_, store_->stop());
  loop_.run_ready();
  EXPECT_THAT(seen, ElementsAre("Unavailable"));
}

TEST_F(WatchTest, ResumesAfterARestart) {
  set(pod("a"), "one");
  set(pod("a"), "two");
  erase(pod("a"));
  set(pod("b"), "three");
  open();
  const auto subscription = *store_->subscribe("pods", "", 1);
  EXPECT_THAT(drain(*subscription),
              ElementsAre("~two@2 was one@1", "-gone@3 was two@2", "+three@4"));
}

TEST_F(WatchTest, CostsAThousandFollowersOneChange) {
  std::vector<std::unique_ptr<Subscription>> followers;
  std::vector<std::vector<std::string>> seen(1000);
  async::TaskScope tasks(loop_);
  for (auto& one : seen) {
    followers.push_back(*store_->subscribe("pods", "", 0));
    tasks.spawn(follow(*followers.back(), one));
  }
  loop_.run_ready();
  set(pod("a"), "one");
  loop_.run_ready();
  for (const auto& one : seen) {
    ASSERT_THAT(one, ElementsAre("+one@1"));
  }
  tasks.cancel();
  loop_.run_ready();
}

}  // namespace
}  // namespace kthena::apiserver
