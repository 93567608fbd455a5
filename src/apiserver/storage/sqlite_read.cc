// How a SqliteTables reads back what it wrote, and finds out whether it is that.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "apiserver/storage/row_digest.h"
#include "apiserver/storage/sqlite.h"
#include "apiserver/storage/sqlite_tables.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {
namespace {

constexpr std::string_view kSelectObjects =
    "SELECT created, resource, namespace, name, uid, version, json, digest FROM objects";
constexpr std::string_view kSelectLog =
    "SELECT version, before, type, at, resource, namespace, name, uid, created, previous_version, "
    "previous_json, last_json, digest FROM log ORDER BY version DESC";
constexpr std::string_view kReadState =
    "SELECT version, trimmed, objects, reserved, gaps, digest FROM state";

std::string key_of(const ObjectPath& path) {
  std::string key = path.resource;
  key.append(1, '\0').append(path.namespace_name).append(1, '\0').append(path.name);
  return key;
}

/// Reads what gaps_text() wrote; what is behind its digest is trusted.
std::vector<Gap> parse_gaps(std::string_view text) {
  std::vector<Gap> gaps;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    Gap gap;
    at = std::from_chars(at, end, gap.last).ptr;
    if (at == end) {
      break;
    }
    at = std::from_chars(at + 1, end, gap.next).ptr;
    gaps.push_back(gap);
    at += at < end ? 1 : 0;
  }
  return gaps;
}

}  // namespace

std::string SqliteTables::State::gaps_text() const {
  std::string text;
  for (const Gap& gap : reservation.gaps) {
    text.append(text.empty() ? "" : " ").append(std::to_string(gap.last));
    text.append("-").append(std::to_string(gap.next));
  }
  return text;
}

std::uint64_t SqliteTables::State::digest() const {
  return RowDigest()
      .number(version)
      .number(trimmed)
      .number(objects)
      .number(reservation.end)
      .text(gaps_text())
      .digest();
}

Result<Loaded> SqliteTables::load() {
  Result<Loaded> loaded = read();
  if (!loaded) {
    return fail(refusal(std::move(loaded).error()));
  }
  State next = state_;
  begin_ = next.reservation.begin_after(state_.version);
  if (!(next == state_)) {
    if (Result<> noted = transact(std::move(next), Durability::Power, {}); !noted) {
      return fail(refusal(std::move(noted).error()));
    }
  }
  loaded->version = begin_;
  loaded->gaps = state_.reservation.gaps;
  return loaded;
}

Result<Loaded> SqliteTables::read() {
  state_ = TRY(read_state());
  ObjectsByKey objects = TRY(read_objects(state_));
  Loaded loaded{.version = 0, .trimmed = state_.trimmed, .objects = {}, .log = {}, .gaps = {}};
  loaded.objects.reserve(objects.size());
  for (const auto& [key, object] : objects) {
    loaded.objects.push_back(object);
  }
  loaded.log = TRY(read_log(state_, std::move(objects)));
  return loaded;
}

Result<SqliteTables::State> SqliteTables::read_state() {
  SqliteStatement& row = *TRY(statement(kReadState));
  row.bind();
  if (!TRY(row.next())) {
    return fail(ErrorCode::Malformed, "its state is missing");
  }
  State state{.version = static_cast<Version>(row.integer(0)),
              .trimmed = static_cast<Version>(row.integer(1)),
              .objects = static_cast<std::uint64_t>(row.integer(2)),
              .reservation = {.end = static_cast<Version>(row.integer(3)),
                              .gaps = parse_gaps(row.text(4))}};
  const auto digest = static_cast<std::uint64_t>(row.integer(5));
  if (TRY(row.next()) || digest != state.digest()) {
    return fail(ErrorCode::Malformed, "its state was altered");
  }
  return state;
}

