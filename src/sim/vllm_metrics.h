// The Prometheus text of a simulated vLLM: names, labels, buckets and order of the original.
// Source: recordings of vLLM 0.32.0 (testdata/vllm-0.32.0/metrics).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "sim/engine_model.h"
#include "sim/vllm_request.h"

namespace kthena::sim {

/// The numbers of one engine, or the sums over the engines of several shards.
struct EngineSnapshot {
  explicit EngineSnapshot(std::uint32_t max_model_len) : stats(max_model_len) {}
  void add(const EngineModel& engine);

  std::size_t running = 0;
  std::size_t waiting = 0;
  std::uint64_t used_blocks = 0;
  std::uint64_t total_blocks = 0;
  EngineStats stats;
};

/// @param started  what the _created series say
std::string vllm_metrics_text(const EngineSnapshot& engine, const EngineOptions& engine_options,
                              const VllmOptions& options, WallTime started);

}  // namespace kthena::sim
