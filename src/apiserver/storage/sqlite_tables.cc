#include "apiserver/storage/sqlite_tables.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "apiserver/storage/row_digest.h"
#include "apiserver/storage/sqlite.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {
namespace {

// "KthS"; tells `file` and us whose database it is.
constexpr const char* kApplicationId = "1265920083";
constexpr const char* kFormat = "1";

constexpr const char* kSchema = R"(
BEGIN;
CREATE TABLE objects(
  created INTEGER PRIMARY KEY, resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
  uid TEXT NOT NULL, version INTEGER NOT NULL, json TEXT NOT NULL, digest INTEGER NOT NULL) STRICT;
CREATE TABLE log(
  version INTEGER PRIMARY KEY, before INTEGER NOT NULL, type INTEGER NOT NULL, at INTEGER NOT NULL,
  resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL,
  created INTEGER NOT NULL, previous_version INTEGER, previous_json TEXT, last_json TEXT,
  digest INTEGER NOT NULL) STRICT;
CREATE TABLE state(
  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, trimmed INTEGER NOT NULL,
  objects INTEGER NOT NULL, reserved INTEGER NOT NULL, gaps TEXT NOT NULL,
  digest INTEGER NOT NULL) STRICT;
)";

constexpr std::string_view kInsertObject =
    "INSERT INTO objects(created, resource, namespace, name, uid, version, json, digest) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kUpdateObject =
    "UPDATE objects SET version = ?, json = ?, digest = ? WHERE created = ?";
constexpr std::string_view kDeleteObject = "DELETE FROM objects WHERE created = ?";
constexpr std::string_view kInsertLog =
    "INSERT INTO log(version, before, type, at, resource, namespace, name, uid, created, "
    "previous_version, previous_json, last_json, digest) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?)";
constexpr std::string_view kLastToTrim =
    "SELECT max(version) FROM (SELECT version FROM log WHERE version <= ? ORDER BY version LIMIT "
    "?)";
constexpr std::string_view kTrimLog = "DELETE FROM log WHERE version <= ?";
constexpr std::string_view kWriteState =
    "INSERT OR REPLACE INTO state(one, version, trimmed, objects, reserved, gaps, digest) "
    "VALUES(1, ?, ?, ?, ?, ?, ?)";

std::string system_reason() { return std::system_category().message(errno); }

/// Makes a rename in the folder of `path` survive a power cut.
void sync_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
    ::fsync(fd);
    ::close(fd);
  }
}

}  // namespace

// ---- Opening

SqliteTables::SqliteTables(SqliteConnection connection, std::string path)
    : path_(std::move(path)), connection_(std::move(connection)) {}

Error SqliteTables::damaged(std::string_view what) const {
  return {ErrorCode::Internal, path_ + " is damaged: " + std::string(what)};
}

Error SqliteTables::refusal(Error error) const {
  return error.code() == ErrorCode::Malformed ? damaged(error.message())
                                              : std::move(error).with_context(path_);
}

Result<std::unique_ptr<SqliteTables>> SqliteTables::open(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) {
    if (errno != ENOENT) {
      return fail(ErrorCode::Internal, path + ": " + system_reason());
    }
    if (::access((path + "-wal").c_str(), F_OK) == 0) {
      return fail(ErrorCode::Internal,
                  path + " is damaged: it is missing, but " + path + "-wal is there");
    }
    TRY(with_context(create(path), "making " + path));
  } else if (file.st_size == 0) {
    return fail(ErrorCode::Internal, path + " is damaged: it is empty");
  }
  std::unique_ptr<SqliteTables> tables(
      new SqliteTables(TRY(with_context(SqliteConnection::open(path), path)), path));
  TRY(tables->prepare());
  return tables;
}

/// Under another name first, so that a database is there as a whole or not at all.
Result<> SqliteTables::create(const std::string& path) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  ::unlink((draft + "-journal").c_str());
  // SQLite gives the files beside it the same rights: there are secrets in them.
  const int fd = ::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return fail(ErrorCode::Internal, system_reason());
  }
  ::close(fd);
  {
    SqliteTables tables(TRY(SqliteConnection::open(draft)), draft);
    TRY(tables.connection_.execute("PRAGMA synchronous = FULL"));
    TRY(tables.connection_.execute(kSchema));
    const std::string pragmas = std::string("PRAGMA application_id = ") + kApplicationId +
                                "; PRAGMA user_version = " + kFormat;
    TRY(tables.connection_.execute(pragmas.c_str()));
    TRY(tables.write_state({}));
    TRY(tables.connection_.execute("COMMIT"));
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    return fail(ErrorCode::Internal, system_reason());
  }
  sync_folder(path);
  return {};
}

Result<> SqliteTables::prepare() {
  const Result<std::string> application = connection_.query("PRAGMA application_id");
  if (!application) {
    return fail(refusal(application.error()));
  }
  if (*application != kApplicationId) {
    return fail(ErrorCode::Internal, path_ + " is not a database of Kthena");
  }
  const Result<std::string> format = connection_.query("PRAGMA user_version");
  if (!format || *format != kFormat) {
    return fail(ErrorCode::Internal, path_ + " has format " + format.value_or("?") +
                                         ", and this program knows " + kFormat + " only");
  }
  const Result<> set = connection_.execute(
      "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
      "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 16777216; "
      "PRAGMA synchronous = NORMAL");
  if (!set) {
    return fail(refusal(set.error()));
  }
  const Result<std::string> check = connection_.query("PRAGMA quick_check(1)");
  if (!check) {
    return fail(refusal(check.error()));
  }
  if (*check != "ok") {
    std::string finding = *check;
    std::ranges::replace(finding, '\n', ' ');
    return fail(damaged(finding));
  }
  return {};
}

