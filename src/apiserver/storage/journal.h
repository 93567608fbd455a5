// The durable half of the storage: what an ObjectStore was told is written survives in a Journal.
// Two implementations: SqliteJournal on a disk, MemoryJournal on the simulated loop.
#pragma once

#include <vector>

#include "apiserver/storage/object.h"
#include "async/task.h"
#include "base/result.h"

namespace kthena::apiserver {

/// What a write must survive once it is acknowledged. The end of our process: always.
enum class Durability : std::uint8_t {
  Process,  ///< a power cut may lose it, together with all that was written after it
  Power,    ///< a power cut too, and so does all that was written before it
};

/// Versions that were reserved but, as far as the journal knows, never used: all `v` with
/// `last < v < next`. Some may have been given out and lost in a power cut, so nobody can say what
/// the objects were like at one of them.
struct Gap {
  Version last = 0;
  Version next = 0;
  friend bool operator==(const Gap&, const Gap&) = default;
};

/// What a journal holds when it is opened.
struct Loaded {
  Version version = 0;             ///< no version up to here will be given again
  Version trimmed = 0;             ///< the log has all changes after this one, and none before
  std::vector<ObjectPtr> objects;  ///< in no order
  std::vector<ChangePtr> log;      ///< oldest first; shares its objects with `objects`
  std::vector<Gap> gaps;           ///< after `trimmed`, oldest first
};

/// Changes that are committed together: all of them or none.
struct Batch {
  std::vector<ChangePtr> changes;  ///< by version; at most one for each object
  Durability durability = Durability::Process;
  Version trim_to = 0;  ///< changes of the log up to this version may be forgotten
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// Reads everything. Once, before the first commit; blocks.
  /// Errors: Internal, in one line, if it is damaged or cannot be read.
  virtual Result<Loaded> load() = 0;

  /// Makes a batch durable. Batches are committed in the order of the calls; several may wait, and
  /// then become durable together. Versions must exceed those of all batches before. Not
  /// cancellable: bounded by the disk.
  /// Errors: Internal with the disk's reason: then nothing of the batch will be found by a load(),
  /// except if the process ends before the next commit. Unavailable once closed.
  virtual async::Task<Result<>> commit(Batch batch) = 0;

  /// Waits for all commits, makes all of them survive a power cut, and refuses further ones.
  virtual async::Task<Result<>> close() = 0;
};

}  // namespace kthena::apiserver
