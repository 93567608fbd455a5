#include "apiserver/storage/sqlite_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/storage/object_store.h"
#include "apiserver/storage/testing/edits.h"
#include "apiserver/storage/testing/temporary_folder.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "base/error.h"
#include "base/random.h"

namespace kthena::apiserver {
namespace {

using ::testing::HasSubstr;
using testing::pod;
using testing::put;
using testing::remove;
using ::testing::StartsWith;

/// A store on a database of its own.
class SqliteJournalTest : public ::testing::Test {
 protected:
  ~SqliteJournalTest() override { drop(); }

  Result<> try_open(SqliteJournal::Options options = {}, StoreLimits limits = {}) {
    journal_ = TRY(SqliteJournal::open(path_, options));
    store_ = TRY(ObjectStore::open(*loop_, *journal_, limits));
    return {};
  }
  void open(SqliteJournal::Options options = {}, StoreLimits limits = {}) {
    const Result<> opened = try_open(options, limits);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  }
  /// As a crash leaves it.
  void drop() {
    if (store_) {
      async::run_until_done(*loop_, store_->stop());
      store_.reset();
    }
    journal_.reset();
  }
  void close() {
    async::run_until_done(*loop_, store_->stop());
    ASSERT_TRUE(async::run_until_done(*loop_, journal_->close()));
    drop();
  }
  std::string refusal() {
    const Result<> opened = try_open();
    drop();
    return opened ? "opened" : opened.error().message();
  }

