#include "apiserver/storage/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/storage/memory_journal.h"
#include "apiserver/storage/testing/edits.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "base/error.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::pod;
using testing::put;
using testing::remove;

class ObjectStoreTest : public ::testing::Test {
 protected:
  ObjectStoreTest() { start(); }
  ~ObjectStoreTest() override { stop(); }

  void start(StoreLimits limits = {}, MemoryJournal::Options options = {}) {
    journal_.emplace(loop_, disk_, std::move(options));
    store_ = *ObjectStore::open(loop_, *journal_, limits);
  }
  void stop() {
    if (store_) {
      async::run_until_done(loop_, store_->stop());
      store_.reset();
    }
  }
  void restart(StoreLimits limits = {}, MemoryJournal::Options options = {}) {
    stop();
    start(limits, std::move(options));
  }

  Result<Written> write(ObjectPath path, Expected expected, Decide decide) {
    return async::run_until_done(loop_,
                                 store_->write(std::move(path), expected, std::move(decide)));
  }
  Version set(ObjectPath path, std::string text = "a") {
    return write(std::move(path), Expected::anything(), put(std::move(text)))->object->version;
  }
  std::vector<std::string> names(const ListQuery& query) {
    std::vector<std::string> names;
    const Result<ObjectList> list = store_->list(query);
    if (!list) {
      return {list.error().to_string()};
    }
    for (const ObjectPtr& object : list->objects) {
      names.push_back(object->path().namespace_name + "/" + object->path().name + "=" +
                      object->text);
    }
    if (list->more) {
      names.emplace_back("more");
    }
    return names;
  }

  async::SimulatedLoop loop_{1};
  MemoryDisk disk_;
  std::optional<MemoryJournal> journal_;
  std::unique_ptr<ObjectStore> store_;
};

/// A write whose outcome is looked at later.
async::Task<void> write_into(ObjectStore& store, ObjectPath path, Expected expected, Decide decide,
                             std::optional<Result<Written>>& outcome) {
  outcome = co_await store.write(std::move(path), expected, std::move(decide));
}

TEST_F(ObjectStoreTest, GivesEachWriteTheNextVersion) {
  EXPECT_EQ(store_->version(), 0U);
  const auto first = write(pod("a"), Expected::absent(), put("one"));
  const auto second = write(pod("a"), Expected::at(1), put("two"));
  EXPECT_EQ(first->object->text, "one@1");
  EXPECT_EQ(second->object->text, "two@2");
  EXPECT_EQ(second->object->uid(), "uid-1") << "later writes keep the identity";
  EXPECT_EQ(second->object->identity->created, 1U);
  EXPECT_EQ(store_->find(pod("a")), second->object);
  EXPECT_EQ(store_->version(), 2U);
}