Result<SqliteTables::ObjectsByKey> SqliteTables::read_objects(const State& state) {
  SqliteStatement& row = *TRY(statement(kSelectObjects));
  ObjectsByKey objects;
  std::uint64_t sum = 0;
  row.bind();
  while (TRY(row.next())) {
    auto identity = std::make_shared<const ObjectIdentity>(
        ObjectIdentity{.path = {.resource = std::string(row.text(1)),
                                .namespace_name = std::string(row.text(2)),
                                .name = std::string(row.text(3))},
                       .uid = std::string(row.text(4)),
                       .created = static_cast<Version>(row.integer(0))});
    auto object = std::make_shared<const StoredObject>(
        StoredObject{.identity = std::move(identity),
                     .version = static_cast<Version>(row.integer(5)),
                     .text = std::string(row.text(6))});
    const std::uint64_t digest = digest_of(*object);
    if (digest != static_cast<std::uint64_t>(row.integer(7)) ||
        !objects.emplace(key_of(object->path()), object).second) {
      return fail(ErrorCode::Malformed,
                  "the object " + object->path().to_string() + " was altered");
    }
    sum += digest;
  }
  if (sum != state.objects) {
    return fail(ErrorCode::Malformed, "objects are missing");
  }
  return objects;
}

Result<std::vector<ChangePtr>> SqliteTables::read_log(const State& state, ObjectsByKey objects) {
  SqliteStatement& row = *TRY(statement(kSelectLog));
  std::vector<ChangePtr> log;
  Version expected = state.version;
  row.bind();
  // From the newest one back, so that what each change made is what the next one says was before.
  while (TRY(row.next())) {
    const auto before = static_cast<Version>(row.integer(1));
    ChangePtr change = TRY(read_change(row, objects));
    if (change == nullptr || change->version() != expected ||
        digest_of(*change, before) != static_cast<std::uint64_t>(row.integer(12))) {
      return fail(ErrorCode::Malformed,
                  "the change of version " + std::to_string(row.integer(0)) + " was altered");
    }
    expected = before;
    log.push_back(std::move(change));
  }
  if (expected != state.trimmed) {
    return fail(ErrorCode::Malformed, "changes are missing");
  }
  std::ranges::reverse(log);
  return log;
}

/// Null if it does not fit what came after it.
Result<ChangePtr> SqliteTables::read_change(const SqliteStatement& row,
                                            ObjectsByKey& objects) const {
  const auto version = static_cast<Version>(row.integer(0));
  ObjectIdentity identity{.path = {.resource = std::string(row.text(4)),
                                   .namespace_name = std::string(row.text(5)),
                                   .name = std::string(row.text(6))},
                          .uid = std::string(row.text(7)),
                          .created = static_cast<Version>(row.integer(8))};
  ObjectPtr& now = objects[key_of(identity.path)];
  Change change{.type = static_cast<ChangeType>(row.integer(2)),
                .object = now,
                .previous = nullptr,
                .at = WallTime(Duration(row.integer(3)))};
  if ((change.type == ChangeType::Deleted) != (now == nullptr)) {
    return nullptr;
  }
  if (now == nullptr) {
    change.object = std::make_shared<const StoredObject>(
        StoredObject{.identity = std::make_shared<const ObjectIdentity>(std::move(identity)),
                     .version = version,
                     .text = std::string(row.text(11))});
  } else if (now->version != version || now->identity->created != identity.created ||
             now->uid() != identity.uid) {
    return nullptr;
  }
  if (!row.is_null(9)) {
    change.previous = std::make_shared<const StoredObject>(
        StoredObject{.identity = change.object->identity,
                     .version = static_cast<Version>(row.integer(9)),
                     .text = std::string(row.text(10))});
  }
  if ((change.type == ChangeType::Added) != (change.previous == nullptr)) {
    return nullptr;
  }
  now = change.previous;
  return std::make_shared<const Change>(std::move(change));
}

}  // namespace kthena::apiserver
