// The keys a controller has to look at: each once, however often it is added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "async/channel.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/random.h"
#include "kube/client/backoff.h"
#include "kube/controller/work_queue_metrics.h"
#include "kube/meta/object.h"

namespace kthena::kube {

/// What a key is in the queue for. Changes go before the rest, so that a resync of everything does
/// not keep a user's edit waiting.
enum class Priority : std::uint8_t { Change, Resync };

struct WorkQueueOptions {
  Backoff backoff;                 ///< between tries of one key that fails
  double retries_per_second = 10;  ///< over all keys
  double retry_burst = 100;        ///< so many retries may come at once
  std::uint64_t seed = 0;          ///< of the jitter; 0: another one in each run
  WorkQueueMetrics metrics = {};   ///< by default nothing is counted
};

/// What it promises:
///  - A key that was added is handed out after its last add(), whatever happens in between.
///  - No key is handed out while somebody still works on it: what is added meanwhile waits for
///    done().
///  - A key stands in the queue once. Those of one priority leave in the order in which they came.
/// One shard.
class WorkQueue {
 public:
  explicit WorkQueue(async::Loop& loop, WorkQueueOptions options = {});
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// Wants the key looked at. A key that waits as a Resync becomes a Change by one.
  void add(const ObjectKey& key, Priority priority = Priority::Change);

  /// The same once `delay` has passed. Of several such wishes the earliest counts; it holds beside
  /// an add() that comes before.
  void add_after(const ObjectKey& key, Duration delay, Priority priority = Priority::Resync);

  /// The same after the back-off of a key that has failed once more. Returns the wait.
  Duration add_after_failure(const ObjectKey& key, Priority priority = Priority::Resync);

  /// The key has succeeded: its next failure is its first.
  void forget(const ObjectKey& key);

  /// The next key, which then is the caller's until done(). Errors: Cancelled, DeadlineExceeded;
  /// NotFound after shut_down(), when nothing is left.
  async::Task<Result<ObjectKey>> take();

  /// Ends what take() began. A key that was added meanwhile is queued again.
  void done(const ObjectKey& key);

  /// Takes nothing new; what waits for a time is dropped, what is queued is still handed out.
  void shut_down();
  bool is_shut_down() const noexcept { return shut_down_; }

  std::size_t size() const noexcept { return queued_; }      ///< ready to be taken
  std::size_t in_work() const noexcept { return in_work_; }  ///< taken and not done
  std::size_t waiting() const noexcept;                      ///< for their time
  std::uint32_t failures(const ObjectKey& key) const;        ///< in a row

  /// How long the oldest key has been in work; zero if none is.
  Duration longest_in_work() const;

 private:
  struct KeyHash {
    std::size_t operator()(const ObjectKey& key) const noexcept;
  };
  class Entry;

  Entry& entry(const ObjectKey& key);
  void enqueue(Entry& entry);
  void on_time(Entry& entry) noexcept;
  void drop_if_idle(Entry& entry);
  Entry* next();
  Duration wait_for_retry_token();

  async::Loop& loop_;
  WorkQueueOptions options_;
  Random random_;
  std::unordered_map<ObjectKey, std::unique_ptr<Entry>, KeyHash> entries_;
  List<Entry> changes_;
  List<Entry> resyncs_;
  std::size_t queued_ = 0;
  std::size_t in_work_ = 0;
  double retry_tokens_;
  Instant retry_tokens_at_{};
  async::Event wake_;  ///< set while something is queued, or for ever after shut_down()
  bool shut_down_ = false;
};

}  // namespace kthena::kube
