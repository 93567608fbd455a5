// SQLite behind our errors: a connection and its prepared statements. Hides sqlite3.h.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace kthena::apiserver {

/// A statement that is used again and again. One thread, that of its connection.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* connection, sqlite3_stmt* statement) noexcept
      : connection_(connection), statement_(statement) {}
  SqliteStatement(SqliteStatement&& other) noexcept
      : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  ~SqliteStatement();

  /// Runs it to its end with these values for its parameters. Texts need not outlive the call.
  template <class... Values>
  Result<> run(const Values&... values) {
    bind(values...);
    return finish();
  }
  /// For statements that answer rows: bind(), then next() while it is true. Texts that were bound
  /// live that long.
  template <class... Values>
  void bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
  }
  /// Whether there is a row; after the last one, and after an error, it may be bound anew.
  Result<bool> next();

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  ///< valid until next()
  bool is_null(int column) const;

 private:
  void bind_one(int index, std::integral auto value) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind_one(int index, std::string_view text) { bind_text(index, text); }
  void bind_one(int index, std::nullptr_t) { bind_null(index); }
  void bind_integer(int index, std::int64_t value);
  void bind_text(int index, std::string_view text);
  void bind_null(int index);
  Result<> finish();

  sqlite3* connection_;
  sqlite3_stmt* statement_;
};

/// One connection, used by one thread at a time. Errors say nothing of the file, which the caller
/// knows: Malformed if the database is damaged, else Internal ("disk I/O error: File too large").
class SqliteConnection {
 public:
  /// Opens a file that exists.
  static Result<SqliteConnection> open(const std::string& path);
  SqliteConnection(SqliteConnection&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)),
        log_pages_(std::move(other.log_pages_)) {}
  SqliteConnection& operator=(SqliteConnection&&) = delete;
  ~SqliteConnection();

  /// Runs statements that have no parameters and whose rows do not matter.
  Result<> execute(const char* statements);
  /// The first column of the first row, as it would be printed; empty if there is no row.
  Result<std::string> query(const char* statement);
  Result<SqliteStatement> prepare(std::string_view statement);
  bool in_transaction() const;
  /// Rows that the last statement changed.
  int changes() const;

  /// Whether the last error was that the disk did not confirm that data had reached it. What had
  /// been written before may be lost then, whatever later calls answer.
  bool sync_failed() const;

  struct Checkpoint {
    int pages = 0;   ///< in the write-ahead log
    int copied = 0;  ///< of them now in the database
  };
  /// Copies the write-ahead log into the database as far as possible without waiting for anybody.
  Result<Checkpoint> checkpoint();
  /// Pages that the write-ahead log had after the last commit of this connection.
  int log_pages() const noexcept { return *log_pages_; }

 private:
  explicit SqliteConnection(sqlite3* connection);
  sqlite3* connection_;
  std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);
};

}  // namespace kthena::apiserver
