// A disk that is really full: a small tmpfs. Needs the right to mount.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "apiserver/storage/object_store.h"
#include "apiserver/storage/sqlite_journal.h"
#include "apiserver/storage/testing/edits.h"
#include "apiserver/storage/testing/temporary_folder.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "base/error.h"

namespace kthena::apiserver {
namespace {

using ::testing::HasSubstr;
using testing::pod;
using testing::put;

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=2m") == 0;
    if (!mounted_) {
      GTEST_SKIP() << "mounting a tmpfs is not allowed: " << std::strerror(errno);
    }
    // What an operator deletes to make room.
    std::ofstream(ballast_) << std::string(800'000, 'x');
    open();
  }
  ~FullDiskTest() override {
    drop();
    if (mounted_) {
      ::umount2(folder_.path().c_str(), MNT_DETACH);
    }
  }

  void open() {
    auto journal = SqliteJournal::open(folder_ / "state.db");
    ASSERT_TRUE(journal.has_value()) << journal.error().to_string();
    journal_ = std::move(*journal);
    auto store = ObjectStore::open(*loop_, *journal_);
    ASSERT_TRUE(store.has_value()) << store.error().to_string();
    store_ = std::move(*store);
  }
  void drop() {
    if (store_) {
      async::run_until_done(*loop_, store_->stop());
      store_.reset();
    }
    journal_.reset();
  }
  Result<Written> write(int number) {
    return async::run_until_done(*loop_,
                                 store_->write(pod(std::to_string(number)), Expected::anything(),
                                               put(std::string(20'000, 'x'))));
  }
  /// Writes until that fails, and gives the number of objects that are there.
  int fill() {
    int number = 0;
    Result<Written> written = write(number);
    while (written && number < 1000) {
      written = write(++number);
    }
    EXPECT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code(), ErrorCode::Internal);
    EXPECT_THAT(written.error().message(), HasSubstr("disk is full"));
    return number;
  }

  testing::TemporaryFolder folder_;
  std::string ballast_ = folder_ / "ballast";
  bool mounted_ = false;
  std::unique_ptr<async::Loop> loop_ = *async::EpollLoop::create();
  std::unique_ptr<SqliteJournal> journal_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(FullDiskTest, FailsWritesWithTheReasonAndGoesOnReading) {
  const int there = fill();
  EXPECT_GT(there, 5);
  EXPECT_EQ(store_->count("pods"), static_cast<std::size_t>(there));
  EXPECT_EQ(store_->list({.resource = "pods"})->objects.size(), static_cast<std::size_t>(there));
  EXPECT_FALSE(write(0).has_value()) << "and is still full";
}

TEST_F(FullDiskTest, WritesAgainWhenThereIsRoom) {
  const int there = fill();
  const Version before = store_->version();
  std::filesystem::remove(ballast_);
  const auto written = write(there);
  ASSERT_TRUE(written.has_value()) << written.error().to_string();
  EXPECT_GT(written->object->version, before);
  drop();
  open();
  EXPECT_EQ(store_->count("pods"), static_cast<std::size_t>(there) + 1);
  EXPECT_EQ(store_->find(pod(std::to_string(there)))->version, written->object->version);
}

TEST_F(FullDiskTest, FindsAllThatWasAcknowledgedAfterACrash) {
  const int there = fill();
  drop();
  std::filesystem::remove(ballast_);
  open();
  EXPECT_EQ(store_->count("pods"), static_cast<std::size_t>(there));
}

}  // namespace
}  // namespace kthena::apiserver
