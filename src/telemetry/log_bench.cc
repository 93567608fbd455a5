// What a log line costs its caller.
#include <benchmark/benchmark.h>

#include <string>

#include "telemetry/log.h"

namespace kthena::log {
namespace {

void line_that_is_off(benchmark::State& state) {
  set_level(Level::Info);
  const std::string endpoint = "10.0.0.1:8000";
  for (auto _ : state) {
    debug("endpoint removed", kv("endpoint", endpoint), kv("count", 3));
  }
}
BENCHMARK(line_that_is_off);

void line_with_three_values(benchmark::State& state) {
  const auto output = Output::start({.destination = "/dev/null", .capacity = 1 << 24});
  const std::string endpoint = "10.0.0.1:8000";
  for (auto _ : state) {
    info("endpoint removed", kv("endpoint", endpoint), kv("reason", "not ready"), kv("count", 3));
  }
}
BENCHMARK(line_with_three_values);

}  // namespace
}  // namespace kthena::log
