#include "sim/vllm_metrics.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/duration.h"
#include "sim/engine_model.h"
#include "sim/engine_options.h"
#include "sim/engine_stats.h"
#include "sim/vllm_request.h"

namespace kthena::sim {
namespace {

/// As the Python client prints floats: "9971.0", "1.048576e+06", "+Inf" is the caller's.
std::string python_number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of("einf") != std::string::npos) {
    return text;
  }
  std::size_t dot = text.find('.');
  if (dot == std::string::npos) {
    dot = text.size();
    text += ".0";
  }
  if (value > 0 && dot > 6) {
    std::string mantissa =
        fmt::format("{}.{}{}", text[0], text.substr(1, dot - 1), text.substr(dot + 1));
    mantissa.erase(mantissa.find_last_not_of('0') + 1);
    if (mantissa.ends_with('.')) {
      mantissa.pop_back();
    }
    return fmt::format("{}e+{:02}", mantissa, dot - 1);
  }
  return text;
}

std::string escape_label(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

/// Writes families in the order of the calls. Label names are sorted, as in the original: `before`
/// and `after` are those in front of and behind model_name.
class Writer {
 public:
  Writer(std::string_view model, WallTime started)
      : model_(fmt::format("model_name=\"{}\"", escape_label(model))),
        created_(python_number(to_seconds(started.time_since_epoch()))) {}

  std::string take() && { return std::move(out_); }

  void head(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(out(), "# HELP vllm:{0} {1}\n# TYPE vllm:{0} {2}\n", name, help, type);
  }
  void sample(std::string_view name, std::string_view labels, std::string_view value) {
    fmt::format_to(out(), "vllm:{}{{{}}} {}\n", name, labels, value);
  }
  std::string engine_labels(std::string_view before = {}, std::string_view after = {}) const {
    return fmt::format("engine=\"0\",{}{}{}", before, model_, after);
  }

  void gauge(std::string_view name, std::string_view help, double value) {
    head(name, "gauge", help);
    sample(name, engine_labels(), python_number(value));
  }

  struct Labelled {
    std::string labels;
    double value;
  };
  /// `name` is without _total.
  void counter(std::string_view name, std::string_view help, const std::vector<Labelled>& samples) {
    const std::string total = fmt::format("{}_total", name);
    const std::string created = fmt::format("{}_created", name);
    head(total, "counter", help);
    for (const Labelled& each : samples) {
      sample(total, each.labels, python_number(each.value));
    }
    head(created, "gauge", help);
    for (const Labelled& each : samples) {
      sample(created, each.labels, created_);
    }
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    counter(name, help, {{engine_labels(), static_cast<double>(value)}});
  }

  void histogram(std::string_view name, std::string_view help, const Histogram& histogram) {
    head(name, "histogram", help);
    const std::string bucket = fmt::format("{}_bucket", name);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
      below += histogram.counts()[i];
      const std::string bound =
          i < histogram.bounds().size() ? python_number(histogram.bounds()[i]) : "+Inf";
      sample(bucket, engine_labels(fmt::format("le=\"{}\",", bound)),
             python_number(static_cast<double>(below)));
    }
    sample(fmt::format("{}_count", name), engine_labels(),
           python_number(static_cast<double>(histogram.count())));
    sample(fmt::format("{}_sum", name), engine_labels(), python_number(histogram.sum()));
    head(fmt::format("{}_created", name), "gauge", help);
    sample(fmt::format("{}_created", name), engine_labels(), created_);
  }

  const std::string& model_label() const { return model_; }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(out_); }
  std::string model_;
  std::string created_;
  std::string out_;
};

std::string_view python_bool(bool value) { return value ? "True" : "False"; }

void write_gauges(Writer& writer, const EngineSnapshot& engine) {
  const auto labelled = [&](std::string_view name, std::string_view label, std::string_view text,
                            double value) {
    writer.sample(name, writer.engine_labels({}, fmt::format(",{}=\"{}\"", label, text)),
                  python_number(value));
  };
  writer.gauge("num_requests_running", "Sequences in the present step.",
               static_cast<double>(engine.running));
  writer.gauge("num_requests_waiting", "Sequences in the queue.",
               static_cast<double>(engine.waiting));
  writer.head("num_requests_waiting_by_reason", "gauge",
              "Sequences in the queue by what they wait for.");
  labelled("num_requests_waiting_by_reason", "reason", "capacity",
           static_cast<double>(engine.waiting));
  labelled("num_requests_waiting_by_reason", "reason", "deferred", 0);
  writer.head("engine_sleep_state", "gauge", "1 for the state the engine is in.");
  labelled("engine_sleep_state", "sleep_state", "awake", 1);
  labelled("engine_sleep_state", "sleep_state", "weights_offloaded", 0);
  labelled("engine_sleep_state", "sleep_state", "discard_all", 0);
  writer.gauge("kv_cache_usage_perc", "Share of KV blocks in use by running sequences, 0 to 1.",
               engine.total_blocks == 0 ? 0
                                        : static_cast<double>(engine.used_blocks) /
                                              static_cast<double>(engine.total_blocks));
}