TEST_F(ObjectStoreTest, RefusesAWriteWhoseExpectationDoesNotHold) {
  EXPECT_EQ(write(pod("a"), Expected::present(), put("x")).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(write(pod("a"), Expected::at(1), put("x")).error().code(), ErrorCode::NotFound);
  set(pod("a"));
  EXPECT_EQ(write(pod("a"), Expected::absent(), put("x")).error().code(), ErrorCode::AlreadyExists);
  const auto conflict = write(pod("a"), Expected::at(7), put("x"));
  EXPECT_EQ(conflict.error().to_string(), "Conflict: pods default/a is at version 1, not 7");
  EXPECT_EQ(store_->version(), 1U);
}

TEST_F(ObjectStoreTest, UsesNoVersionWhenNothingChanges) {
  set(pod("a"));
  const auto kept = write(pod("a"), Expected::present(),
                          [](Version, const ObjectPtr&) -> Result<Edit> { return Edit{}; });
  EXPECT_EQ(kept->action, Edit::Action::Keep);
  EXPECT_EQ(kept->object->version, 1U);
  const auto failed =
      write(pod("a"), Expected::present(), [](Version, const ObjectPtr&) -> Result<Edit> {
        return fail(ErrorCode::InvalidArgument, "spec.x: no");
      });
  EXPECT_EQ(failed.error().message(), "spec.x: no");
  EXPECT_EQ(set(pod("b")), 2U);
}

TEST_F(ObjectStoreTest, RemovesAndCreatesAnewAsAnotherObject) {
  set(pod("a"));
  const auto removed = write(pod("a"), Expected::at(1), remove());
  EXPECT_EQ(removed->object->text, "gone@2");
  EXPECT_EQ(store_->find(pod("a")), nullptr);
  EXPECT_EQ(write(pod("a"), Expected::absent(), put("b"))->object->uid(), "uid-3");
}

TEST_F(ObjectStoreTest, ShowsNothingBeforeItIsDurable) {
  std::optional<Result<Written>> outcome;
  async::TaskScope tasks(loop_);
  tasks.spawn(write_into(*store_, pod("a"), Expected::absent(), put("x"), outcome));
  loop_.run_ready();
  EXPECT_EQ(store_->find(pod("a")), nullptr);
  EXPECT_EQ(store_->version(), 0U);
  loop_.run_for(10ms);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_NE(store_->find(pod("a")), nullptr);
}

TEST_F(ObjectStoreTest, RunsWritesOfOneObjectOneAfterTheOther) {
  set(pod("a"));
  std::vector<std::optional<Result<Written>>> outcomes(5);
  async::TaskScope tasks(loop_);
  for (auto& outcome : outcomes) {
    tasks.spawn(write_into(*store_, pod("a"), Expected::at(1), put("x"), outcome));
  }
  loop_.run_for(1s);
  int won = 0;
  for (const auto& outcome : outcomes) {
    won += outcome->has_value() ? 1 : 0;
    EXPECT_TRUE(outcome->has_value() || outcome->error().code() == ErrorCode::Conflict);
  }
  EXPECT_EQ(won, 1);
}

TEST_F(ObjectStoreTest, GivesEachWriterWhatTheOneBeforeMade) {
  const auto append = [](Version, const ObjectPtr& current) -> Result<Edit> {
    return Edit{.action = Edit::Action::Put, .text = (current ? current->text : "") + "x"};
  };
  std::vector<std::optional<Result<Written>>> outcomes(20);
  async::TaskScope tasks(loop_);
  for (auto& outcome : outcomes) {
    tasks.spawn(write_into(*store_, pod("a"), Expected::anything(), append, outcome));
  }
  loop_.run_for(1s);
  EXPECT_EQ(store_->find(pod("a"))->text, std::string(20, 'x'));
}

TEST_F(ObjectStoreTest, LeavesNoTraceOfAWriteThatTheDiskRefused) {
  restart({}, {.fail_one_in = 1});
  const auto refused = write(pod("a"), Expected::absent(), put("x"));
  EXPECT_EQ(refused.error().code(), ErrorCode::Internal);
  EXPECT_THAT(refused.error().message(), HasSubstr("no space"));
  EXPECT_EQ(store_->find(pod("a")), nullptr);
  restart();
  EXPECT_EQ(store_->find(pod("a")), nullptr);
  EXPECT_TRUE(write(pod("a"), Expected::absent(), put("x")).has_value());
}

TEST_F(ObjectStoreTest, WritesEvenIfTheWriterNoLongerWaits) {
  std::optional<Result<Written>> outcome;
  async::TaskScope tasks(loop_);
  tasks.spawn(write_into(*store_, pod("a"), Expected::absent(), put("x"), outcome));
  loop_.run_ready();
  tasks.cancel();
  loop_.run_ready();
  EXPECT_EQ(outcome->error().code(), ErrorCode::Cancelled);
  loop_.run_for(10ms);
  EXPECT_NE(store_->find(pod("a")), nullptr);
}

TEST_F(ObjectStoreTest, RefusesWritesWhenTooManyWait) {
  restart({.waiting_writes = 2});
  std::vector<std::optional<Result<Written>>> outcomes(3);
  async::TaskScope tasks(loop_);
  for (int i = 0; i < 3; ++i) {
    tasks.spawn(write_into(*store_, pod(std::to_string(i)), Expected::absent(), put("x"),
                           outcomes[static_cast<std::size_t>(i)]));
  }
  loop_.run_for(10ms);
  int refused = 0;
  for (const auto& outcome : outcomes) {
    refused += !outcome->has_value() && outcome->error().code() == ErrorCode::RateLimited ? 1 : 0;
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(store_->count("pods"), 2U);
}

TEST_F(ObjectStoreTest, FinishesWhatWasBegunWhenItIsStopped) {
  std::vector<std::optional<Result<Written>>> outcomes(10);
  async::TaskScope tasks(loop_);
  for (int i = 0; i < 10; ++i) {
    tasks.spawn(write_into(*store_, pod(std::to_string(i)), Expected::absent(), put("x"),
                           outcomes[static_cast<std::size_t>(i)]));
  }
  loop_.run_ready();
  async::run_until_done(loop_, store_->stop());
  loop_.run_ready();
  for (const auto& outcome : outcomes) {
    EXPECT_TRUE(outcome->has_value());
  }
  EXPECT_EQ(write(pod("late"), Expected::absent(), put("x")).error().code(),
            ErrorCode::Unavailable);
}

TEST_F(ObjectStoreTest, ListsInTheOrderOfARealServer) {
  set(pod("b", "a"));
  set(pod("x", "a-b"));  // '-' comes before '/', which ends a namespace
  set(pod("a", "b"));
  set({.resource = "services", .namespace_name = "a", .name = "s"});
  EXPECT_THAT(names({.resource = "pods"}), ElementsAre("a-b/x=a@2", "a/b=a@1", "b/a=a@3"));
  EXPECT_THAT(names({.resource = "pods", .namespace_name = "a"}), ElementsAre("a/b=a@1"));
  EXPECT_THAT(names({.resource = "nodes"}), IsEmpty());
  EXPECT_EQ(store_->list({.resource = "nodes"})->version, 4U);
}

TEST_F(ObjectStoreTest, ListsPagesAsOfTheFirstOne) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    set(pod(name));
  }
  const Version then = store_->version();
  EXPECT_THAT(names({.resource = "pods", .limit = 2}),
              ElementsAre("default/a=a@1", "default/b=a@2", "more"));
  ASSERT_TRUE(write(pod("c"), Expected::present(), remove()));
  set(pod("d"), "new");
  set(pod("d"), "newer");
  set(pod("cc"));
  EXPECT_THAT(names({.resource = "pods",
                     .after = ListQuery::Place{.namespace_name = "default", .name = "b"},
                     .limit = 2,
                     .version = then}),
              ElementsAre("default/c=a@3", "default/d=a@4", "more"));
  EXPECT_THAT(names({.resource = "pods",
                     .after = ListQuery::Place{.namespace_name = "default", .name = "d"},
                     .limit = 2,
                     .version = then}),
              ElementsAre("default/e=a@5"));
  EXPECT_THAT(names({.resource = "pods"}),
              ElementsAre("default/a=a@1", "default/b=a@2", "default/cc=a@9", "default/d=newer@8",
                          "default/e=a@5"));
}

