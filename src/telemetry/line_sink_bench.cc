// What a caller pays for a line of 300 bytes.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "telemetry/line_sink.h"

namespace kthena::telemetry {
namespace {

LineSink& shared_sink() {
  static const auto sink = LineSink::create("/dev/null", {.capacity = std::size_t{64} << 20});
  return **sink;
}

/// At full speed, which fills the ring: the share of refused lines is shown.
void write_line(benchmark::State& state) {
  LineSink& sink = shared_sink();
  const std::string line(300, 'x');
  std::uint64_t refused = 0;
  for (auto _ : state) {
    refused += sink.write(line) ? 0 : 1;
  }
  state.counters["refused"] =
      benchmark::Counter(static_cast<double>(refused), benchmark::Counter::kAvgIterations);
}
BENCHMARK(write_line)->Threads(1)->Threads(2)->Threads(4)->UseRealTime();

/// A burst that the ring holds, then a pause: what shards do. The pause is not counted.
void write_line_in_bursts(benchmark::State& state) {
  LineSink& sink = shared_sink();
  const std::string line(300, 'x');
  constexpr std::int64_t kBurst = 500;
  while (state.KeepRunningBatch(kBurst)) {
    for (std::int64_t i = 0; i < kBurst; ++i) {
      benchmark::DoNotOptimize(sink.write(line));
    }
    state.PauseTiming();
    sink.flush(std::chrono::seconds(1));
    state.ResumeTiming();
  }
}
BENCHMARK(write_line_in_bursts);

}  // namespace
}  // namespace kthena::telemetry
