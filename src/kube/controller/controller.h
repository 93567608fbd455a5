// A controller: workers that take keys from a queue and reconcile them, until they are told to
// stop.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "async/scope.h"
#include "base/result.h"
#include "kube/controller/reconcile_metrics.h"
#include "kube/controller/work_queue.h"

namespace kthena::kube {

/// When a key that was reconciled is to be looked at again although nothing changes.
class Requeue {
 public:
  static Requeue never() { return Requeue(); }
  /// Once `delay` has passed, or earlier if something changes. Zero: at once, behind the others.
  static Requeue after(Duration delay) {
    Requeue requeue;
    requeue.delay_ = delay;
    return requeue;
  }
  /// Of two wishes the earlier.
  static Requeue sooner(const Requeue& a, const Requeue& b) {
    return !a.delay_ || (b.delay_ && *b.delay_ < *a.delay_) ? b : a;
  }

  const std::optional<Duration>& delay() const noexcept { return delay_; }
  friend bool operator==(const Requeue&, const Requeue&) = default;

 private:
  std::optional<Duration> delay_;
};

/// Brings the world one step closer to what an object asks for. Level-triggered: the key says which
/// object, never what happened to it; right after a restart, twice in a row and on stale caches.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  /// Errors: Conflict and Expired are part of life and are tried again quietly; others are logged
  /// and tried again.
  virtual async::Task<Result<Requeue>> reconcile(ObjectKey key) = 0;
};

struct ControllerOptions {
  unsigned workers = 5;                           ///< keys in work at the same time
  Duration time_limit = std::chrono::minutes(2);  ///< of one reconcile; then it counts as failed
  WorkQueueOptions queue = {};
  ReconcileMetrics metrics = {};
};

/// One shard.
class Controller {
 public:
  /// @param name        in logs and metrics, for example "modelserving"
  /// @param reconciler  outlives the controller
  Controller(async::Loop& loop, std::string name, Reconciler& reconciler,
             ControllerOptions options = {});

  /// What is to be looked at: event handlers add to it.
  WorkQueue& queue() noexcept { return queue_; }

  /// Works until it is cancelled; then takes no more keys, and returns once those in work have
  /// ended. The caches that the reconciler reads should be synced before: a key that is looked at
  /// too early is looked at again, but what is missing may look like deleted.
  async::Task<void> run();

  const std::string& name() const noexcept { return name_; }

 private:
  async::Task<void> work();
  async::Task<void> handle(ObjectKey key);
  async::Task<Result<Requeue>> attempt(const ObjectKey& key);
  void on_success(const ObjectKey& key, const Requeue& requeue);
  void on_failure(const ObjectKey& key, const Error& error);

  std::string name_;
  Reconciler& reconciler_;
  ControllerOptions options_;
  WorkQueue queue_;
};

}  // namespace kthena::kube
