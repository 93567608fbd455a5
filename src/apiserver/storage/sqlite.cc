#include "apiserver/storage/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {
namespace {

/// What went wrong on `connection` just now, with the system's reason where there is one, in a
/// line.
std::unexpected<Error> failure(sqlite3* connection) {
  std::string message = sqlite3_errmsg(connection);
  std::ranges::replace(message, '\n', ' ');
  const int code = sqlite3_errcode(connection) & 0xff;
  // SQLite does not note it when a commit fails; then it is what the last call left.
  const int noted = sqlite3_system_errno(connection);
  const int reason = noted != 0 ? noted : errno;
  if (reason != 0 && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)) {
    message += ": " + std::system_category().message(reason);
  }
  // SQLITE_ERROR: our statements do not fit its tables.
  const bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
  return fail(damaged ? ErrorCode::Malformed : ErrorCode::Internal, std::move(message));
}

int on_commit(void* pages, sqlite3* /*connection*/, const char* /*database*/, int log_pages) {
  *static_cast<int*>(pages) = log_pages;
  return SQLITE_OK;
}

}  // namespace

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

void SqliteStatement::bind_integer(int index, std::int64_t value) {
  CHECK_EQ(sqlite3_bind_int64(statement_, index, value), SQLITE_OK);
}
void SqliteStatement::bind_text(int index, std::string_view text) {
  // A null pointer would be NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  CHECK_EQ(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8),
           SQLITE_OK);
}
void SqliteStatement::bind_null(int index) {
  CHECK_EQ(sqlite3_bind_null(statement_, index), SQLITE_OK);
}

Result<bool> SqliteStatement::next() {
  errno = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  auto error = failure(connection_);
  sqlite3_reset(statement_);
  return error;
}

Result<> SqliteStatement::finish() {
  while (TRY(next())) {
  }
  return {};
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
std::string_view SqliteStatement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data == nullptr
             ? std::string_view{}
             : std::string_view(data,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}
bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

SqliteConnection::SqliteConnection(sqlite3* connection) : connection_(connection) {}

Result<SqliteConnection> SqliteConnection::open(const std::string& path) {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  CHECK(opened != nullptr);  // else there is no memory
  SqliteConnection connection(opened);
  if (code != SQLITE_OK) {
    return failure(opened);
  }
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, 5000);  // a checkpoint's short moments
  sqlite3_wal_hook(opened, on_commit, connection.log_pages_.get());
  return connection;
}

SqliteConnection::~SqliteConnection() {
  if (connection_ != nullptr) {
    CHECK_EQ(sqlite3_close(connection_), SQLITE_OK);  // a statement was left over
  }
}

Result<> SqliteConnection::execute(const char* statements) {
  if (sqlite3_exec(connection_, statements, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure(connection_);
  }
  return {};
}

Result<std::string> SqliteConnection::query(const char* statement) {
  SqliteStatement prepared = TRY(prepare(statement));
  std::string answer;
  if (TRY(prepared.next())) {
    answer = prepared.text(0);
  }
  return answer;
}

Result<SqliteStatement> SqliteConnection::prepare(std::string_view statement) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v3(connection_, statement.data(), static_cast<int>(statement.size()),
                         SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) != SQLITE_OK) {
    return failure(connection_);
  }
  return SqliteStatement(connection_, prepared);
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

int SqliteConnection::changes() const { return sqlite3_changes(connection_); }

bool SqliteConnection::sync_failed() const {
  const int code = sqlite3_extended_errcode(connection_);
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

Result<SqliteConnection::Checkpoint> SqliteConnection::checkpoint() {
  Checkpoint done;
  const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &done.pages, &done.copied);
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    return failure(connection_);
  }
  return done;
}

}  // namespace kthena::apiserver