TEST_F(ObjectStoreTest, SaysExpiredForVersionsItCannotTell) {
  restart({.log_changes = 3});
  for (int i = 0; i < 10; ++i) {
    set(pod("a"), std::to_string(i));
  }
  EXPECT_THAT(names({.resource = "pods", .version = 7}), ElementsAre("default/a=6@7"));
  EXPECT_EQ(store_->list({.resource = "pods", .version = 6}).error().code(), ErrorCode::Expired);
  EXPECT_EQ(store_->list({.resource = "pods", .version = 11}).error().code(), ErrorCode::Expired);
}

TEST_F(ObjectStoreTest, TrimsTheLogByBytesAndByAge) {
  restart({.log_bytes = 250, .log_age = 1h});
  set(pod("a"), std::string(100, 'x'));
  set(pod("a"), std::string(100, 'y'));
  set(pod("a"), std::string(100, 'z'));
  EXPECT_TRUE(store_->check_version(1).has_value());
  set(pod("a"), "short");
  EXPECT_EQ(store_->check_version(1).error().code(), ErrorCode::Expired);
  loop_.run_for(2h);
  const Version last = set(pod("b"));
  EXPECT_TRUE(store_->check_version(last - 1).has_value());
  EXPECT_EQ(store_->check_version(last - 2).error().code(), ErrorCode::Expired);
}

