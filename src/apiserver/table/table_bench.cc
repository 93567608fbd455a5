// What `kubectl get pods` costs the server: a thousand pods of 3 KiB.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/catalog.h"
#include "apiserver/table/table.h"
#include "base/rfc3339.h"

namespace kthena::apiserver {
namespace {

std::string pod() {
  std::string env;
  for (int i = 0; i < 40; ++i) {
    env += R"({"name":"VARIABLE_)" + std::to_string(i) + R"(","value":"a usual value"},)";
  }
  env.pop_back();
  return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"llm-0-prefill-0-0","namespace":"prod",
    "creationTimestamp":"2026-11-24T20:22:35Z","labels":{"app":"llm","role":"prefill"}},
    "spec":{"nodeName":"n1","containers":[{"name":"engine","image":"engine:1","env":[)" +
         env + R"(]}]},"status":{"phase":"Running","podIPs":[{"ip":"10.0.0.1"}],
    "conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"engine","ready":true,
    "restartCount":1,"state":{"running":{"startedAt":"2026-11-24T20:22:40Z"}}}]}})";
}

void show_pods(benchmark::State& state) {
  const std::string text = pod();
  const std::vector<std::string_view> pods(1000, text);
  const Catalog catalog({built_in_kinds().begin(), built_in_kinds().end()});
  const KindPtr kind = catalog.find("", "v1", "pods");
  const WallTime now = *parse_rfc3339("2026-11-24T20:30:00Z");
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        table_text(*kind, TableOf::Objects, pods, {.resource_version = "1"}, {}, now));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(pods.size()));
}
BENCHMARK(show_pods)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kthena::apiserver
