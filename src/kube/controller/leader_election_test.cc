#include "kube/controller/leader_election.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kube/testing/cluster.h"
#include "kube/testing/seeds.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

/// Who leads now, and whether there were ever two.
struct Leaders {
  std::vector<std::string> now;
  std::vector<std::string> history;
  std::size_t most = 0;
};

/// A process that wants to lead.
class Candidate final : private LeaderTask {
 public:
  using Run = async::Task<void> (LeaderElection::*)(LeaderTask&);
  Candidate(testing::Cluster& cluster, Leaders& leaders, std::string name,
            LeaderElectionOptions options = {}, Run run = &LeaderElection::run)
      : leaders_(leaders),
        name_(std::move(name)),
        client_(cluster.make_client()),
        loop_(cluster.loop),
        scope_(cluster.loop) {
    options.lease = {.namespace_name = "kthena-system", .name = "controller"};
    options.identity = name_;
    options.seed = cluster.loop.random_below(1 << 30) + 1;
    election_.emplace(*LeaderElection::create(*client_, std::move(options)));
    scope_.spawn((*election_.*run)(*this));
  }

  void stop() { scope_.cancel(); }
  bool ended() const { return scope_.running() == 0; }
  const LeaderElection& election() const { return *election_; }

 private:
  async::Task<void> lead() override {
    leaders_.now.push_back(name_);
    leaders_.history.push_back(name_);
    leaders_.most = std::max(leaders_.most, leaders_.now.size());
    (void)co_await async::sleep_for(24h);
    async::PromiseBase& self = co_await async::this_task();
    async::ShieldScope last_work(self);
    (void)co_await async::sleep_for(1ms * static_cast<std::int64_t>(loop_.random_below(4900)));
    std::erase(leaders_.now, name_);
  }

  Leaders& leaders_;
  std::string name_;
  std::unique_ptr<Client> client_;
  async::SimulatedLoop& loop_;
  std::optional<LeaderElection> election_;
  async::TaskScope scope_;
};

class Elections : public ::testing::Test {
 protected:
  ~Elections() override {
    for (const auto& candidate : candidates_) {
      candidate->stop();
    }
    cluster_.loop.run_for(1min);
  }
  Candidate& join(std::string name, LeaderElectionOptions options = {},
                  Candidate::Run how = &LeaderElection::run) {
    candidates_.push_back(
        std::make_unique<Candidate>(cluster_, leaders_, std::move(name), std::move(options), how));
    return *candidates_.back();
  }
  void run(Duration time) { cluster_.loop.run_for(time); }
  json::Value lease_spec() {
    return *cluster_.api
                .find(Lease::kResource, {.namespace_name = "kthena-system", .name = "controller"})
                ->find("spec");
  }

  testing::Cluster cluster_;
  Leaders leaders_;
  std::vector<std::unique_ptr<Candidate>> candidates_;
};

TEST_F(Elections, TheFirstOneLeadsAndTheOthersWait) {
  const Candidate& a = join("a");
  run(1s);
  const Candidate& b = join("b");
  run(10min);
  EXPECT_EQ(leaders_.history, std::vector<std::string>{"a"});
  EXPECT_TRUE(a.election().is_leader());
  EXPECT_FALSE(b.election().is_leader());
  EXPECT_EQ(b.election().leader(), "a");
}

TEST_F(Elections, OneThatStopsHandsOver) {
  Candidate& a = join("a");
  run(1s);
  join("b");
  run(1min);
  a.stop();
  run(10s);  // its last work, and b's next look: far less than the lease's duration after that
  EXPECT_EQ(leaders_.now, std::vector<std::string>{"b"});
  EXPECT_TRUE(a.ended());
  EXPECT_EQ(lease_spec().find("leaseTransitions")->to_int64(), 1);
}

TEST_F(Elections, OneThatDiesIsReplacedOnceItsLeaseHasRunOut) {
  Candidate& a = join("a", {.release_on_stop = LeaderElectionOptions::Release::No});
  run(1s);
  join("b");
  run(1min);
  a.stop();
  run(10s);
  EXPECT_EQ(leaders_.history, std::vector<std::string>{"a"});
  run(10s);
  EXPECT_EQ(leaders_.now, std::vector<std::string>{"b"});
}

TEST_F(Elections, ALeaderThatCannotRenewStopsAndCampaignsAgain) {
  const Candidate& a = join("a");
  run(1min);
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  cluster_.network.black_hole(address, true);
  run(16s);
  EXPECT_FALSE(a.election().is_leader());
  EXPECT_TRUE(leaders_.now.empty());
  cluster_.network.black_hole(address, false);
  run(30s);
  EXPECT_EQ(leaders_.history, (std::vector<std::string>{"a", "a"}));
}

TEST_F(Elections, OneThatWantsToLeadOnceEndsWhenItLosesTheLease) {
  telemetry::Registry registry;
  const telemetry::Gauge gauge = leader_gauge(registry, "controller");
  const Candidate& a = join("a", {.leads = gauge}, &LeaderElection::run_once);
  run(1min);
  EXPECT_EQ(gauge.value(), 1);
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  cluster_.network.black_hole(address, true);
  run(16s);
  EXPECT_EQ(gauge.value(), 0);
  EXPECT_TRUE(a.ended());
  cluster_.network.black_hole(address, false);
}