TEST_F(ObjectStoreTest, FindsItsObjectsAndItsPastAfterARestart) {
  set(pod("a"));
  set(pod("a"), "b");
  set(pod("c"));
  ASSERT_TRUE(write(pod("c"), Expected::present(), remove()));
  async::run_until_done(loop_, journal_->close());
  restart();
  EXPECT_EQ(store_->version(), 4U) << "closed in order: no version is left out";
  EXPECT_THAT(names({.resource = "pods"}), ElementsAre("default/a=b@2"));
  EXPECT_THAT(names({.resource = "pods", .version = 3}),
              ElementsAre("default/a=b@2", "default/c=a@3"));
  EXPECT_EQ(set(pod("a"), "c"), 5U);
}

TEST_F(ObjectStoreTest, NeverGivesAVersionAgainThatAPowerCutTook) {
  restart({}, {.reserve = 10});
  set(pod("a"));
  const auto lost =
      write(pod("a"), Expected::present(), put("status", Durability::Process))->object->version;
  EXPECT_EQ(lost, 2U);
  stop();
  disk_.cut_power(0);
  start();
  EXPECT_EQ(store_->find(pod("a"))->version, 1U);
  EXPECT_EQ(store_->version(), 12U);
  EXPECT_EQ(store_->check_version(lost).error().code(), ErrorCode::Expired);
  EXPECT_TRUE(store_->check_version(1).has_value());
  EXPECT_EQ(set(pod("a"), "next"), 13U);
  EXPECT_EQ(store_->check_version(lost).error().code(), ErrorCode::Expired);
}

TEST_F(ObjectStoreTest, ReadsAnObjectsJsonOnce) {
  const auto put_json = [](Version, const ObjectPtr&) -> Result<Edit> {
    return Edit{.action = Edit::Action::Put, .text = R"({"a":1})"};
  };
  const ObjectPtr object = write(pod("a"), Expected::absent(), put_json)->object;
  const auto value = store_->value(object);
  EXPECT_EQ((*value)->find("a")->to_int64(), 1);
  EXPECT_EQ(*store_->value(object), *value);
  for (int i = 0; i < 1000; ++i) {
    const auto made = write(pod("b" + std::to_string(i)), Expected::absent(), put_json);
    EXPECT_TRUE(store_->value(made->object).has_value());
  }
  EXPECT_NE(*store_->value(object), *value) << "only the last ones are kept";
  const ObjectPtr broken = write(pod("c"), Expected::absent(), put("{"))->object;
  EXPECT_EQ(store_->value(broken).error().code(), ErrorCode::InvalidArgument);
}

TEST_F(ObjectStoreTest, ForgetsItsHistoryAndGoesOn) {
  const Version first = set(pod("a"));
  const Version second = set(pod("a"), "b");
  store_->forget_history();
  EXPECT_EQ(store_->check_version(first).error().code(), ErrorCode::Expired);
  EXPECT_FALSE(store_->subscribe("pods", {}, first).has_value());
  const auto subscription = store_->subscribe("pods", {}, second);
  ASSERT_TRUE(subscription.has_value());
  const Version third = set(pod("a"), "c");
  const auto change = (*subscription)->try_next();
  ASSERT_TRUE(change.has_value() && *change != nullptr);
  EXPECT_EQ((*change)->version(), third);
  restart();
  EXPECT_EQ(store_->check_version(first).error().code(), ErrorCode::Expired);
  EXPECT_TRUE(store_->check_version(second).has_value());
}

}  // namespace
}  // namespace kthena::apiserver
