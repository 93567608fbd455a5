// What the documents cost when they are first asked for.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "apiserver/discovery/documents.h"

namespace kthena::apiserver {
namespace {

/// @param accept  of the request
void write_anew(benchmark::State& state, const std::string& path, const std::string& accept) {
  const auto catalog = std::make_shared<const Catalog>(
      std::vector<KindPtr>(built_in_kinds().begin(), built_in_kinds().end()));
  std::size_t bytes = 0;
  for (auto _ : state) {
    const Documents documents(catalog, {});
    bytes = documents.find({.path = path, .accept = accept})->text->size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK_CAPTURE(write_anew, nothing, "/version", "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_anew, aggregated, "/apis",
                  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_anew, openapi_v2, "/openapi/v2", "")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_anew, openapi_v2_protobuf, "/openapi/v2",
                  "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_anew, openapi_v3_all, "/openapi/v3", "")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kthena::apiserver
