#include "apiserver/storage/memory_journal.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "base/error.h"

namespace kthena::apiserver {
namespace {

ChangePtr added(Version version, std::string name) {
  StoredObject object{.identity = std::make_shared<const ObjectIdentity>(ObjectIdentity{
                          .path = {.resource = "pods", .namespace_name = "x", .name = name},
                          .uid = "u",
                          .created = version}),
                      .version = version,
                      .text = std::move(name)};
  return std::make_shared<const Change>(
      Change{.object = std::make_shared<const StoredObject>(std::move(object))});
}

Batch batch(Version version, Durability durability) {
  return {.changes = {added(version, "p" + std::to_string(version))}, .durability = durability};
}

class MemoryJournalTest : public ::testing::Test {
 protected:
  Result<> commit(MemoryJournal& journal, Batch batch) {
    return async::run_until_done(loop_, journal.commit(std::move(batch)));
  }
  async::SimulatedLoop loop_{1};
  MemoryDisk disk_;
};

TEST_F(MemoryJournalTest, LosesInAPowerCutOnlyWhatMayBeLost) {
  MemoryJournal journal(loop_, disk_);
  ASSERT_TRUE(journal.load());
  for (const Version version : {1, 2, 3, 4, 5}) {
    ASSERT_TRUE(
        commit(journal, batch(version, version == 2 ? Durability::Power : Durability::Process)));
  }
  EXPECT_EQ(disk_.unsynced(), 3U);
  disk_.cut_power(1);
  MemoryJournal next(loop_, disk_);
  const Result<Loaded> loaded = next.load();
  EXPECT_EQ(loaded->objects.size(), 3U);
  EXPECT_EQ(loaded->version, 1002U);
  ASSERT_EQ(loaded->gaps.size(), 1U);
  EXPECT_EQ(loaded->gaps.front(), (Gap{.last = 3, .next = 1002}));
}

TEST_F(MemoryJournalTest, CommitsNothingAfterACrash) {
  int crashes = 0;
  MemoryJournal journal(loop_, disk_, {.crash_one_in = 1, .on_crash = [&crashes] { ++crashes; }});
  ASSERT_TRUE(journal.load());
  EXPECT_EQ(commit(journal, batch(1, Durability::Power)).error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(commit(journal, batch(2, Durability::Power)).error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(crashes, 1);
  MemoryJournal next(loop_, disk_);
  EXPECT_EQ(next.load()->objects.size(), 0U);
}

TEST_F(MemoryJournalTest, RefusesCommitsOnceClosed) {
  MemoryJournal journal(loop_, disk_);
  ASSERT_TRUE(journal.load());
  ASSERT_TRUE(commit(journal, batch(1, Durability::Process)));
  ASSERT_TRUE(async::run_until_done(loop_, journal.close()));
  EXPECT_EQ(disk_.unsynced(), 0U);
  EXPECT_EQ(commit(journal, batch(2, Durability::Power)).error().code(), ErrorCode::Unavailable);
  MemoryJournal next(loop_, disk_);
  EXPECT_EQ(next.load()->version, 1U);
}

TEST_F(MemoryJournalTest, ForgetsTheLogUpToWhereItIsTold) {
  MemoryJournal journal(loop_, disk_);
  ASSERT_TRUE(journal.load());
  for (const Version version : {1, 2, 3}) {
    ASSERT_TRUE(commit(journal, batch(version, Durability::Power)));
  }
  Batch last = batch(4, Durability::Power);
  last.trim_to = 2;
  ASSERT_TRUE(commit(journal, std::move(last)));
  const Result<Loaded> loaded = MemoryJournal(loop_, disk_).load();
  EXPECT_EQ(loaded->trimmed, 2U);
  EXPECT_EQ(loaded->log.size(), 2U);
  EXPECT_EQ(loaded->objects.size(), 4U);
}

}  // namespace
}  // namespace kthena::apiserver
