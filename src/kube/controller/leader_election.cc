#include "kube/controller/leader_election.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "async/scope.h"
#include "async/time.h"
#include "telemetry/log.h"

namespace kthena::kube {

using namespace std::chrono_literals;

namespace {

constexpr double kJitter = 0.2;
constexpr Duration kLongestRelease = 2s;

std::int32_t whole_seconds(Duration duration) {
  return static_cast<std::int32_t>(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace

telemetry::Gauge leader_gauge(telemetry::Registry& registry, std::string_view lease) {
  return registry
      .gauges("leader_election_master_status", "Whether this process holds the lease.", {"name"})
      .with({lease});
}

std::string unique_identity() {
  std::array<char, 256> host = {};
  if (::gethostname(host.data(), host.size() - 1) != 0) {
    host[0] = '\0';
  }
  return fmt::format("{}_{}", host.data(), uuid_v4());
}

Result<LeaderElection> LeaderElection::create(Client& client, LeaderElectionOptions options) {
  if (options.lease.name.empty() || options.lease.namespace_name.empty()) {
    return fail(ErrorCode::InvalidArgument, "leader election: the lease needs name and namespace");
  }
  if (options.identity.empty()) {
    return fail(ErrorCode::InvalidArgument, "leader election: the identity is empty");
  }
  if (options.lease_duration < 1s || options.lease_duration <= options.renew_deadline) {
    return fail(ErrorCode::InvalidArgument,
                "leader election: the lease duration must be longer than the renew deadline, and "
                "at least 1s");
  }
  if (options.retry_period <= Duration::zero() ||
      options.renew_deadline <= options.retry_period * (1 + kJitter)) {
    return fail(ErrorCode::InvalidArgument,
                "leader election: the renew deadline must be longer than 1.2 retry periods");
  }
  return LeaderElection(client, std::move(options));
}

LeaderElection::LeaderElection(Client& client, LeaderElectionOptions options)
    : client_(client),
      options_(std::move(options)),
      random_(options_.seed != 0 ? options_.seed : random_seed()) {}

async::Task<void> LeaderElection::run(LeaderTask& task) {
  async::PromiseBase& self = co_await async::this_task();
  while (!self.context->cancelled()) {
    co_await run_once(task);
  }
}

async::Task<void> LeaderElection::run_once(LeaderTask& task) {
  async::PromiseBase& self = co_await async::this_task();
  co_await campaign();
  if (!holds_) {
    co_return;  // cancelled
  }
  log::info("leads", kv("lease", options_.lease), kv("identity", options_.identity));
  leading_ = true;
  options_.leads.set(1);
  {
    async::TaskScope work(self.context->loop(), self.context);
    work.spawn(task.lead());
    co_await keep_renewing();
    co_await work.stop();
  }
  leading_ = false;
  options_.leads.set(0);
  if (self.context->cancelled()) {
    log::info("was told to stop, leads no more", kv("lease", options_.lease));
    co_await release();
  } else {
    log::error("leads no more", kv("lease", options_.lease), kv("leader", leader()));
  }
}

/// Until the lease is ours, or the task is cancelled.
async::Task<void> LeaderElection::campaign() {
  holds_ = false;
  while (true) {
    Result<bool> held = false;
    {
      async::DeadlineScope limit(co_await async::this_task(), options_.renew_deadline);
      held = co_await try_to_hold();
    }
    if (held && *held) {
      holds_ = true;
      co_return;
    }
    if (held) {
      last_failure_.clear();
    } else if (held.error().code() != ErrorCode::Conflict) {
      report(held.error());
    }
    if (!co_await pause()) {
      co_return;
    }
  }
}

/// Once for each kind of failure: without a right, or without a server, it fails every two seconds.
void LeaderElection::report(const Error& error) {
  if (error.code() != ErrorCode::Cancelled && last_failure_ != error.message()) {
    last_failure_ = error.message();
    log::warn("cannot take part in the election of a leader, tries again",
              kv("lease", options_.lease), kv("error", error));
  }
}

/// Until it is not sure any more that the lease is ours, or the task is cancelled.
async::Task<void> LeaderElection::keep_renewing() {
  async::PromiseBase& self = co_await async::this_task();
  async::DeadlineScope sure(self, renewed_ + options_.renew_deadline);
  while (co_await pause()) {
    const Result<bool> held = co_await try_to_hold();
    if (held && !*held) {
      break;  // another has it
    }
    if (held) {
      sure.extend(renewed_ + options_.renew_deadline);
    } else if (!self.context->cancelled()) {
      log::warn("cannot renew the lease", kv("lease", options_.lease), kv("error", held.error()));
    }
  }
  holds_ = false;
}

async::Task<Result<>> LeaderElection::pause() {
  const auto more = options_.retry_period * (kJitter * random_.uniform_double());
  co_return co_await async::sleep_for(options_.retry_period +
                                      std::chrono::duration_cast<Duration>(more));
}

async::Task<Result<bool>> LeaderElection::try_to_hold() {
  async::Loop& loop = client_.loop();
  const Instant sent = loop.now();
  if (holds_) {  // mostly nothing has changed since: one request instead of two
    Result<bool> renewed = co_await write(as_holder(), sent);
    if (renewed || renewed.error().code() != ErrorCode::Conflict) {
      co_return renewed;
    }
  }
  Result<Lease> now = co_await client_.get<Lease>(options_.lease);
  if (!now && now.error().code() != ErrorCode::NotFound) {
    co_return fail(std::move(now).error());
  }
  if (!now) {
    lease_ = Lease{};
    observe(CO_TRY(co_await client_.create(as_holder())));
    renewed_ = sent;
    co_return true;
  }
  observe(*std::move(now));
  if (is_held_by_another()) {
    co_return false;
  }
  const Instant taken = loop.now();
  co_return co_await write(as_holder(), taken);
}

/// Errors: Conflict if another was faster.
async::Task<Result<bool>> LeaderElection::write(Lease wanted, Instant sent) {
  observe(CO_TRY(co_await client_.update(wanted)));
  renewed_ = sent;  // others may have seen it since then
  co_return true;
}

void LeaderElection::observe(Lease lease) {
  if (lease.spec != lease_.spec) {
    lease_changed_ = client_.loop().now();
  }
  const bool is_new = lease.spec.holder_identity != leader();
  lease_ = std::move(lease);
  if (is_new && !leader().empty() && leader() != options_.identity) {
    log::info("another holds the lease", kv("lease", options_.lease), kv("leader", leader()));
  }
}

bool LeaderElection::is_held_by_another() const {
  const LeaseSpec& spec = lease_.spec;
  if (spec.holder_identity.empty() || spec.holder_identity == options_.identity) {
    return false;
  }
  const Duration duration = spec.lease_duration_seconds
                                ? Duration(std::chrono::seconds(*spec.lease_duration_seconds))
                                : options_.lease_duration;
  return client_.loop().now() < lease_changed_ + duration;
}

/// The lease as it is once it is ours.
Lease LeaderElection::as_holder() const {
  Lease lease = lease_;
  lease.metadata.name = options_.lease.name;
  lease.metadata.namespace_name = options_.lease.namespace_name;
  LeaseSpec& spec = lease.spec;
  const MicroTime now{client_.loop().wall_now()};
  if (spec.holder_identity != options_.identity) {
    spec.acquire_time = now;
    spec.lease_transitions =
        lease.metadata.resource_version.empty() ? 0 : spec.lease_transitions.value_or(0) + 1;
  }
  spec.holder_identity = options_.identity;
  spec.lease_duration_seconds = whole_seconds(options_.lease_duration);
  spec.renew_time = now;
  return lease;
}

/// The work has ended: the next one may begin at once.
async::Task<void> LeaderElection::release() {
  if (options_.release_on_stop == LeaderElectionOptions::Release::No ||
      lease_.spec.holder_identity != options_.identity) {
    co_return;
  }
  async::PromiseBase& self = co_await async::this_task();
  async::ShieldScope shield(self);
  async::DeadlineScope limit(self, kLongestRelease);
  Lease free = lease_;
  free.spec.holder_identity.clear();
  free.spec.lease_duration_seconds = 1;
  const Result<Lease> released = co_await client_.update(free);
  if (!released) {
    log::info("the lease was not given up, it will run out", kv("error", released.error()));
  }
}

}  // namespace kthena::kube
