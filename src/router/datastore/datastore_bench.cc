// What an event costs in a large cluster: 10,000 pods, 2,000 servers, 2,000 routes.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "router/datastore/datastore.h"

namespace kthena::router {
namespace {

constexpr int kServers = 2000;
constexpr int kPods = 10'000;

kube::Pod pod(int index, int servers, bool ready) {
  kube::Pod pod;
  pod.metadata.namespace_name = "team";
  pod.metadata.name = "engine-" + std::to_string(index);
  // As controllers label their pods: most of it is alike.
  pod.metadata.labels = {{"app.kubernetes.io/managed-by", "kthena"},
                         {"modelserving.volcano.sh/name", "m" + std::to_string(index % servers)},
                         {"modelserving.volcano.sh/role", "leader"},
                         {"modelserving.volcano.sh/revision", "7d9c8f6b5"}};
  pod.status.phase = "Running";
  pod.status.pod_ip = "10." + std::to_string(index >> 16) + "." + std::to_string(index >> 8 & 255) +
                      "." + std::to_string(index & 255);
  pod.status.conditions.push_back({.type = "Ready", .status = ready ? "True" : "False"});
  return pod;
}

Objects objects(int servers) {
  Objects all;
  for (int i = 0; i < servers; ++i) {
    api::networking::ModelServer& server = all.servers.emplace_back();
    server.metadata.namespace_name = "team";
    server.metadata.name = "m" + std::to_string(i);
    server.spec.workload_selector.match_labels = {
        {"app.kubernetes.io/managed-by", "kthena"},
        {"modelserving.volcano.sh/name", "m" + std::to_string(i)},
        {"modelserving.volcano.sh/role", "leader"}};
    server.spec.workload_port.port = 8000;
  }
  for (int i = 0; i < kServers; ++i) {
    api::networking::ModelRoute& route = all.routes.emplace_back();
    route.metadata.namespace_name = "team";
    route.metadata.name = "m" + std::to_string(i);
    route.spec.model_name = "model-" + std::to_string(i);
    api::networking::Rule rule;
    rule.target_models.push_back({.model_server_name = "m" + std::to_string(i % servers)});
    route.spec.rules.push_back(rule);
  }
  for (int i = 0; i < kPods; ++i) {
    all.pods.push_back(pod(i, servers, true));
  }
  return all;
}

/// One pod turns unready, or ready again, and the snapshot with that. The argument: servers.
void readiness_change(benchmark::State& state) {
  const int servers = static_cast<int>(state.range(0));
  Datastore store(kube::PodSource::Cluster);
  store.replace(objects(servers));
  store.update();
  std::vector<std::shared_ptr<const kube::Pod>> flips;
  for (int i = 0; i < 200; ++i) {
    flips.push_back(
        std::make_shared<const kube::Pod>(pod(i / 2 * 37 % kPods, servers, i % 2 != 0)));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    store.put(flips[next++ % flips.size()]);
    benchmark::DoNotOptimize(store.update());
  }
}
BENCHMARK(readiness_change)->Arg(2000)->Arg(100)->Arg(1);

/// A route is edited.
void route_change(benchmark::State& state) {
  Datastore store(kube::PodSource::Cluster);
  Objects all = objects(kServers);
  auto route = all.routes[1000];
  store.replace(std::move(all));
  store.update();
  for (auto _ : state) {
    route.spec.lora_adapters.assign(1, route.spec.lora_adapters.empty() ? "l" : "");
    store.put(std::make_shared<const api::networking::ModelRoute>(route));
    benchmark::DoNotOptimize(store.update());
  }
}
BENCHMARK(route_change);

/// Everything anew: what each event would cost without sharing, and what a start costs.
void whole_world(benchmark::State& state) {
  const Objects all = objects(kServers);
  for (auto _ : state) {
    Datastore store(kube::PodSource::Cluster);
    store.replace(all);
    benchmark::DoNotOptimize(store.update());
  }
}
BENCHMARK(whole_world)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kthena::router
