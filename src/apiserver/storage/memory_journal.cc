#include "apiserver/storage/memory_journal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <utility>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "async/simulated_loop.h"
#include "async/task.h"
#include "async/time.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::apiserver {

void MemoryDisk::cut_power(std::size_t keep) {
  if (keep < unsynced_.size()) {
    unsynced_.erase(unsynced_.begin() + static_cast<std::ptrdiff_t>(keep), unsynced_.end());
  }
}

void MemoryDisk::apply(const Batch& batch) {
  for (const ChangePtr& change : batch.changes) {
    CHECK_GT(change->version(), version_);
    if (change->type == ChangeType::Deleted) {
      objects_.erase(change->path());
    } else {
      objects_[change->path()] = change->object;
    }
    log_.push_back(change);
    version_ = change->version();
  }
  const auto kept = std::ranges::find_if(
      log_, [&](const ChangePtr& change) { return change->version() > batch.trim_to; });
  if (kept != log_.begin()) {
    trimmed_ = (*std::prev(kept))->version();
    log_.erase(log_.begin(), kept);
    reservation_.forget_before(trimmed_);
  }
}

void MemoryDisk::sync() {
  for (const Batch& batch : unsynced_) {
    apply(batch);
  }
  unsynced_.clear();
}

Loaded MemoryDisk::load() {
  sync();
  begin_ = reservation_.begin_after(version_);
  Loaded loaded{.version = begin_,
                .trimmed = trimmed_,
                .objects = {},
                .log = log_,
                .gaps = reservation_.gaps};
  for (const auto& [path, object] : objects_) {
    loaded.objects.push_back(object);
  }
  return loaded;
}

void MemoryDisk::commit(Batch batch, Version reserve) {
  CHECK(!batch.changes.empty());
  const Version last = batch.changes.back()->version();
  const bool renews = reservation_.is_exceeded_by(last);
  const bool syncs = renews || batch.durability == Durability::Power;
  unsynced_.push_back(std::move(batch));
  if (syncs) {
    sync();
  }
  if (renews) {
    reservation_.renew(last, reserve);
  }
}

void MemoryDisk::close() {
  sync();
  reservation_.end = std::max(version_, begin_);
}

MemoryJournal::MemoryJournal(async::SimulatedLoop& loop, MemoryDisk& disk, Options options)
    : loop_(loop), disk_(disk), options_(std::move(options)) {}

std::unexpected<Error> MemoryJournal::crash() {
  if (!std::exchange(crashed_, true) && options_.on_crash) {
    options_.on_crash();
  }
  return fail(ErrorCode::Unavailable, "the process has crashed");
}

async::Task<Result<>> MemoryJournal::commit(Batch batch) {
  const async::ShieldScope shield(co_await async::this_task());
  const auto turn = CO_TRY(co_await turn_.acquire());
  if (closed_) {
    co_return fail(ErrorCode::Unavailable, "the journal is closed");
  }
  CO_TRY(co_await async::sleep_for(Duration(static_cast<std::int64_t>(
      loop_.random_below(static_cast<std::uint64_t>(options_.slowest_commit.count()))))));
  if (crashed_ || happens(options_.crash_one_in)) {
    co_return crash();
  }
  if (happens(options_.fail_one_in)) {
    co_return fail(ErrorCode::Internal, "writing the journal: no space left on device");
  }
  disk_.commit(std::move(batch), options_.reserve);
  if (happens(options_.crash_one_in)) {
    co_return crash();
  }
  co_return {};
}

async::Task<Result<>> MemoryJournal::close() {
  const async::ShieldScope shield(co_await async::this_task());
  const auto turn = CO_TRY(co_await turn_.acquire());
  if (crashed_) {
    co_return crash();
  }
  if (!std::exchange(closed_, true)) {
    disk_.close();
  }
  co_return {};
}

}  // namespace kthena::apiserver