TEST_F(Elections, WhatOtherClocksShowDoesNotMatter) {
  join("a");
  run(1s);
  join("b");
  run(5s);
  cluster_.loop.jump_wall(-1h);
  run(1min);
  cluster_.loop.jump_wall(3h);
  run(1min);
  EXPECT_EQ(leaders_.history, std::vector<std::string>{"a"});
}

TEST_F(Elections, ALeaderRenewsWithOneRequestATry) {
  join("a");
  run(1min);
  const auto before = cluster_.api.stats().requests;
  run(100s);
  EXPECT_LE(cluster_.api.stats().requests - before, 50U);  // one in 2 to 2.4 s
  EXPECT_GE(cluster_.api.stats().requests - before, 40U);
}

TEST(LeaderElection, EveryIdentityIsAnotherAndBeginsWithTheHost) {
  const std::string a = unique_identity();
  const std::string b = unique_identity();
  EXPECT_NE(a, b);
  EXPECT_EQ(a.substr(0, a.rfind('_')), b.substr(0, b.rfind('_')));
  EXPECT_EQ(a.size() - a.rfind('_'), 1 + 36U);
}

TEST_F(Elections, TimesThatCannotWorkAreRefused) {
  const auto client = cluster_.make_client();
  const auto refused = [&](LeaderElectionOptions options) {
    options.lease = {.namespace_name = "ns", .name = "lease"};
    options.identity = "me";
    return !LeaderElection::create(*client, options).has_value();
  };
  EXPECT_FALSE(refused({}));
  EXPECT_TRUE(refused({.lease_duration = 10s, .renew_deadline = 10s}));
  EXPECT_TRUE(refused({.renew_deadline = 2s, .retry_period = 2s}));
  EXPECT_TRUE(refused({.retry_period = 0s}));
  EXPECT_FALSE(LeaderElection::create(*client, {.lease = {.name = "x"}}).has_value());
}

// Each seed is a history: a bad server, a bad network, candidates that come, stop and die.

async::Task<void> trouble(testing::Cluster& cluster, Leaders& leaders,
                          std::vector<std::unique_ptr<Candidate>>& candidates) {
  const auto address = *net::parse_socket_address(testing::Cluster::kAddress);
  for (int i = 0; i < 4; ++i) {
    (void)co_await async::sleep_for(1s * static_cast<std::int64_t>(cluster.loop.random_below(20)));
    switch (cluster.loop.random_below(4)) {
      case 0:
        cluster.network.black_hole(address, true);
        (void)co_await async::sleep_for(1s *
                                        static_cast<std::int64_t>(cluster.loop.random_below(20)));
        cluster.network.black_hole(address, false);
        break;
      case 1:
        cluster.network.cut(address);
        break;
      case 2:
        cluster.loop.jump_wall(1s * static_cast<std::int64_t>(cluster.loop.random_below(3600)) -
                               30min);
        break;
      default:
        candidates[cluster.loop.random_below(candidates.size())]->stop();
        candidates.push_back(std::make_unique<Candidate>(
            cluster, leaders, "c" + std::to_string(candidates.size()),
            LeaderElectionOptions{.release_on_stop = cluster.loop.random_below(2) == 0
                                                         ? LeaderElectionOptions::Release::No
                                                         : LeaderElectionOptions::Release::Yes}));
    }
  }
}

std::string history(std::uint64_t seed) {
  testing::Cluster cluster(seed);
  cluster.network.set_options({.latency = 1ms, .jitter = 20ms});
  cluster.api.faults = {
      .refuse = 100, .conflict = 50, .lose_request = 100, .lose_answer = 100, .slow = 200};
  Leaders leaders;
  std::vector<std::unique_ptr<Candidate>> candidates;
  for (const char* name : {"a", "b", "c"}) {
    candidates.push_back(std::make_unique<Candidate>(cluster, leaders, name));
  }
  async::TaskScope scope(cluster.loop);
  scope.spawn(trouble(cluster, leaders, candidates));
  cluster.loop.run_for(3min);
  cluster.api.faults = {};
  cluster.loop.run_for(1min);
  std::string fault;
  if (leaders.most > 1) {
    fault = "two led at once";
  } else if (leaders.now.size() != 1) {
    fault = "nobody leads although all is well";
  }
  for (const auto& candidate : candidates) {
    candidate->stop();
  }
  cluster.loop.run_for(1min);
  return leaders.now.empty() ? fault : "one leads although all were stopped";
}

TEST(LeaderElectionProperties, AtMostOneLeadsAtATimeAndSomebodyDoesInTheEnd) {
  const testing::Seeds seeds = testing::seeds(2000, 100);
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    ASSERT_EQ(history(seed), "") << testing::replay(seed);
  }
}

}  // namespace
}  // namespace kthena::kube
