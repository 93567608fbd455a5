#include "apiserver/storage/mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "apiserver/storage/memory_journal.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/storage/testing/edits.h"
#include "async/scope.h"
#include "async/simulated_loop.h"

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;
using testing::pod;
using testing::put;
using testing::remove;

TEST(Mirror, TellsOfWhatIsThereAndOfEachChangeBeforeItsWriterHearsOfIt) {
  async::SimulatedLoop loop(1);
  MemoryDisk disk;
  MemoryJournal journal(loop, disk);
  const auto store = *ObjectStore::open(loop, journal);
  const auto write = [&](ObjectPath path, Decide decide) {
    ASSERT_TRUE(async::run_until_done(
        loop, store->write(std::move(path), Expected::anything(), std::move(decide))));
  };
  write(pod("a", "one"), put("x"));
  std::vector<std::string> seen;
  const auto text = [](const ObjectPtr& object) { return object ? object->text : "-"; };
  {
    const Mirror mirror(*store, "pods", [&](const ObjectPtr& before, const ObjectPtr& after) {
      seen.push_back(text(before) + ">" + text(after));
    });
    EXPECT_THAT(seen, ElementsAre("->x@1"));
    write(pod("a", "two"), put("y"));
    EXPECT_THAT(seen, ElementsAre("->x@1", "->y@2"));
    write(pod("a", "one"), put("z"));
    write(pod("a", "two"), remove());
    EXPECT_THAT(seen, ElementsAre("->x@1", "->y@2", "x@1>z@3", "y@2>-"));
  }
  write(pod("a", "three"), put("w"));
  EXPECT_EQ(seen.size(), 4U);
  async::run_until_done(loop, store->stop());
}

TEST(Mirror, ThereMayBeSeveralOfOneResource) {
  async::SimulatedLoop loop(1);
  MemoryDisk disk;
  MemoryJournal journal(loop, disk);
  const auto store = *ObjectStore::open(loop, journal);
  int first = 0;
  int second = 0;
  {
    const Mirror one(*store, "pods", [&](const ObjectPtr&, const ObjectPtr&) { ++first; });
    const Mirror two(*store, "pods", [&](const ObjectPtr&, const ObjectPtr&) { ++second; });
    ASSERT_TRUE(
        async::run_until_done(loop, store->write(pod("a"), Expected::anything(), put("x"))));
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  async::run_until_done(loop, store->stop());
}

}  // namespace
}  // namespace kthena::apiserver
