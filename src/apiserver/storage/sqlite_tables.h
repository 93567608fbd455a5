// What a journal's database looks like: its tables, how changes are written into them, how they are
// read back and checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "apiserver/storage/reservation.h"
#include "apiserver/storage/sqlite.h"
#include "base/result.h"

namespace kthena::apiserver {

/// The database of a SqliteJournal. One thread at a time.
///
/// `objects` has each object's present text, in the row whose number is the version that created
/// it. `log` has each change with the text before it, and the number of the change before, so that
/// a lost row is noticed. `state` is one row: what the two must add up to. All rows have a digest,
/// because SQLite itself does not notice a flipped bit in a text.
class SqliteTables {
 public:
  /// Opens the database, and makes it if there is none.
  /// Errors: Internal, in one line, if it is not ours, of another version, or damaged.
  static Result<std::unique_ptr<SqliteTables>> open(const std::string& path);

  /// Reads everything, and notes that versions begin anew. Errors: Internal.
  Result<Loaded> load();

  /// Writes batches in one transaction. `reserve`: so many versions are set aside at a time.
  /// Errors: Internal; then nothing was written.
  Result<> commit(std::span<const Batch* const> batches, Version reserve);

  /// Gives back the versions that were set aside, makes all survive a power cut, and tidies up.
  Result<> close();

  SqliteConnection& connection() noexcept { return connection_; }

 private:
  struct State {
    Version version = 0;        ///< of the newest change
    Version trimmed = 0;        ///< of the newest change that the log no longer has
    std::uint64_t objects = 0;  ///< the digests of all objects, added up
    Reservation reservation;

    std::string gaps_text() const;
    std::uint64_t digest() const;
    friend bool operator==(const State&, const State&) = default;
  };
  using ObjectsByKey = std::unordered_map<std::string, ObjectPtr>;

  SqliteTables(SqliteConnection connection, std::string path);
  static Result<> create(const std::string& path);
  Result<> prepare();
  /// The statement, prepared once; `text` is a literal.
  Result<SqliteStatement*> statement(std::string_view text);

  Result<Loaded> read();
  Result<State> read_state();
  Result<ObjectsByKey> read_objects(const State& state);
  Result<std::vector<ChangePtr>> read_log(const State& state, ObjectsByKey objects);
  Result<ChangePtr> read_change(const SqliteStatement& row, ObjectsByKey& objects) const;

  Result<> transact(State next, Durability durability, std::span<const Batch* const> batches);
  Result<> write_all(State& next, std::span<const Batch* const> batches);
  Result<> write_object(const Change& change);
  Result<> write_log(const Change& change, Version before);
  Result<> trim(Version trim_to, std::size_t written, State& next);
  Result<> write_state(const State& state);

  Error damaged(std::string_view what) const;
  /// As whoever opened it is told: Malformed becomes "PATH is damaged".
  Error refusal(Error error) const;

  std::string path_;
  SqliteConnection connection_;
  State state_;
  Version begin_ = 0;  ///< where versions began when this was loaded
  Durability synchronous_ = Durability::Process;
  bool broken_ = false;  ///< the disk may have lost what it had taken
  std::map<std::string_view, SqliteStatement> statements_;
};

}  // namespace kthena::apiserver
