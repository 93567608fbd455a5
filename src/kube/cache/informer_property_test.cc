// What must hold of informers whatever the server and the network do: each seed is a history.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kube/cache/informer.h"
#include "kube/testing/cluster.h"
#include "kube/testing/seeds.h"
#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

json::Value random_pod(async::SimulatedLoop& loop) {
  json::Value metadata;
  metadata.set("namespace", "default");
  metadata.set("name", std::string(1, static_cast<char>('a' + loop.random_below(8))));
  json::Value spec;
  spec.set("nodeName", "n" + std::to_string(loop.random_below(100)));
  json::Value pod;
  pod.set("metadata", std::move(metadata));
  pod.set("spec", std::move(spec));
  return pod;
}

/// Applies what it hears to a copy of its own, and notes what cannot be.
class Listener {
 public:
  void listen(Informer<Pod>& informer) {
    subscription_ = informer.subscribe(
        {.added = [this](const auto& now) { add(*now); },
         .updated = [this](const auto& before, const auto& now) { update(*before, *now); },
         .deleted = [this](const auto& last) { remove(*last); }});
  }
  void stop() { subscription_.reset(); }

  std::map<ObjectKey, std::string> versions;
  std::string fault;

 private:
  void add(const Pod& now) {
    if (!versions.emplace(now.metadata.key(), now.metadata.resource_version).second) {
      fault += " added twice: " + now.metadata.name;
    }
  }
  void update(const Pod& before, const Pod& now) {
    std::string& version = versions[now.metadata.key()];
    if (version != before.metadata.resource_version) {
      fault += " updated from what it was not: " + now.metadata.name;
    }
    version = now.metadata.resource_version;
  }
  void remove(const Pod& last) {
    if (versions.erase(last.metadata.key()) == 0) {
      fault += " deleted twice: " + last.metadata.name;
    }
  }
  std::unique_ptr<Informer<Pod>::Subscription> subscription_;
};

async::Task<void> change(testing::Cluster& cluster) {
  for (int i = 0; i < 25; ++i) {
    const json::Value pod = random_pod(cluster.loop);
    if (cluster.loop.random_below(3) == 0) {
      cluster.api.remove(Pod::kResource, {.namespace_name = "default",
                                          .name = pod.find("metadata")->find("name")->as_string()});
    } else {
      cluster.api.put(Pod::kResource, pod);
    }
    if (cluster.loop.random_below(20) == 0) {
      cluster.api.cut_watches();
    }
    (void)co_await async::sleep_for(1ms *
                                    static_cast<std::int64_t>(cluster.loop.random_below(2000)));
  }
}

std::string history(std::uint64_t seed) {
  testing::Cluster cluster(seed);
  cluster.network.set_options({.latency = 1ms, .jitter = 5ms, .max_slice = 1 + seed % 200});
  cluster.api.faults = {.refuse = 50,
                        .lose_request = 50,
                        .lose_answer = 50,
                        .slow = 50,
                        .forget = 30,
                        .cut_watch = 50,
                        .end_watch = 30,
                        .repeat = 50,
                        .delay = 50};
  const auto client = cluster.make_client();
  Listener listener;
  std::map<ObjectKey, std::string> truth;
  {
    Informer<Pod> informer(
        *client, {.reflector = {.initial = seed % 2 == 0 ? InitialList::Pages : InitialList::Stream,
                                .page_size = 3,
                                .watch_for = 20s,
                                .seed = seed}});
    async::TaskScope tasks(cluster.loop);
    listener.listen(informer);
    tasks.spawn(informer.run());
    tasks.spawn(change(cluster));
    cluster.loop.run_for(1min);
    cluster.api.faults = {};
    cluster.loop.run_for(3min);
    for (const auto& [key, object] : cluster.api.objects(Pod::kResource)) {
      truth[key] = object.find("metadata")->find("resourceVersion")->as_string();
    }
    tasks.cancel();
    cluster.loop.run_for(1s);
    listener.stop();
  }
  if (!listener.fault.empty()) {
    return listener.fault;
  }
  return listener.versions == truth ? "" : "the copy differs from what the server has";
}

TEST(InformerProperties, StoresConvergeToTheServersState) {
  const testing::Seeds seeds = testing::seeds(60000, 3000);
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    ASSERT_EQ(history(seed), "") << testing::replay(seed);
  }
}

}  // namespace
}  // namespace kthena::kube
