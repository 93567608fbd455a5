// A whole controller against a bad server on a bad network: each seed is a history.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "kube/controller/controller.h"
#include "kube/controller/watches.h"
#include "kube/testing/cluster.h"
#include "kube/testing/seeds.h"
#include "kube/types/lease.h"
#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

/// Every pod has a lease of its name that carries the pod's node; the lease of no pod goes.
class LeaseForEachPod final : public Reconciler {
 public:
  LeaseForEachPod(Client& client, Informer<Pod>& pods, Informer<Lease>& leases)
      : client_(client), pods_(pods), leases_(leases) {}

  async::Task<Result<Requeue>> reconcile(ObjectKey key) override {
    const Busy busy(*this, key);
    const auto pod = pods_.store().find(key);
    const auto lease = leases_.store().find(key);
    if (pod == nullptr && lease != nullptr) {
      const auto removed = co_await client_.remove<Lease>(key, {.uid = lease->metadata.uid});
      if (!removed && removed.error().code() != ErrorCode::NotFound) {
        co_return fail(removed.error());
      }
    } else if (pod != nullptr && lease == nullptr) {
      CO_TRY(co_await client_.create(wanted(*pod)));
    } else if (pod != nullptr && lease->spec.holder_identity != pod->spec.node_name) {
      Lease changed = *lease;
      changed.spec.holder_identity = pod->spec.node_name;
      CO_TRY(co_await client_.update(changed));
    }
    co_return Requeue::never();
  }

  std::string fault;

 private:
  /// A key in work.
  struct Busy {
    Busy(LeaseForEachPod& owner_in, const ObjectKey& key_in) : owner(owner_in), key(key_in) {
      if (!owner.busy_.insert(key).second) {
        owner.fault = "a key was in work twice";
      }
    }
    ~Busy() { owner.busy_.erase(key); }
    LeaseForEachPod& owner;
    const ObjectKey& key;
  };

  static Lease wanted(const Pod& pod) {
    Lease lease;
    lease.metadata.namespace_name = pod.metadata.namespace_name;
    lease.metadata.name = pod.metadata.name;
    lease.metadata.owner_references.push_back(controller_reference(pod));
    lease.spec.holder_identity = pod.spec.node_name;
    return lease;
  }

  Client& client_;
  Informer<Pod>& pods_;
  Informer<Lease>& leases_;
  std::set<ObjectKey> busy_;
};

/// A process that runs the controller; may be started again between any two calls.
class Process {
 public:
  Process(testing::Cluster& cluster, std::uint64_t seed)
      : client_(cluster.make_client()),
        pods_(*client_, {.reflector = {.seed = seed}}),
        leases_(*client_, {.reflector = {.seed = seed + 1}}),
        reconciler_(*client_, pods_, leases_),
        controller_(cluster.loop, "test", reconciler_, {.workers = 3, .queue = {.seed = seed}}),
        on_pods_(enqueue_changes(pods_, controller_.queue())),
        on_leases_(enqueue_changes(leases_, controller_.queue())),
        tasks_(cluster.loop) {
    tasks_.spawn(pods_.run());
    tasks_.spawn(leases_.run());
    tasks_.spawn(work());
  }

  void kill() { tasks_.cancel(); }
  bool ended() const { return tasks_.running() == 0; }
  const std::string& fault() const { return reconciler_.fault; }

 private:
  async::Task<void> work() {
    if (!co_await pods_.wait_synced() || !co_await leases_.wait_synced()) {
      co_return;
    }
    co_await controller_.run();
  }

  std::unique_ptr<Client> client_;
  Informer<Pod> pods_;
  Informer<Lease> leases_;
  LeaseForEachPod reconciler_;
  Controller controller_;
  std::unique_ptr<Informer<Pod>::Subscription> on_pods_;
  std::unique_ptr<Informer<Lease>::Subscription> on_leases_;
  async::TaskScope tasks_;
};

void change_something(testing::Cluster& cluster) {
  json::Value metadata;
  metadata.set("namespace", "default");
  metadata.set("name", std::string(1, static_cast<char>('a' + cluster.loop.random_below(5))));
  json::Value spec;
  spec.set("nodeName", "n" + std::to_string(cluster.loop.random_below(100)));
  json::Value object;
  object.set("metadata", std::move(metadata));
  object.set("spec", std::move(spec));
  const ObjectKey key{.namespace_name = "default",
                      .name = object.find("metadata")->find("name")->as_string()};
  switch (cluster.loop.random_below(4)) {
    case 0:
      cluster.api.remove(Pod::kResource, key);
      break;
    case 1:
      cluster.api.remove(Lease::kResource, key);  // somebody meddles
      break;
    default:
      cluster.api.put(Pod::kResource, std::move(object));
  }
}

using Nodes = std::map<std::string, std::string>;

Nodes nodes_of(const testing::Cluster& cluster, const ResourceType& type, std::string_view field) {
  Nodes nodes;
  for (const auto& [key, object] : cluster.api.objects(type)) {
    nodes[key.name] = object.find("spec")->find(field)->as_string();
  }
  return nodes;
}

std::string history(std::uint64_t seed) {
  testing::Cluster cluster(seed);
  cluster.network.set_options({.latency = 1ms, .jitter = 5ms});
  cluster.api.faults = {.refuse = 50,
                        .conflict = 50,
                        .lose_request = 50,
                        .lose_answer = 50,
                        .slow = 50,
                        .forget = 20,
                        .cut_watch = 50,
                        .end_watch = 30,
                        .repeat = 50,
                        .delay = 100};
  std::string fault;
  std::optional<Process> process;
  process.emplace(cluster, seed);
  for (int i = 0; i < 20; ++i) {
    change_something(cluster);
    cluster.loop.run_for(1ms * static_cast<std::int64_t>(cluster.loop.random_below(3000)));
    if (cluster.loop.random_below(8) == 0) {
      process->kill();
      cluster.loop.run_for(5s);
      fault += process->ended() ? "" : "did not end when it was told to";
      fault += process->fault();
      process.reset();
      process.emplace(cluster, seed + static_cast<std::uint64_t>(i));
    }
  }
  cluster.api.faults = {};
  cluster.loop.run_for(5min);
  if (nodes_of(cluster, Lease::kResource, "holderIdentity") !=
      nodes_of(cluster, Pod::kResource, "nodeName")) {
    fault += "the world is not as it should be";
  }
  const auto writes = cluster.api.stats().writes;
  cluster.loop.run_for(10min);
  fault += cluster.api.stats().writes == writes ? "" : "writes although nothing changes";
  process->kill();
  cluster.loop.run_for(5s);
  return fault + process->fault();
}

TEST(ControllerProperties, TheWorldBecomesAsItShouldBeWhateverFails) {
  const testing::Seeds seeds = testing::seeds(5000, 250);
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    ASSERT_EQ(history(seed), "") << testing::replay(seed);
  }
}

}  // namespace
}  // namespace kthena::kube