void write_counters(Writer& writer, const EngineStats& stats) {
  const auto labels = [&](std::string_view label, std::string_view text) {
    return writer.engine_labels({}, fmt::format(",{}=\"{}\"", label, text));
  };
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  writer.counter("prefix_cache_queries", "Tokens looked up in the prefix cache.",
                 stats.prefix_queries);
  writer.counter("prefix_cache_hits", "Tokens found in the prefix cache.", stats.prefix_hits);
  writer.counter("external_prefix_cache_queries", "Tokens looked up in other engines' caches.",
                 std::uint64_t{0});
  writer.counter("external_prefix_cache_hits", "Tokens found in other engines' caches.",
                 std::uint64_t{0});
  writer.counter("mm_cache_queries", "Items looked up in the cache of images and sound.",
                 std::uint64_t{0});
  writer.counter("mm_cache_hits", "Items found in the cache of images and sound.",
                 std::uint64_t{0});
  writer.counter("num_preemptions", "Sequences sent back to the queue for want of blocks.",
                 stats.preemptions);
  writer.counter("prompt_tokens", "Prompt tokens processed.", stats.prompt_tokens);
  writer.counter("prompt_tokens_by_source",
                 "Prompt tokens by where their keys and values came from.",
                 {{labels("source", "local_compute"),
                   number(stats.prompt_tokens - stats.prompt_tokens_cached)},
                  {labels("source", "local_cache_hit"), number(stats.prompt_tokens_cached)},
                  {labels("source", "external_kv_transfer"), 0}});
  writer.counter("prompt_tokens_cached", "Prompt tokens that were not computed.",
                 stats.prompt_tokens_cached);
  writer.counter("prompt_tokens_cached_by_source", "Prompt tokens found in a cache, by its place.",
                 {{labels("source", "device"), number(stats.prefix_hits)},
                  {labels("source", "host"), 0},
                  {labels("source", "p2p"), 0},
                  {labels("source", "disk"), 0},
                  {labels("source", "external_unspecified"), 0}});
  writer.counter("generation_tokens", "Tokens generated.", stats.generation_tokens);
  const auto finished = [&](std::string_view reason, FinishReason which) {
    return Writer::Labelled{writer.engine_labels(fmt::format("finished_reason=\"{}\",", reason)),
                            number(stats.finished[static_cast<std::size_t>(which)])};
  };
  writer.counter("request_success", "Sequences finished, by reason.",
                 {finished("stop", FinishReason::Stop), finished("length", FinishReason::Length),
                  finished("abort", FinishReason::Abort), finished("error", FinishReason::None),
                  finished("repetition", FinishReason::None)});
  const auto rejected = [&](std::string_view reason, std::uint64_t count) {
    return Writer::Labelled{fmt::format("{},reason=\"{}\"", writer.model_label(), reason),
                            number(count)};
  };
  writer.counter(
      "admission_rejections", "Requests turned away, by the limit that did it.",
      {rejected("max_num_queued_reqs", stats.rejected), rejected("max_num_queued_tokens", 0)});
}

