// What a page of 500 pods costs: finding its items, and reading them.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/read.h"
#include "kube/client/list_decoder.h"
#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

/// A pod of some 6 KiB, managedFields included, as a server sends it.
std::string pod_text(int number) {
  std::string fields;
  for (int i = 0; i < 40; ++i) {
    fields += R"("k:{\"type\":\"Condition)" + std::to_string(i) +
              R"(\"}":{".":{},"f:lastProbeTime":{},"f:status":{}},)";
  }
  std::string env;
  for (int i = 0; i < 40; ++i) {
    env +=
        R"({"name":"VARIABLE_)" + std::to_string(i) + R"(","value":"a value of a usual length"},)";
  }
  env.pop_back();
  return R"({"metadata":{"name":"llm-)" + std::to_string(number) +
         R"(-prefill-0-0","namespace":"prod","uid":"7c9e6679-7425-40de-944b-e07fc1f90ae7","resourceVersion":"123456",)"
         R"("creationTimestamp":"2026-01-02T03:04:05Z","labels":{"app":"llm","role":"prefill","group":"llm-0"},)"
         R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"X","name":"llm","uid":"7c9e","controller":true}],)"
         R"("managedFields":[{"manager":"kthena","operation":"Update","fieldsV1":{)" +
         fields +
         R"("f:metadata":{}}}]},"spec":{"nodeName":"n1","containers":[{"name":"engine","image":"vllm/vllm-openai",)"
         R"("ports":[{"containerPort":8000,"protocol":"TCP"}],"env":[)" +
         env +
         R"(]}]},"status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}],)"
         R"("startTime":"2026-01-02T03:04:05Z","conditions":[{"type":"PodScheduled","status":"True"},)"
         R"({"type":"Ready","status":"True","lastTransitionTime":"2026-01-02T03:04:10Z"}]}})";
}

std::string page_text() {
  std::string page =
      R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[)";
  for (int i = 0; i < 500; ++i) {
    page += (i == 0 ? "" : ",") + pod_text(i);
  }
  return page + "]}";
}

class Counting final : public ItemSink {
 public:
  Result<> on_item(std::string_view text) override {
    bytes += text.size();
    return {};
  }
  std::size_t bytes = 0;
};

class Reading final : public ItemSink {
 public:
  Result<> on_item(std::string_view text) override {
    pods.push_back(TRY(json::read_object<Pod>(text)));
    return {};
  }
  std::vector<Pod> pods;
};

template <class Sink>
void list_page(benchmark::State& state) {
  const std::string text = page_text();
  constexpr std::size_t kPiece = 64 << 10;
  for (auto _ : state) {
    ListDecoder decoder;
    Sink sink;
    for (std::size_t at = 0; at < text.size(); at += kPiece) {
      if (!decoder.feed(std::string_view(text).substr(at, kPiece), sink)) {
        state.SkipWithError("no list");
      }
    }
    benchmark::DoNotOptimize(decoder.finish());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(list_page<Counting>);
BENCHMARK(list_page<Reading>);

}  // namespace
}  // namespace kthena::kube
