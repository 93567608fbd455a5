// The journal on a disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "async/context.h"
#include "async/task.h"
#include "base/result.h"

namespace kthena::apiserver {

class LockFile;
class SqliteTables;

/// Commits on a thread of its own, in SQLite's write-ahead log: all batches that wait are one
/// transaction, and each is then answered on the loop that waits for it. Another thread copies the
/// log into the database meanwhile.
///
/// Any loop may call commit() and close(); they must outlive what they wait for. The destructor
/// finishes what was begun, and blocks for so long.
class SqliteJournal final : public Journal {
 public:
  struct Options {
    int checkpoint_pages = 1024;  ///< of 4 KiB in the log when it is time to copy them
    Version reserve = 100'000;    ///< versions set aside by one commit
  };

  /// Opens `path`, making it if it is not there; beside it stand path-wal, path-shm and path.lock.
  /// Blocks. Errors: AlreadyExists, naming the process that has it open; Internal in one line if it
  /// is not ours or damaged.
  static Result<std::unique_ptr<SqliteJournal>> open(const std::string& path, Options options);
  static Result<std::unique_ptr<SqliteJournal>> open(const std::string& path) {
    return open(path, {});
  }
  ~SqliteJournal() override;

  Result<Loaded> load() override;
  async::Task<Result<>> commit(Batch batch) override;
  async::Task<Result<>> close() override;

  /// Transactions so far.
  std::uint64_t transactions() const noexcept { return transactions_; }

 private:
  /// A coroutine that waits for the thread, and what it wants.
  class [[nodiscard]] Call final : private async::Resumption {
   public:
    /// Without a batch: close.
    Call(SqliteJournal& journal, const Batch* batch) : journal_(journal), batch_(batch) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) {
      suspend(handle, *handle.promise().context);
      journal_.enqueue(*this);
    }
    Result<> await_resume() { return std::move(answer_); }

    const Batch* batch() const noexcept { return batch_; }
    /// From the journal's thread; afterwards the call belongs to its loop again, and may be gone.
    void answer(Result<> answer) {
      answer_ = std::move(answer);
      context().loop().post([this] { Resumption::run(); });
    }

   private:
    SqliteJournal& journal_;
    const Batch* batch_;
    Result<> answer_;
  };

  SqliteJournal(std::string path, Options options, LockFile lock,
                std::unique_ptr<SqliteTables> tables);
  Result<> start();
  void enqueue(Call& call);

  void serve();
  void serve(const std::vector<Call*>& calls);
  void after_commit();
  void copy_log(class SqliteConnection& connection);

  const std::string path_;
  const Options options_;
  const std::unique_ptr<LockFile> lock_;
  const std::unique_ptr<SqliteTables> tables_;  ///< of the journal's thread once that runs
  bool closed_ = false;                         ///< the thread's

  /// How far the copying of the log is: asked for, and so one after the other.
  enum class Copying : std::uint8_t { Idle, Wanted, Done };

  std::mutex mutex_;  ///< of what follows, up to the threads
  std::condition_variable call_came_;
  std::condition_variable copy_came_;
  std::condition_variable copied_;
  std::vector<Call*> waiting_;
  bool stopping_ = false;
  Copying copying_ = Copying::Idle;

  std::atomic<std::uint64_t> transactions_{0};
  std::thread thread_;
  std::thread copier_;
};

}  // namespace kthena::apiserver
