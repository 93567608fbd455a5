// What a measured event costs.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>

#include "telemetry/metrics.h"
#include "telemetry/metrics_parse.h"

namespace kthena::telemetry {
namespace {

constexpr std::array kBounds = {0.005, 0.01, 0.025, 0.05, 0.1,  0.25, 0.5,
                                1.0,   2.5,  5.0,   10.0, 30.0, 60.0};

struct Metrics {
  Registry registry;
  Counter counter = registry.counter("counter_total", "Help.");
  Histogram histogram = registry.histogram("histogram", "Help.", kBounds);
  CounterFamily<8> family =
      registry.counters("family_total", "Help.", {"a", "b", "c", "d", "e", "f", "g", "h"});
};

Metrics& shared() {
  static Metrics metrics;
  return metrics;
}

void count(benchmark::State& state) {
  const Counter counter = shared().counter;
  for (auto _ : state) {
    counter.inc();
  }
}
BENCHMARK(count)->Threads(1)->Threads(2)->UseRealTime();

void observe(benchmark::State& state) {
  const Histogram histogram = shared().histogram;
  double value = 0;
  for (auto _ : state) {
    histogram.observe(value);
    value = value < 2 ? value + 0.1 : 0;
  }
}
BENCHMARK(observe)->Threads(1)->Threads(2)->UseRealTime();

void count_by_eight_labels(benchmark::State& state) {
  const auto family = shared().family;
  for (auto _ : state) {
    family.inc({"llama-3-70b", "/v1/chat/completions", "200", "successful_request", "default/route",
                "model_server", "default/server", "llama"});
  }
}
BENCHMARK(count_by_eight_labels)->Threads(1)->Threads(2)->UseRealTime();

void print_ten_thousand_series(benchmark::State& state) {
  Registry registry;
  const auto family = registry.counters("family_total", "Help.", {"model", "n"});
  for (int i = 0; i < 10'000; ++i) {
    family.inc({"model", std::to_string(i)});
  }
  std::string out;
  for (auto _ : state) {
    out.clear();
    registry.print(out);
  }
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(print_ten_thousand_series)->Unit(benchmark::kMillisecond);

void parse_ten_thousand_samples(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) {
    text += "vllm:request_latency_bucket{engine=\"0\",le=\"0.5\",model_name=\"m\"} 1234.0\n";
  }
  for (auto _ : state) {
    double sum = 0;
    read_metrics(text, [&](const MetricSample& sample) { sum += sample.value; });
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_ten_thousand_samples)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kthena::telemetry
