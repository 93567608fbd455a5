// A journal in memory for the simulated loop: a disk that outlives crashes, at points that the seed
// chooses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "apiserver/storage/journal.h"
#include "apiserver/storage/object.h"
#include "apiserver/storage/reservation.h"
#include "async/channel.h"
#include "async/simulated_loop.h"
#include "base/clock.h"
#include "base/result.h"

namespace kthena::apiserver {

/// What is on the simulated disk. One MemoryJournal after the other opens it.
class MemoryDisk {
 public:
  /// Loses all batches after the last one that survives a power cut, but for the first `keep` of
  /// them.
  void cut_power(std::size_t keep);
  /// How many batches a power cut may lose.
  std::size_t unsynced() const noexcept { return unsynced_.size(); }

 private:
  friend class MemoryJournal;
  Loaded load();
  void commit(Batch batch, Version reserve);
  void close();
  void apply(const Batch& batch);
  void sync();

  std::map<ObjectPath, ObjectPtr> objects_;
  std::vector<ChangePtr> log_;
  Version version_ = 0;
  Version trimmed_ = 0;
  Version begin_ = 0;  ///< where versions began when it was last opened
  Reservation reservation_;
  std::vector<Batch> unsynced_;  ///< in the order of commits; not yet in what is above
};

/// The simulated loop's journal. A commit takes some time; before and after it the process may
/// crash: then `on_crash` is called and nothing is committed any more, every commit answers
/// Unavailable, and whoever runs the simulation lets go of the store and opens the disk anew.
class MemoryJournal final : public Journal {
 public:
  struct Options {
    Duration slowest_commit = std::chrono::milliseconds(5);
    std::uint64_t crash_one_in = 0;  ///< of the moments before and after commits; 0: none
    std::uint64_t fail_one_in = 0;   ///< of the commits, as a full disk does; 0: none
    Version reserve = 1000;          ///< versions set aside by one commit
    std::function<void()> on_crash = {};
  };

  /// Both outlive it.
  MemoryJournal(async::SimulatedLoop& loop, MemoryDisk& disk, Options options);
  MemoryJournal(async::SimulatedLoop& loop, MemoryDisk& disk) : MemoryJournal(loop, disk, {}) {}

  Result<Loaded> load() override { return disk_.load(); }
  async::Task<Result<>> commit(Batch batch) override;
  async::Task<Result<>> close() override;

  bool crashed() const noexcept { return crashed_; }

 private:
  bool happens(std::uint64_t one_in) { return one_in != 0 && loop_.random_below(one_in) == 0; }
  std::unexpected<Error> crash();

  async::SimulatedLoop& loop_;
  MemoryDisk& disk_;
  Options options_;
  async::Semaphore turn_{1};
  bool crashed_ = false;
  bool closed_ = false;
};

}  // namespace kthena::apiserver