  Result<Written> write(ObjectPath path, Decide decide) {
    return async::run_until_done(
        *loop_, store_->write(std::move(path), Expected::anything(), std::move(decide)));
  }
  /// Objects and the log, as text.
  std::string everything() {
    std::string all = "trimmed below; ";
    const auto add = [&](const StoredObject& object) {
      all += object.path().to_string() + " " + object.uid() + " " +
             std::to_string(object.identity->created) + " " + std::to_string(object.version) + " " +
             object.text + "\n";
    };
    for (const char* resource : {"pods", "apps/deployments"}) {
      const Result<ObjectList> list = store_->list({.resource = resource});
      for (const ObjectPtr& object : list->objects) {
        add(*object);
      }
      Version from = 0;
      while (!store_->check_version(from)) {
        ++from;
      }
      const auto log = *store_->subscribe(resource, "", from);
      while (const ChangePtr change = *log->try_next()) {
        all += std::to_string(static_cast<int>(change->type)) + " ";
        add(*change->object);
        if (change->previous) {
          add(*change->previous);
        }
      }
    }
    return all;
  }
  void write_some() {
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(write(pod("p" + std::to_string(i)), put(std::string(200, 'x'))));
    }
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(write(pod("p" + std::to_string(i)), put("again", Durability::Process)));
    }
    for (int i = 5; i < 15; ++i) {
      ASSERT_TRUE(write(pod("p" + std::to_string(i)), remove()));
    }
    ASSERT_TRUE(write(pod("p7"), put("back")));
    ASSERT_TRUE(write({.resource = "apps/deployments", .namespace_name = "", .name = "d"},
                      put(std::string(20'000, 'd'))));
  }

  testing::TemporaryFolder folder_;
  std::string path_ = folder_ / "state.db";
  std::unique_ptr<async::Loop> loop_ = *async::EpollLoop::create();
  std::unique_ptr<SqliteJournal> journal_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_F(SqliteJournalTest, FindsEverythingAgainAfterACrash) {
  open();
  write_some();
  const std::string before = everything();
  const Version version = store_->version();
  drop();
  open();
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(store_->version(), 1U + 100'000U + 1U) << "no version comes back";
  EXPECT_TRUE(store_->check_version(version).has_value());
  EXPECT_FALSE(store_->check_version(version + 1).has_value());
  const auto next = write(pod("new"), put("x"));
  EXPECT_EQ(next->object->version, 100'003U);
  drop();
  open();
  EXPECT_EQ(store_->find(pod("new"))->version, 100'003U);
  EXPECT_FALSE(store_->check_version(version + 1).has_value());
}

TEST_F(SqliteJournalTest, LeavesNoVersionOutWhenItIsClosed) {
  open();
  write_some();
  const std::string before = everything();
  const Version version = store_->version();
  close();
  open();
  EXPECT_EQ(store_->version(), version);
  EXPECT_EQ(everything(), before);
  close();
  open();
  EXPECT_EQ(store_->version(), version);
}

TEST_F(SqliteJournalTest, RefusesWritesOnceClosed) {
  open();
  ASSERT_TRUE(async::run_until_done(*loop_, journal_->close()));
  EXPECT_EQ(write(pod("a"), put("x")).error().code(), ErrorCode::Unavailable);
}

async::Task<void> write_into(ObjectStore& store, ObjectPath path, int& acknowledged) {
  const auto written = co_await store.write(std::move(path), Expected::anything(), put("x"));
  acknowledged += written ? 1 : 0;
}
async::Task<void> write_many(ObjectStore& store, async::Loop& loop, int writers,
                             int& acknowledged) {
  async::TaskScope tasks(loop);
  for (int i = 0; i < writers; ++i) {
    tasks.spawn(write_into(store, pod(std::to_string(i)), acknowledged));
  }
  co_await tasks.join();
}

TEST_F(SqliteJournalTest, CommitsWhatWaitsTogether) {
  open();
  int acknowledged = 0;
  async::run_until_done(*loop_, write_many(*store_, *loop_, 1000, acknowledged));
  EXPECT_EQ(acknowledged, 1000);
  EXPECT_LE(journal_->transactions(), 10U);
}

TEST_F(SqliteJournalTest, TrimsItsLogWithTheStores) {
  open({}, {.log_changes = 10});
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(write(pod("a"), put("x", Durability::Process)));
  }
  const Version version = store_->version();
  close();
  open();  // would keep more, if there were more
  EXPECT_TRUE(store_->check_version(version - 10).has_value());
  EXPECT_FALSE(store_->check_version(version - 12).has_value());
}

TEST_F(SqliteJournalTest, KeepsItsWriteAheadLogShortUnderSteadyLoad) {
  open({.checkpoint_pages = 64});
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(
        write(pod(std::to_string(i % 10)), put(std::string(8000, 'x'), Durability::Process)));
  }
  // Some 10 pages a write, so 80 MB in all.
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 20'000'000U);
}

TEST_F(SqliteJournalTest, IsOpenInOneProcessOnly) {
  open();
  const auto second = SqliteJournal::open(path_);
  EXPECT_EQ(second.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(second.error().message(), path_ + ": in use by process " + std::to_string(::getpid()));
  drop();
  open();
}

TEST_F(SqliteJournalTest, KeepsSecretsFromOtherUsers) {
  open();
  ASSERT_TRUE(write(pod("a"), put("x")));
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat file{};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &file), 0) << suffix;
    EXPECT_EQ(file.st_mode & 077U, 0U) << suffix;
  }
}

// ---- Full disks

/// No file may grow beyond a size while it lives: what a full disk is to SQLite.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(SqliteJournalTest, RefusesWritesWhileItsFileCannotGrow) {
  open();
  ASSERT_TRUE(write(pod("a"), put("one")));
  {
    const FileSizeLimit limit(std::filesystem::file_size(path_ + "-wal") + 5000);
    const auto refused = write(pod("a"), put(std::string(100'000, 'x')));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::Internal);
    EXPECT_THAT(refused.error().message(), HasSubstr("File too large"));
    EXPECT_EQ(store_->find(pod("a"))->text, "one@1");
  }
  const auto written = write(pod("a"), put("two"));
  ASSERT_TRUE(written.has_value()) << written.error().to_string();
  EXPECT_EQ(written->object->text, "two@3");
  const std::string before = everything();
  drop();
  open();
  EXPECT_EQ(everything(), before);
}

// ---- Damaged files

TEST_F(SqliteJournalTest, RefusesWhatIsNotItsDatabase) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_EQ(refusal(), path_ + " is damaged: file is not a database");
  std::filesystem::resize_file(path_, 0);
  EXPECT_EQ(refusal(), path_ + " is damaged: it is empty");
  std::filesystem::remove(path_);
  std::ofstream(path_ + "-wal") << "x";
  EXPECT_THAT(refusal(), HasSubstr("it is missing, but"));
  std::filesystem::remove(path_ + "-wal");
  EXPECT_EQ(refusal(), "opened");
}

/// Overwrites bytes of a file.
void overwrite(const std::string& path, std::uintmax_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
}

TEST_F(SqliteJournalTest, RefusesDatabasesOfOthersAndOtherFormats) {
  open();
  close();
  overwrite(path_, 60, std::string("\0\0\0\7", 4));  // user_version; source: SQLite's file format
  EXPECT_EQ(refusal(), path_ + " has format 7, and this program knows 1 only");
  overwrite(path_, 68, "abcd");  // application_id
  EXPECT_EQ(refusal(), path_ + " is not a database of Kthena");
}

TEST_F(SqliteJournalTest, RefusesATruncatedFile) {
  open();
  write_some();
  close();
  const std::uintmax_t size = std::filesystem::file_size(path_);
  ASSERT_GT(size, 8192U);
  for (const std::uintmax_t left : {size - 4096, size - 1, size / 2, std::uintmax_t{4096}}) {
    std::filesystem::resize_file(path_, left);
    EXPECT_THAT(refusal(), StartsWith(path_ + " is damaged: ")) << left << " of " << size;
  }
}

TEST_F(SqliteJournalTest, NoticesEveryAlteredByteThatMatters) {
  open();
  write_some();
  const std::string before = everything();
  close();
  std::ifstream file(path_, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(file)), {});
  Random random(1);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    const auto place = static_cast<std::size_t>(random.uniform(bad.size()));
    bad[place] = static_cast<char>(bad[place] ^ static_cast<char>(1U << random.uniform(8)));
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
    std::filesystem::remove(path_ + "-wal");
    const Result<> opened = try_open();
    if (opened) {
      EXPECT_EQ(everything(), before) << "byte " << place;
    } else {
      ++refused;
      EXPECT_THAT(opened.error().message(), StartsWith(path_ + " ")) << opened.error().message();
      EXPECT_EQ(opened.error().message().find('\n'), std::string::npos);
    }
    drop();
  }
  EXPECT_GT(refused, 100) << "the others hit what is not used";
}

}  // namespace
}  // namespace kthena::apiserver
