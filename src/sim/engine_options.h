// What a simulated engine can do and how long it takes: its limits and the costs of a step.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kthena::sim {

/// The parameters of the engine model (engine_model.h).
struct EngineOptions {
  // A step takes step_base + decoding sequences × step_per_sequence + prefill tokens ÷ prefill
  // rate.
  Duration step_base{};                  ///< scheduling, kernel launches, reading the weights once
  Duration step_per_sequence{};          ///< attention over one sequence's context
  double prefill_tokens_per_second = 0;  ///< 0: prefill takes no time of its own

  std::uint32_t max_num_seqs = 256;             ///< sequences in one step
  std::uint32_t max_num_batched_tokens = 8192;  ///< tokens computed in one step
  std::uint32_t num_kv_blocks = 32'768;
  std::uint32_t block_size = 16;         ///< tokens a block
  std::uint32_t max_model_len = 32'768;  ///< prompt and answer together, in tokens
  std::uint32_t max_num_queued_reqs =
      0;  ///< unfinished requests beyond which new ones are refused; 0: no limit
  bool enable_prefix_caching = true;
  bool enable_chunked_prefill = true;

  /// Errors: InvalidArgument naming the flag that must change.
  Result<> validate() const;

  std::uint64_t kv_capacity_tokens() const noexcept {
    return std::uint64_t{num_kv_blocks} * block_size;
  }
};

/// A named set of options, for hardware somebody has measured or for tests.
struct Profile {
  std::string_view name;
  std::string_view description;
  EngineOptions options;
};

/// All profiles, the default one first.
std::span<const Profile> profiles();

/// Errors: NotFound, with the names there are.
Result<EngineOptions> find_profile(std::string_view name);

}  // namespace kthena::sim
