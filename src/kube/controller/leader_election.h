// Leader election: of several processes, one at a time works, and when it dies another goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "kube/client/client.h"
#include "kube/types/lease.h"
#include "telemetry/metrics.h"

namespace kthena::kube {

struct LeaderElectionOptions {
  ObjectKey lease;       ///< the same for all candidates
  std::string identity;  ///< another for each; see unique_identity()
  /// How long others wait after the last renewal that they saw.
  Duration lease_duration = std::chrono::seconds(15);
  /// How long the leader goes on after its last renewal. What is between the two is the time that
  /// its work has to end.
  Duration renew_deadline = std::chrono::seconds(10);
  Duration retry_period = std::chrono::seconds(2);  ///< between two tries, up to a fifth longer
  enum class Release : bool { No, Yes };
  /// Gives the lease up when told to stop, so that the next one need not wait.
  Release release_on_stop = Release::Yes;
  std::uint64_t seed = 0;  ///< of the jitter; 0: another one in each run
  telemetry::Gauge leads;  ///< 1 while this process leads; an empty one counts nothing
};

/// The gauge of a lease, under the name that client-go gives it.
telemetry::Gauge leader_gauge(telemetry::Registry& registry, std::string_view lease);

/// "<host name>_<UUID>": another one each time, and it tells people which pod it is.
std::string unique_identity();

/// What the leader does.
class LeaderTask {
 public:
  virtual ~LeaderTask() = default;
  /// Begins when this process has become the leader. Cancelled when it is told to stop, or is no
  /// longer sure to be the leader; must have ended before lease_duration - renew_deadline has
  /// passed. If it ends by itself the process stays the leader all the same.
  virtual async::Task<void> lead() = 0;
};

/// Holds a Lease as client-go does. At most one lead() runs at any time, as long as
///  - a cancelled lead() ends within lease_duration - renew_deadline, and
///  - no clock runs faster than another by more than that (only how fast clocks run matters, not
///    what time they show).
/// One shard.
class LeaderElection {
 public:
  /// `client` outlives it. Errors: InvalidArgument (times that cannot work, no name).
  static Result<LeaderElection> create(Client& client, LeaderElectionOptions options);

  /// Campaigns and leads, again and again, until it is cancelled.
  async::Task<void> run(LeaderTask& task);
  /// Campaigns and leads once, until it is cancelled or has lost the lease: for processes that
  /// rather begin anew than go on after that.
  async::Task<void> run_once(LeaderTask& task);

  bool is_leader() const noexcept { return leading_; }
  /// Who held the lease when it was last looked at; empty: nobody, or unknown.
  const std::string& leader() const noexcept { return lease_.spec.holder_identity; }

 private:
  LeaderElection(Client& client, LeaderElectionOptions options);

  async::Task<void> campaign();
  async::Task<void> keep_renewing();
  async::Task<void> release();
  /// One try to take or renew the lease. True: it is ours, since `sent`.
  async::Task<Result<bool>> try_to_hold();
  async::Task<Result<bool>> write(Lease wanted, Instant sent);
  void observe(Lease lease);
  void report(const Error& error);
  bool is_held_by_another() const;
  Lease as_holder() const;
  async::Task<Result<>> pause();

  Client& client_;
  LeaderElectionOptions options_;
  Random random_;
  Lease lease_;               // as last seen
  Instant lease_changed_{};   // when its spec was first seen to be as it is
  Instant renewed_{};         // when the request was sent that renewed it last
  std::string last_failure_;  // as it was logged
  bool holds_ = false;
  bool leading_ = false;
};

}  // namespace kthena::kube
