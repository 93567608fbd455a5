// What a power cut leaves of a SqliteJournal: of each file only what SQLite had asked the disk to
// confirm. Everything later is lost here, which is the worst that can happen.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/storage/object_store.h"
#include "apiserver/storage/sqlite_journal.h"
#include "apiserver/storage/testing/edits.h"
#include "apiserver/storage/testing/temporary_folder.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "base/random.h"

namespace kthena::apiserver {
namespace {

using testing::pod;
using testing::put;
using testing::remove;

/// Remembers what each file held when it was last synchronised. There is one at a time.
class SyncRecorder {
 public:
  SyncRecorder() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    current_ = this;
    vfs_.zName = "recorder";
    vfs_.xOpen = open;
    vfs_.xDelete = erase;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~SyncRecorder() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  SyncRecorder(const SyncRecorder&) = delete;
  SyncRecorder& operator=(const SyncRecorder&) = delete;

  /// Writes what would be there after a power cut into another folder.
  void restore(const std::string& folder) {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, content] : durable_) {
      std::string name = std::filesystem::path(path).filename().string();
      if (name.ends_with(".new")) {
        name.resize(name.size() - 4);  // was renamed
        if (durable_.contains(path.substr(0, path.size() - 4))) {
          continue;
        }
      }
      std::ofstream(folder + "/" + name, std::ios::binary) << content;
    }
  }
  int syncs() {
    const std::lock_guard lock(mutex_);
    return syncs_;
  }

 private:
  /// SQLite's own methods with our sync.
  struct Methods {
    sqlite3_io_methods ours;
    const sqlite3_io_methods* real;
  };

  static int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
                  int* out_flags) {
    const int code = current_->real_->xOpen(current_->real_, name, file, flags, out_flags);
    if (code == SQLITE_OK && name != nullptr) {
      const std::lock_guard lock(current_->mutex_);
      Methods& methods = current_->methods_[file->pMethods];
      methods.real = file->pMethods;
      methods.ours = *file->pMethods;
      methods.ours.xSync = sync;
      file->pMethods = &methods.ours;
      current_->paths_[file] = name;
    }
    return code;
  }

  static int erase(sqlite3_vfs* /*vfs*/, const char* name, int sync_folder) {
    const std::lock_guard lock(current_->mutex_);
    current_->durable_.erase(name);
    return current_->real_->xDelete(current_->real_, name, sync_folder);
  }

  static int sync(sqlite3_file* file, int flags) {
    const auto* methods = reinterpret_cast<const Methods*>(file->pMethods);
    const int code = methods->real->xSync(file, flags);
    const std::lock_guard lock(current_->mutex_);
    const std::string& path = current_->paths_[file];
    std::string& content = current_->durable_[path];
    content.resize(std::filesystem::file_size(path));
    std::ifstream(path, std::ios::binary)
        .read(content.data(), static_cast<std::streamsize>(content.size()));
    ++current_->syncs_;
    return code;
  }

  static inline SyncRecorder* current_ = nullptr;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  std::mutex mutex_;  ///< the journal has two threads
  std::map<const sqlite3_io_methods*, Methods> methods_;
  std::map<sqlite3_file*, std::string> paths_;
  std::map<std::string, std::string> durable_;
  int syncs_ = 0;
};

template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().to_string();
    std::abort();
  }
  return *std::move(result);
}

/// A journal and a store in a folder.
struct Server {
  explicit Server(const std::string& folder)
      : journal(must(
            SqliteJournal::open(folder + "/state.db", {.checkpoint_pages = 20, .reserve = 50}))),
        store(must(ObjectStore::open(*loop, *journal))) {}
  ~Server() { async::run_until_done(*loop, store->stop()); }

  Result<Written> write(const std::string& name, Decide decide) {
    return async::run_until_done(*loop,
                                 store->write(pod(name), Expected::anything(), std::move(decide)));
  }

  std::unique_ptr<async::Loop> loop = *async::EpollLoop::create();
  std::unique_ptr<SqliteJournal> journal;
  std::unique_ptr<ObjectStore> store;
};

struct Acknowledged {
  std::string name;
  Version version;
  std::string text;  ///< empty: removed
  Durability durability;
};

Acknowledged write_something(Server& server, Random& random) {
  const std::string name = std::to_string(random.uniform(8));
  const Durability durability = random.uniform(6) == 0 ? Durability::Power : Durability::Process;
  const bool removes = server.store->find(pod(name)) != nullptr && random.uniform(4) == 0;
  const std::string text(1 + random.uniform(9000), 'x');
  const auto written = server.write(name, removes ? remove(durability) : put(text, durability));
  EXPECT_TRUE(written.has_value());
  return {.name = name,
          .version = written->object->version,
          .text = removes ? "" : written->object->text,
          .durability = durability};
}

/// The state after the changes up to `version`.
std::map<std::string, std::string> state_at(const std::vector<Acknowledged>& all, Version version) {
  std::map<std::string, std::string> state;
  for (const Acknowledged& one : all) {
    if (one.version > version) {
      break;
    }
    if (one.text.empty()) {
      state.erase(one.name);
    } else {
      state[one.name] = one.text;
    }
  }
  return state;
}

/// Everything up to some version is there, and no write that had to survive is after it.
void check_after_power_cut(const std::string& folder, const std::vector<Acknowledged>& all) {
  const Server server(folder);
  std::map<std::string, std::string> found;
  for (const ObjectPtr& object : server.store->list({.resource = "pods"})->objects) {
    found[object->path().name] = object->text;
  }
  Version safe = 0;
  bool fits = false;
  for (const Acknowledged& one : all) {
    safe = one.durability == Durability::Power ? one.version : safe;
  }
  for (const Acknowledged& one : all) {
    fits = fits || (one.version >= safe && state_at(all, one.version) == found &&
                    server.store->check_version(one.version).has_value());
  }
  EXPECT_TRUE(fits || all.empty()) << "safe up to " << safe;
  EXPECT_TRUE(all.empty() || server.store->version() >= all.back().version)
      << "a version would come again";
}

TEST(PowerCut, TakesNothingBeforeTheLastWriteThatMustSurviveIt) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const testing::TemporaryFolder before;
    const testing::TemporaryFolder after;
    SyncRecorder recorder;
    std::vector<Acknowledged> all;
    {
      Server server(before.path());
      for (std::uint64_t writes = random.uniform(80); writes > 0; --writes) {
        all.push_back(write_something(server, random));
      }
      recorder.restore(after.path());
    }
    check_after_power_cut(after.path(), all);
  }
}

TEST(PowerCut, IsWaitedForOnlyByWritesThatMustSurviveIt) {
  const testing::TemporaryFolder folder;
  SyncRecorder recorder;
  Server server(folder.path());
  ASSERT_TRUE(server.write("a", put("x", Durability::Power)));  // reserves versions too
  const int before = recorder.syncs();
  ASSERT_TRUE(server.write("a", put("y", Durability::Process)));
  EXPECT_EQ(recorder.syncs(), before);
  ASSERT_TRUE(server.write("a", put("z", Durability::Power)));
  EXPECT_GT(recorder.syncs(), before);
}

}  // namespace
}  // namespace kthena::apiserver
