#include "apiserver/storage/sqlite_journal.h"

#include <pthread.h>

#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/lock_file.h"
#include "apiserver/storage/sqlite.h"
#include "apiserver/storage/sqlite_tables.h"
#include "async/task.h"
#include "base/check.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {
namespace {

/// The log may grow to so many times the size at which it is copied.
constexpr int kMostLogs = 16;

}  // namespace

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::string& path,
                                                           Options options) {
  LockFile lock = TRY(with_context(LockFile::take(path + ".lock"), path));
  std::unique_ptr<SqliteTables> tables = TRY(SqliteTables::open(path));
  std::unique_ptr<SqliteJournal> journal(
      new SqliteJournal(path, options, std::move(lock), std::move(tables)));
  TRY(journal->start());
  return journal;
}

SqliteJournal::SqliteJournal(std::string path, Options options, LockFile lock,
                             std::unique_ptr<SqliteTables> tables)
    : path_(std::move(path)),
      options_(options),
      lock_(std::make_unique<LockFile>(std::move(lock))),
      tables_(std::move(tables)) {}

Result<> SqliteJournal::start() {
  auto connection =
      std::make_unique<SqliteConnection>(TRY(with_context(SqliteConnection::open(path_), path_)));
  TRY(with_context(connection->execute("PRAGMA synchronous = NORMAL"), path_));
  try {
    thread_ = std::thread([this] {
      ::pthread_setname_np(::pthread_self(), "storage");
      serve();
    });
    copier_ = std::thread([this, connection = std::move(connection)] {
      ::pthread_setname_np(::pthread_self(), "checkpoints");
      copy_log(*connection);
    });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::Unavailable,
                "starting the storage's threads: " + error.code().message());
  }
  return {};
}

SqliteJournal::~SqliteJournal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  call_came_.notify_one();
  copy_came_.notify_one();
  for (std::thread* thread : {&thread_, &copier_}) {
    if (thread->joinable()) {
      thread->join();
    }
  }
}

Result<Loaded> SqliteJournal::load() { return tables_->load(); }

async::Task<Result<>> SqliteJournal::commit(Batch batch) {
  CHECK(!batch.changes.empty());
  co_return co_await Call(*this, &batch);
}

async::Task<Result<>> SqliteJournal::close() { co_return co_await Call(*this, nullptr); }

void SqliteJournal::enqueue(Call& call) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&call);
  }
  call_came_.notify_one();
}

// ---- The thread that commits

void SqliteJournal::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    call_came_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
    if (waiting_.empty()) {
      return;
    }
    const std::vector<Call*> calls = std::exchange(waiting_, {});
    lock.unlock();
    serve(calls);
    after_commit();
    lock.lock();
  }
}

void SqliteJournal::serve(const std::vector<Call*>& calls) {
  std::vector<const Batch*> batches;
  bool closes = false;
  for (const Call* call : calls) {
    if (call->batch() != nullptr) {
      batches.push_back(call->batch());
    } else {
      closes = true;
    }
  }
  Result<> committed;
  if (closed_) {
    committed = fail(ErrorCode::Unavailable, "the storage is closed");
  } else if (!batches.empty()) {
    committed = tables_->commit(batches, options_.reserve);
    ++transactions_;
  }
  Result<> finished;
  if (closes && !closed_) {
    finished = tables_->close();
    closed_ = true;
  }
  for (Call* call : calls) {
    call->answer(call->batch() != nullptr ? committed : finished);
  }
}

/// Pages that are written while the log is copied keep it from starting over, so under steady load
/// it would grow for ever. Once the other thread has copied most of it, the rest is little enough
/// to do here.
void SqliteJournal::after_commit() {
  if (tables_->connection().log_pages() < options_.checkpoint_pages) {
    return;
  }
  std::unique_lock lock(mutex_);
  if (copying_ == Copying::Idle) {
    copying_ = Copying::Wanted;
    copy_came_.notify_one();
  }
  // Writes that no sync slows down outrun a slow disk: then they wait for it.
  if (tables_->connection().log_pages() >= kMostLogs * options_.checkpoint_pages) {
    copied_.wait(lock, [&] { return copying_ != Copying::Wanted; });
  }
  if (copying_ == Copying::Done) {
    copying_ = Copying::Idle;
    lock.unlock();
    // On a full disk: tried again after a next commit. NOLINTNEXTLINE(bugprone-unused-return-value)
    (void)tables_->connection().checkpoint();
  }
}

// ---- The thread that copies

void SqliteJournal::copy_log(SqliteConnection& connection) {
  std::unique_lock lock(mutex_);
  while (true) {
    copy_came_.wait(lock, [&] { return copying_ == Copying::Wanted || stopping_; });
    if (stopping_ && copying_ != Copying::Wanted) {
      return;  // the other thread may wait for what it wants
    }
    lock.unlock();
    const bool done = connection.checkpoint().has_value();
    lock.lock();
    copying_ = done ? Copying::Done : Copying::Idle;
    copied_.notify_one();
  }
}

}  // namespace kthena::apiserver
