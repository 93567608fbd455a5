// What a schema costs a request: a ModelServing of two roles with pod templates.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/custom_schema.h"
#include "apiserver/kinds/kind.h"
#include "base/clock.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

const CustomSchema& schema() {
  static const std::shared_ptr<const CustomSchema> kSchema = [] {
    for (const json::Value& definition : our_definitions(WallTime{})) {
      const auto kinds = kinds_of(definition).value();
      if (kinds.front()->kind == "ModelServing") {
        return kinds.front()->custom_schema;
      }
    }
    return std::shared_ptr<const CustomSchema>();
  }();
  return *kSchema;
}

json::Value serving() {
  std::string env;
  for (int i = 0; i < 20; ++i) {
    env += (i == 0 ? "" : ",") + std::string(R"({"name":"VARIABLE_)") + std::to_string(i) +
           R"(","value":"a usual value"})";
  }
  const std::string pod =
      R"({"spec":{"containers":[{"name":"engine","image":"engine:1","ports":[{"containerPort":8000}],
      "resources":{"requests":{"cpu":"1","memory":"4Gi"},"limits":{"nvidia.com/gpu":"1"}},"volumeMounts":[
      {"name":"v","mountPath":"/v"}],"readinessProbe":{"httpGet":{"path":"/health","port":8000}},"env":[)" +
      env + R"(]}],"volumes":[{"name":"v","emptyDir":{}}]}})";
  std::string roles;
  for (const char* name : {"prefill", "decode"}) {
    roles += (roles.empty() ? "" : ",") + std::string(R"({"name":")") + name +
             R"(","replicas":2,"workerReplicas":1,"entryTemplate":)" + pod +
             R"(,"workerTemplate":)" + pod + "}";
  }
  json::Value object = json::parse(R"({"apiVersion":"workload.serving.volcano.sh/v1alpha1",
      "kind":"ModelServing","metadata":{"name":"llm"},"spec":{"replicas":2,"template":{"roles":[)" +
                                   roles + "]}}}")
                           .value();
  schema().apply_defaults(object);
  return object;
}

void validate(benchmark::State& state) {
  const json::Value object = serving();
  for (auto _ : state) {
    benchmark::DoNotOptimize(schema().validate(object, &object));
  }
  state.counters["problems"] = static_cast<double>(schema().validate(object, nullptr).size());
  state.counters["bytes"] = static_cast<double>(json::print(object).size());
}
BENCHMARK(validate);

void prune_and_default(benchmark::State& state) {
  json::Value object = serving();
  for (auto _ : state) {
    schema().prune(object, nullptr);
    schema().apply_defaults(object);
  }
}
BENCHMARK(prune_and_default);

void make_all_kinds(benchmark::State& state) {
  const auto definitions = our_definitions(WallTime{});
  for (auto _ : state) {
    for (const json::Value& definition : definitions) {
      benchmark::DoNotOptimize(kinds_of(definition));
    }
  }
}
BENCHMARK(make_all_kinds)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kthena::apiserver
