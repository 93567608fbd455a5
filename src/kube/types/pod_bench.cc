// What a pod costs an informer: text to value, value to struct, struct to value.
#include <benchmark/benchmark.h>

#include <string>

#include "json/codec.h"
#include "json/parse.h"
#include "json/read.h"
#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

/// A pod as a server sends it, most of which we do not read.
std::string pod_text() {
  std::string env;
  for (int i = 0; i < 40; ++i) {
    env += R"({"name":"VARIABLE_)" + std::to_string(i) +
           R"(","value":"some value of a usual length"},)";
  }
  env.pop_back();
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"llm-0-prefill-0-0","namespace":"prod","uid":"7c9e6679",
    "resourceVersion":"123456","creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app":"llm","role":"prefill",
    "group":"llm-0"},"managedFields":[{"manager":"kthena","operation":"Update","fieldsV1":{"f:metadata":{"f:labels":{}}}}]},
    "spec":{"nodeName":"n1","containers":[{"name":"engine","image":"vllm/vllm-openai","ports":[{"containerPort":8000}],
    "env":[)" +
         env + R"(]}]},"status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}],
    "startTime":"2026-01-02T03:04:05Z","conditions":[{"type":"PodScheduled","status":"True"},
    {"type":"Ready","status":"True","lastTransitionTime":"2026-01-02T03:04:10Z"}]}})";
}

void parse_pod(benchmark::State& state) {
  const std::string text = pod_text();
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::parse(text));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(parse_pod);

void decode_pod(benchmark::State& state) {
  const json::Value value = json::parse(pod_text()).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::decode<Pod>(value, json::DecodeOptions::trusted()));
  }
}
BENCHMARK(decode_pod);

/// Text to struct without a value between, as lists and watches do it.
void read_pod(benchmark::State& state) {
  const std::string text = pod_text();
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::read_object<Pod>(text));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(read_pod);

void encode_pod(benchmark::State& state) {
  const Pod pod = json::decode<Pod>(json::parse(pod_text()).value()).value;
  for (auto _ : state) {
    benchmark::DoNotOptimize(json::encode(pod));
  }
}
BENCHMARK(encode_pod);

}  // namespace
}  // namespace kthena::kube
