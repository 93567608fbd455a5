// A simulated vLLM server: answers the HTTP requests of one shard out of an engine model.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/channel.h"
#include "async/shard.h"
#include "http/server.h"
#include "sim/answer_text.h"
#include "sim/engine.h"
#include "sim/faults.h"
#include "sim/vllm_dialect.h"

namespace kthena::sim {

enum class TextMode : std::uint8_t {
  Words,  ///< made-up words, the same for the same seed and prompt
  Echo,   ///< the last message, or the prompt
  File,   ///< a given text, from its beginning
};

struct SimulatorOptions {
  EngineOptions engine;
  VllmOptions vllm;
  std::uint64_t seed = 0;
  TextMode text = TextMode::Words;
  std::shared_ptr<const TokenizedText> file;  ///< for TextMode::File; not empty
  std::uint32_t mean_answer_tokens =
      128;  ///< without max_tokens: half to one and a half times this
  std::size_t max_body_bytes = 64 << 20;
  std::function<void()> crash;  ///< for FaultKind::Crash; none: std::abort()
};

class Simulator;

/// A simulator and the shard it runs on.
struct SimulatorShard {
  async::Shard* shard = nullptr;
  Simulator* simulator = nullptr;
};

/// One shard's server. With several shards each has an engine of its own, with its part of the
/// limits; /metrics, /load and /faults speak for all.
class Simulator final : public http::Handler {
 public:
  Simulator(async::Loop& loop, SimulatorOptions options);

  async::Task<http::Response> handle(http::Request& request) override;
  http::Response refuse(int status, std::string_view message) override;

  /// The other shards' simulators. Before requests come.
  void set_peers(std::vector<SimulatorShard> peers) { peers_ = std::move(peers); }

  /// Errors: TooLarge beyond 100 faults.
  Result<> add_fault(const Fault& fault);
  void clear_faults() { faults_.clear(); }

  Engine& engine() noexcept { return engine_; }
  /// Requests that generate now, queued ones included.
  std::uint64_t load() const noexcept { return load_; }

 private:
  struct Route;
  static const Route* find_route(std::string_view path);

  async::Task<http::Response> answer(http::Request& request);
  async::Task<http::Response> answer_route(const Route& route, http::Request& request,
                                           RequestFaults faults);
  async::Task<http::Response> generate(Api api, http::Request& request, RequestFaults faults);
  async::Task<http::Response> tokenize_text(http::Request& request);
  async::Task<http::Response> detokenize_ids(http::Request& request);
  async::Task<http::Response> metrics();
  async::Task<http::Response> server_load();
  async::Task<http::Response> change_faults(http::Request& request);
  async::Task<VllmResult<json::Object>> read_body(http::Request& request);

  http::Response stream(const GenerationRequest& request, AnswerIdentity identity,
                        std::unique_ptr<Generation> generation, const RequestFaults& faults);
  http::Response redirect_or_not_found(const http::Request& request) const;
  VllmResult<std::vector<ChoicePlan>> plan_choices(const GenerationRequest& request);
  AnswerText answer_text(const PromptInput& prompt, std::uint64_t seed) const;
  AnswerIdentity identify(const GenerationRequest& request, const http::Request& http);
  WallTime now() const { return engine_.loop().wall_now(); }

  SimulatorOptions options_;
  Engine engine_;
  FaultSet faults_;
  Random random_;
  WallTime started_;
  std::string fingerprint_;
  std::string stuck_metrics_;
  std::vector<SimulatorShard> peers_;
  async::Event never_;  ///< what hanging requests wait for
  std::uint64_t load_ = 0;
};

}  // namespace kthena::sim