void write_histograms(Writer& writer, const EngineStats& stats) {
  writer.histogram("request_prompt_tokens", "Prompt tokens of a sequence.",
                   stats.request_prompt_tokens);
  writer.histogram("request_generation_tokens", "Tokens generated for a sequence.",
                   stats.request_generation_tokens);
  writer.histogram("iteration_tokens_total", "Tokens of an engine step.", stats.iteration_tokens);
  writer.histogram("request_max_num_generation_tokens",
                   "Tokens of the longest choice of a request.",
                   stats.request_max_generation_tokens);
  writer.histogram("request_params_n", "The parameter n.", stats.request_n);
  writer.histogram("request_params_max_tokens", "The parameter max_tokens.",
                   stats.request_max_tokens);
  writer.histogram("time_to_first_token_seconds", "From arrival to the first token.",
                   stats.first_token);
  writer.histogram("inter_token_latency_seconds", "From one token to the next.", stats.inter_token);
  writer.histogram("request_time_per_output_token_seconds",
                   "Mean time from token to token of a sequence.", stats.time_per_output_token);
  writer.histogram("e2e_request_latency_seconds", "From arrival to the last token.",
                   stats.request_latency);
  writer.histogram("request_queue_time_seconds", "From arrival to the first step.",
                   stats.queue_time);
  writer.histogram("request_inference_time_seconds", "From the first step to the last token.",
                   stats.inference_time);
  writer.histogram("request_prefill_time_seconds", "From the first step to the first token.",
                   stats.prefill_time);
  writer.histogram("request_decode_time_seconds", "From the first token to the last.",
                   stats.decode_time);
  writer.histogram("request_num_preemptions", "How often a sequence was preempted.",
                   stats.request_preemptions);
  writer.histogram("request_prefill_kv_computed_tokens",
                   "Prompt tokens computed, cached ones left out.", stats.request_computed_tokens);
}

/// What a reader of cache_config_info finds; values that a simulation has no idea of are those of
/// a default start.
void write_cache_config(Writer& writer, const EngineOptions& options) {
  writer.head("cache_config_info", "gauge", "How the KV cache is set up.");
  const double concurrency = static_cast<double>(options.kv_capacity_tokens()) /
                             static_cast<double>(options.max_model_len);
  writer.sample(
      "cache_config_info",
      fmt::format(
          "_block_size_resolved=\"True\",block_size=\"{0}\",cache_dtype=\"auto\",cache_hit_"
          "alignment_tokens=\"None\","
          "effective_attention_block_size=\"{0}\",enable_mamba_shared_prefix_checkpoint=\"False\","
          "enable_prefix_caching=\"{1}\",engine=\"0\",gpu_memory_utilization=\"0.92\",hash_block_"
          "size=\"None\","
          "is_attention_free=\"False\",kv_cache_dtype_skip_layers=\"[]\",kv_cache_layout=\"None\","
          "kv_cache_max_concurrency=\"{2}\",kv_cache_memory_bytes=\"None\",kv_cache_size_tokens=\"{"
          "3}\","
          "kv_offloading_backend=\"native\",kv_offloading_size=\"None\",kv_sharing_fast_prefill="
          "\"False\","
          "mamba_block_size=\"None\",mamba_cache_dtype=\"auto\",mamba_cache_mode=\"none\","
          "mamba_page_size_padded=\"None\",mamba_ssm_cache_dtype=\"float32\",num_cpu_blocks="
          "\"None\","
          "num_gpu_blocks=\"{4}\",num_gpu_blocks_override=\"None\",prefix_cache_retention_interval="
          "\"0\","
          "prefix_caching_hash_algo=\"sha256\",prefix_match_unit=\"None\",replayssm_buffer_len="
          "\"16\","
          "skip_page_size_padded=\"None\",sliding_window=\"None\",swa_bounded_replay=\"True\","
          "use_kda_recoverssm=\"False\",use_replayssm=\"False\",user_specified_block_size="
          "\"False\"",
          options.block_size, python_bool(options.enable_prefix_caching),
          python_number(concurrency), options.kv_capacity_tokens(), options.num_kv_blocks),
      "1.0");
}

}  // namespace

void EngineSnapshot::add(const EngineModel& engine) {
  running += engine.running();
  waiting += engine.waiting();
  used_blocks += engine.blocks().used();
  total_blocks += engine.blocks().size();
  stats.merge(engine.stats());
}

std::string vllm_metrics_text(const EngineSnapshot& engine, const EngineOptions& engine_options,
                              const VllmOptions& options, WallTime started) {
  Writer writer(options.base_model(), started);
  writer.counter("estimated_flops_per_gpu", "Not estimated.", std::uint64_t{0});
  writer.counter("estimated_read_bytes_per_gpu", "Not estimated.", std::uint64_t{0});
  writer.counter("estimated_write_bytes_per_gpu", "Not estimated.", std::uint64_t{0});
  write_gauges(writer, engine);
  write_counters(writer, engine.stats);
  write_histograms(writer, engine.stats);
  write_cache_config(writer, engine_options);
  return std::move(writer).take();
}

}  // namespace kthena::sim
