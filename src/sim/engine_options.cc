#include "sim/engine_options.h"

#include <fmt/format.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::sim {
namespace {

using namespace std::chrono_literals;

// The sources of the numbers:
//  - kthena-7b: fitted to the published long-prompt benchmark of a 7B model on three replicas; good
//    for comparing policies, not for absolute claims.
//  - vllm-cpu-tiny: read off a recording of vLLM 0.32.0 on two CPU cores with a two-layer model
//    (testdata/README.md): 1,500 prompt tokens take some 18 ms, one decode step 4 ms.
//  - h100-8b, l4-8b: our guess at the orders of magnitude of an 8B model in bf16; not measured, and
//    not checked against a source.
constexpr Profile kProfiles[] = {
    {"fast",
     "1 ms a step: tests and demonstrations",
     {.step_base = 1ms, .prefill_tokens_per_second = 1e6, .max_model_len = 131'072}},
    {"instant",
     "no time at all: what the machine can do",
     {.max_num_seqs = 1024, .max_num_batched_tokens = 1 << 20, .max_model_len = 131'072}},
    {"stream-20",
     "every stream gets 20 tokens a second, up to 16,384 streams",
     {.step_base = 50ms,
      .step_per_sequence = 0ns,
      .prefill_tokens_per_second = 0,
      .max_num_seqs = 16'384,
      .max_num_batched_tokens = 1 << 20,
      .num_kv_blocks = 1 << 20,
      .max_model_len = 131'072}},
    {"kthena-7b",
     "a 7B model as calibrated against the published Kthena benchmark",
     {.step_base = 12ms,
      .step_per_sequence = 310us,
      .prefill_tokens_per_second = 12'000,
      .max_num_seqs = 256,
      .max_num_batched_tokens = 65'536,
      .num_kv_blocks = 5078,
      .block_size = 128,
      .max_model_len = 32'768}},
    {"vllm-cpu-tiny",
     "the recorded vLLM on two CPU cores with a tiny model",
     {.step_base = 3800us,
      .step_per_sequence = 200us,
      .prefill_tokens_per_second = 85'000,
      .max_num_seqs = 256,
      .max_num_batched_tokens = 2048,
      .num_kv_blocks = 8192,
      .block_size = 128,
      .max_model_len = 2048}},
    {"h100-8b",
     "an 8B model on one H100",
     {.step_base = 7ms,
      .step_per_sequence = 25us,
      .prefill_tokens_per_second = 40'000,
      .max_num_seqs = 1024,
      .max_num_batched_tokens = 8192,
      .num_kv_blocks = 27'000,
      .block_size = 16,
      .max_model_len = 131'072}},
    {"l4-8b",
     "an 8B model on one L4",
     {.step_base = 60ms,
      .step_per_sequence = 150us,
      .prefill_tokens_per_second = 2'500,
      .max_num_seqs = 256,
      .max_num_batched_tokens = 2048,
      .num_kv_blocks = 2'048,
      .block_size = 16,
      .max_model_len = 8192}},
};

}  // namespace

std::span<const Profile> profiles() { return kProfiles; }

Result<EngineOptions> find_profile(std::string_view name) {
  std::string names;
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) {
      return profile.options;
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", profile.name);
  }
  return fail(ErrorCode::NotFound, fmt::format("no profile '{}'; there are {}", name, names));
}

Result<> EngineOptions::validate() const {
  const auto bad = [](std::string_view flag, std::string_view why) {
    return fail(ErrorCode::InvalidArgument, fmt::format("--{}: {}", flag, why));
  };
  if (step_base < Duration::zero() || step_base > 1h) {
    return bad("step-base", print_duration(step_base) + " is not between 0 and 1h");
  }
  if (step_per_sequence < Duration::zero() || step_per_sequence > 1h) {
    return bad("step-per-sequence", print_duration(step_per_sequence) + " is not between 0 and 1h");
  }
  if (!(prefill_tokens_per_second >= 0)) {
    return bad("prefill-rate", fmt::format("{} is negative", prefill_tokens_per_second));
  }
  if (max_num_seqs == 0 || max_num_seqs > 1'000'000) {
    return bad("max-num-seqs", fmt::format("{} is not between 1 and 1000000", max_num_seqs));
  }
  if (block_size == 0 || block_size > 65'536) {
    return bad("block-size", fmt::format("{} is not between 1 and 65536", block_size));
  }
  if (max_model_len < 2 || max_model_len > 16'777'216) {
    return bad("max-model-len", fmt::format("{} is not between 2 and 16777216", max_model_len));
  }
  if (num_kv_blocks > 100'000'000) {
    return bad("num-kv-blocks", fmt::format("{} is more than 100000000", num_kv_blocks));
  }
  if (kv_capacity_tokens() < max_model_len) {
    return bad("num-kv-blocks",
               fmt::format("{} blocks of {} tokens do not hold one sequence of --max-model-len {}",
                           num_kv_blocks, block_size, max_model_len));
  }
  if (max_num_batched_tokens == 0) {
    return bad("max-num-batched-tokens", "0 is not at least 1");
  }
  if (!enable_chunked_prefill && max_num_batched_tokens < max_model_len) {
    return bad(
        "max-num-batched-tokens",
        fmt::format("{} is less than --max-model-len {}, which must not be without chunked prefill",
                    max_num_batched_tokens, max_model_len));
  }
  return {};
}

}  // namespace kthena::sim
