#include "sim/engine_stats.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kthena::sim {

std::vector<double> token_count_bounds(std::uint32_t max_model_len) {
  std::vector<double> bounds;
  for (std::uint64_t power = 1;; power *= 10) {
    for (const std::uint64_t digit : {1, 2, 5}) {
      if (digit * power > max_model_len) {
        return bounds;
      }
      bounds.push_back(static_cast<double>(digit * power));
    }
  }
}

void EngineStats::merge(const EngineStats& other) noexcept {
  using Counter = std::uint64_t EngineStats::*;
  for (const Counter counter :
       {&EngineStats::prompt_tokens, &EngineStats::prompt_tokens_cached,
        &EngineStats::generation_tokens, &EngineStats::prefix_queries, &EngineStats::prefix_hits,
        &EngineStats::preemptions, &EngineStats::rejected, &EngineStats::steps}) {
    this->*counter += other.*counter;
  }
  for (std::size_t i = 0; i < finished.size(); ++i) {
    finished[i] += other.finished[i];
  }
  using Part = Histogram EngineStats::*;
  for (const Part part :
       {&EngineStats::iteration_tokens, &EngineStats::first_token, &EngineStats::inter_token,
        &EngineStats::time_per_output_token, &EngineStats::request_latency,
        &EngineStats::queue_time, &EngineStats::inference_time, &EngineStats::prefill_time,
        &EngineStats::decode_time, &EngineStats::request_prompt_tokens,
        &EngineStats::request_generation_tokens, &EngineStats::request_max_generation_tokens,
        &EngineStats::request_max_tokens, &EngineStats::request_computed_tokens,
        &EngineStats::request_preemptions, &EngineStats::request_n}) {
    (this->*part).merge(other.*part);
  }
}

}  // namespace kthena::sim
