// What an apply costs: a pod of 6 KiB with three managers.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/server_side_apply.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {
namespace {

Target pod_target(std::string_view subresource = {}) {
  return {.api_version = "v1",
          .kind = "Pod",
          .schema = &built_in_schema(*kube::shapes::find_kind("v1", "Pod")),
          .subresource = subresource,
          .resets = &reset_fields("Pod", subresource)};
}

/// @param image  of the engine
json::Value wanted_pod(std::string_view image) {
  std::string env;
  for (int i = 0; i < 40; ++i) {
    env += R"({"name":"VARIABLE_)" + std::to_string(i) + R"(","value":"a usual value"},)";
  }
  env.pop_back();
  return json::parse(
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"llm-0-prefill-0-0","namespace":"prod",
    "labels":{"app":"llm","role":"prefill","group":"llm-0"},"ownerReferences":[{"apiVersion":"v1","kind":"X","name":"x","uid":"u"}]},
    "spec":{"containers":[{"name":"engine","image":")" +
             std::string(image) +
             R"(","ports":[{"containerPort":8000,"protocol":"TCP"}],"resources":{"requests":{"cpu":"1"}},
    "volumeMounts":[{"name":"v","mountPath":"/v"}],"env":[)" +
             env + R"(]}],"volumes":[{"name":"v","emptyDir":{}}]}})")
      .value();
}

/// Applied by a controller, its status written by two others.
json::Value live_pod() {
  const Writer controller{.manager = "controller", .now = {}};
  json::Value pod =
      apply_object(pod_target(), controller, nullptr, wanted_pod("engine:1"), Force::No)->object;
  for (const std::string_view manager : {"node", "scheduler"}) {
    json::Value after = pod;
    after.find("status")->set(
        "conditions",
        json::Array{
            json::parse(R"({"type":")" + std::string(manager) + R"(","status":"True"})").value()});
    pod = track_update(pod_target("status"), {.manager = manager, .now = {}}, &pod, after);
  }
  return pod;
}

void apply(benchmark::State& state, const json::Value& wanted) {
  const Target target = pod_target();
  const json::Value live = live_pod();
  const Writer writer{.manager = "controller", .now = {}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(apply_object(target, writer, &live, wanted, Force::No));
  }
  state.counters["live_bytes"] = static_cast<double>(json::print(live).size());
}

void apply_the_same(benchmark::State& state) { apply(state, wanted_pod("engine:1")); }
BENCHMARK(apply_the_same)->Unit(benchmark::kMicrosecond);

void apply_another_image(benchmark::State& state) { apply(state, wanted_pod("engine:2")); }
BENCHMARK(apply_another_image)->Unit(benchmark::kMicrosecond);

/// What is no longer applied goes: the slow way.
void apply_less(benchmark::State& state) {
  json::Value wanted = wanted_pod("engine:1");
  wanted.find("metadata")->find("labels")->erase("role");
  apply(state, wanted);
}
BENCHMARK(apply_less)->Unit(benchmark::kMicrosecond);

void track_a_status(benchmark::State& state) {
  const Target target = pod_target("status");
  const json::Value live = live_pod();
  json::Value after = live;
  after.find("status")->set("phase", "Running");
  for (auto _ : state) {
    benchmark::DoNotOptimize(track_update(target, {.manager = "node", .now = {}}, &live, after));
  }
}
BENCHMARK(track_a_status)->Unit(benchmark::kMicrosecond);

void copy_the_object(benchmark::State& state) {
  const json::Value live = live_pod();
  for (auto _ : state) {
    json::Value copy = live;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(copy_the_object)->Unit(benchmark::kMicrosecond);

void read_managed_fields(benchmark::State& state) {
  const json::Value live = live_pod();
  const json::Value& fields =
      *live.find("metadata")->find("managedFields")->as_array()[0].find("fieldsV1");
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_fields(fields));
  }
}
BENCHMARK(read_managed_fields)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kthena::apiserver
