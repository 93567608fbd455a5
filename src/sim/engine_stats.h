// What a simulated engine counts; vllm_metrics.h prints it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kthena::sim {

/// Counts observations by size. Not thread-safe.
class Histogram {
 public:
  /// @param bounds  upper bounds of the buckets, ascending, without +Inf; must outlive this
  explicit Histogram(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void observe(double value, std::uint64_t times = 1) noexcept {
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) {
      ++bucket;
    }
    counts_[bucket] += times;
    count_ += times;
    sum_ += value * static_cast<double>(times);
  }

  std::span<const double> bounds() const noexcept { return bounds_; }
  /// One entry for each bound and one for what is above all; not cumulative.
  std::span<const std::uint64_t> counts() const noexcept { return counts_; }
  std::uint64_t count() const noexcept { return count_; }
  double sum() const noexcept { return sum_; }

  /// Adds the observations of another histogram with the same bounds.
  void merge(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      counts_[i] += other.counts_[i];
    }
    count_ += other.count_;
    sum_ += other.sum_;
  }

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

// Bucket bounds. Source: vLLM 0.32.0, as recorded (testdata/vllm-0.32.0/metrics).
inline constexpr std::array kFirstTokenBounds = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1,  0.25,  0.5,   0.75,
    1.0,   2.5,   5.0,  7.5,  10.0, 20.0, 40.0, 80.0, 160.0, 640.0, 2560.0};
inline constexpr std::array kTokenBounds = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,
                                            0.3,  0.4,   0.5,  0.75,  1.0, 2.5,  5.0,
                                            7.5,  10.0,  20.0, 40.0,  80.0};
inline constexpr std::array kRequestBounds = {0.3,  0.5,   0.8,   1.0,   1.5,   2.0,    2.5,
                                              5.0,  10.0,  15.0,  20.0,  30.0,  40.0,   50.0,
                                              60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0};
inline constexpr std::array kIterationBounds = {
    1.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0};
inline constexpr std::array kPreemptionBounds = {1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0};
inline constexpr std::array kChoiceBounds = {1.0, 2.0, 5.0, 10.0, 20.0};

/// Bounds for token counts: 1, 2, 5, 10, … up to `max_model_len`, as vLLM builds them.
std::vector<double> token_count_bounds(std::uint32_t max_model_len);

enum class FinishReason : std::uint8_t { None, Stop, Length, Abort };

/// The counters of one engine, in vLLM's terms. Times are in seconds.
struct EngineStats {
  explicit EngineStats(std::uint32_t max_model_len)
      : count_bounds(token_count_bounds(max_model_len)) {}
  EngineStats(const EngineStats&) = delete;
  EngineStats& operator=(const EngineStats&) = delete;

  std::vector<double> count_bounds;  ///< before what refers to it

  std::uint64_t prompt_tokens = 0;         ///< of sequences that gave their first token
  std::uint64_t prompt_tokens_cached = 0;  ///< of those, not computed because the cache had them
  std::uint64_t generation_tokens = 0;
  std::uint64_t prefix_queries = 0;  ///< tokens looked up in the prefix cache
  std::uint64_t prefix_hits = 0;     ///< tokens found there
  std::uint64_t preemptions = 0;
  std::uint64_t rejected = 0;  ///< requests turned away by max_num_queued_reqs
  std::uint64_t steps = 0;
  std::array<std::uint64_t, 4> finished{};  ///< sequences by FinishReason

  Histogram iteration_tokens{kIterationBounds};
  Histogram first_token{kFirstTokenBounds};
  Histogram inter_token{kTokenBounds};
  Histogram time_per_output_token{kTokenBounds};
  Histogram request_latency{kRequestBounds};
  Histogram queue_time{kRequestBounds};
  Histogram inference_time{kRequestBounds};
  Histogram prefill_time{kRequestBounds};
  Histogram decode_time{kRequestBounds};
  Histogram request_prompt_tokens{count_bounds};
  Histogram request_generation_tokens{count_bounds};
  Histogram request_max_generation_tokens{count_bounds};  ///< the longest choice of a request
  Histogram request_max_tokens{count_bounds};             ///< the parameter max_tokens
  Histogram request_computed_tokens{count_bounds};        ///< prefill tokens not from the cache
  Histogram request_preemptions{kPreemptionBounds};
  Histogram request_n{kChoiceBounds};  ///< the parameter n

  /// Adds the counters of another engine with the same max_model_len.
  void merge(const EngineStats& other) noexcept;
};

}  // namespace kthena::sim