Result<SqliteStatement*> SqliteTables::statement(std::string_view text) {
  auto known = statements_.find(text);
  if (known == statements_.end()) {
    known = statements_.emplace(text, TRY(connection_.prepare(text))).first;
  }
  return &known->second;
}

// ---- Writing

Result<> SqliteTables::commit(std::span<const Batch* const> batches, Version reserve) {
  State next = state_;
  Durability durability = Durability::Process;
  for (const Batch* batch : batches) {
    durability = std::max(durability, batch->durability);
  }
  const Version last = batches.back()->changes.back()->version();
  if (next.reservation.is_exceeded_by(last)) {
    next.reservation.renew(last, reserve);
    durability = Durability::Power;
  }
  Result<> written = transact(std::move(next), durability, batches);
  if (!written) {
    return fail(refusal(std::move(written).error()));
  }
  return {};
}

Result<> SqliteTables::transact(State next, Durability durability,
                                std::span<const Batch* const> batches) {
  if (broken_) {
    return fail(ErrorCode::Internal, "the disk has failed before; start again");
  }
  if (durability != synchronous_) {
    TRY(connection_.execute(durability == Durability::Power ? "PRAGMA synchronous = FULL"
                                                            : "PRAGMA synchronous = NORMAL"));
    synchronous_ = durability;
  }
  TRY((*TRY(statement("BEGIN IMMEDIATE"))).run());
  Result<> written = write_all(next, batches);
  if (written) {
    written = (*TRY(statement("COMMIT"))).run();
  }
  if (!written) {
    broken_ = connection_.sync_failed();
    if (connection_.in_transaction()) {
      (void)connection_.execute("ROLLBACK");  // NOLINT(bugprone-unused-return-value): did its best
    }
    return written;
  }
  state_ = std::move(next);
  return {};
}

Result<> SqliteTables::write_all(State& next, std::span<const Batch* const> batches) {
  std::size_t written = 0;
  for (const Batch* batch : batches) {
    for (const ChangePtr& change : batch->changes) {
      TRY(write_object(*change));
      TRY(write_log(*change, next.version));
      next.objects -= change->previous ? digest_of(*change->previous) : 0;
      next.objects += change->type == ChangeType::Deleted ? 0 : digest_of(*change->object);
      next.version = change->version();
      ++written;
    }
    if (batch->trim_to > next.trimmed) {
      TRY(trim(batch->trim_to, written, next));
    }
  }
  return write_state(next);
}

Result<> SqliteTables::write_object(const Change& change) {
  const StoredObject& object = *change.object;
  const ObjectIdentity& identity = *object.identity;
  switch (change.type) {
    case ChangeType::Added:
      TRY((*TRY(statement(kInsertObject)))
              .run(identity.created, identity.path.resource, identity.path.namespace_name,
                   identity.path.name, identity.uid, object.version, object.text,
                   digest_of(object)));
      break;
    case ChangeType::Modified:
      TRY((*TRY(statement(kUpdateObject)))
              .run(object.version, object.text, digest_of(object), identity.created));
      break;
    case ChangeType::Deleted:
      TRY((*TRY(statement(kDeleteObject))).run(identity.created));
      break;
  }
  if (connection_.changes() != 1) {
    return fail(ErrorCode::Malformed, "the object " + identity.path.to_string() + " is missing");
  }
  return {};
}

Result<> SqliteTables::write_log(const Change& change, Version before) {
  SqliteStatement& insert = *TRY(statement(kInsertLog));
  const ObjectIdentity& identity = *change.object->identity;
  const auto run = [&](const auto& previous_version, const auto& previous_json,
                       const auto& last_json) {
    return insert.run(change.version(), before, static_cast<int>(change.type),
                      change.at.time_since_epoch().count(), identity.path.resource,
                      identity.path.namespace_name, identity.path.name, identity.uid,
                      identity.created, previous_version, previous_json, last_json,
                      digest_of(change, before));
  };
  if (change.type == ChangeType::Added) {
    return run(nullptr, nullptr, nullptr);
  }
  const StoredObject& previous = *change.previous;
  if (change.type == ChangeType::Modified) {
    return run(previous.version, previous.text, nullptr);
  }
  return run(previous.version, previous.text, change.object->text);
}

/// A bounded number of rows, so that no commit waits long because much has become old at once; but
/// more than are written, so that the log on the disk catches up.
Result<> SqliteTables::trim(Version trim_to, std::size_t written, State& next) {
  SqliteStatement& find = *TRY(statement(kLastToTrim));
  find.bind(trim_to, 256 + 2 * written);
  const bool found = TRY(find.next()) && !find.is_null(0);
  const auto last = static_cast<Version>(found ? find.integer(0) : 0);
  TRY(find.next());
  if (found) {
    TRY((*TRY(statement(kTrimLog))).run(last));
    next.trimmed = last;
    next.reservation.forget_before(last);
  }
  return {};
}

Result<> SqliteTables::write_state(const State& state) {
  return (*TRY(statement(kWriteState)))
      .run(state.version, state.trimmed, state.objects, state.reservation.end, state.gaps_text(),
           state.digest());
}

Result<> SqliteTables::close() {
  State next = state_;
  next.reservation.end = std::max(state_.version, begin_);
  TRY(with_context(transact(std::move(next), Durability::Power, {}), "closing " + path_));
  // What is not copied now is copied when it is opened again.
  // NOLINTNEXTLINE(bugprone-unused-return-value)
  (void)connection_.checkpoint();
  return {};
}

}  // namespace kthena::apiserver
