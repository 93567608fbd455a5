#include "sim/simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "async/loop.h"
#include "async/task.h"
#include "async/time.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/result.h"
#include "http/body.h"
#include "http/message.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "sim/answer_text.h"
#include "sim/engine_model.h"
#include "sim/faults.h"
#include "sim/faulty_body.h"
#include "sim/generation.h"
#include "sim/stream_body.h"
#include "sim/tokenizer.h"
#include "sim/vllm_dialect.h"
#include "sim/vllm_metrics.h"
#include "sim/vllm_request.h"

namespace kthena::sim {
namespace {

constexpr std::string_view kJson = "application/json";

http::Response cancelled() {
  // Nobody reads it: the client has gone.
  return http::Response{.status = 0};
}

VllmError busy() {
  return {.status = 503,
          .type = "Service Unavailable",
          .message =
              "The engine is currently busy and cannot accept new requests. Please try again later "
              "or on a "
              "different instance."};
}

VllmError injected(int status) {
  return {.status = status,
          .type = status >= 500 ? "InternalServerError" : "BadRequestError",
          .message = "an injected fault"};
}

}  // namespace

/// A path and what it does.
struct Simulator::Route {
  enum class What : std::uint8_t {
    Chat,
    Completions,
    Tokenize,
    Detokenize,
    Models,
    Empty,
    Version,
    Load,
    Metrics,
    Faults
  };
  std::string_view path;
  std::string_view allow;  ///< as the Allow field lists them
  What what;

  bool generates() const noexcept { return what == What::Chat || what == What::Completions; }
  bool allows(std::string_view method) const noexcept {
    for (std::string_view left = allow; !left.empty();) {
      const std::size_t comma = std::min(left.find(", "), left.size());
      if (left.substr(0, comma) == method) {
        return true;
      }
      left.remove_prefix(std::min(comma + 2, left.size()));
    }
    return false;
  }
};

const Simulator::Route* Simulator::find_route(std::string_view path) {
  using What = Route::What;
  static constexpr Route kRoutes[] = {
      {"/v1/chat/completions", "POST", What::Chat},
      {"/v1/completions", "POST", What::Completions},
      {"/v1/models", "GET", What::Models},
      {"/health", "GET", What::Empty},
      {"/ping", "GET, POST", What::Empty},
      {"/version", "GET", What::Version},
      {"/load", "GET", What::Load},
      {"/metrics", "GET", What::Metrics},
      {"/tokenize", "POST", What::Tokenize},
      {"/detokenize", "POST", What::Detokenize},
      {"/faults", "GET, POST, DELETE", What::Faults},
  };
  const auto* found = std::ranges::find(kRoutes, path, &Route::path);
  return found == std::end(kRoutes) ? nullptr : found;
}

Simulator::Simulator(async::Loop& loop, SimulatorOptions options)
    : options_(std::move(options)),
      engine_(loop, options_.engine),
      faults_(options_.seed ^ 0xfa17),
      random_(options_.seed ^ 0x1d),
      started_(loop.wall_now()) {
  CHECK(options_.text != TextMode::File || (options_.file && options_.file->tokens() > 0));
  if (!options_.crash) {
    options_.crash = [] { std::abort(); };
  }
  const std::uint64_t setup = xxh3_64(options_.vllm.base_model(), options_.engine.max_model_len);
  fingerprint_ = fmt::format("vllm-{}-{:08x}", kVllmVersion, static_cast<std::uint32_t>(setup));
}

Result<> Simulator::add_fault(const Fault& fault) {
  TRY(faults_.add(fault));
  return {};
}

http::Response Simulator::refuse(int status, std::string_view message) {
  http::Response response =
      vllm_response(status, "text/plain; charset=utf-8",
                    status == 400 ? "Invalid HTTP request received." : std::string(message), now());
  response.headers.remove("vary");  // written below the layer that adds it
  return response;
}

async::Task<http::Response> Simulator::handle(http::Request& request) {
  http::Response response = co_await answer(request);
  if (options_.vllm.enable_request_id_headers && response.status != 0) {
    const auto given = request.headers.find("x-request-id");
    response.headers.add("x-request-id",
                         given ? std::string(*given)
                               : fmt::format("{:016x}{:016x}", random_.next(), random_.next()));
  }
  co_return response;
}

async::Task<http::Response> Simulator::answer(http::Request& request) {
  const Route* route = find_route(request.path());
  if (route == nullptr) {
    co_return redirect_or_not_found(request);
  }
  if (!route->allows(request.method_text)) {
    co_return vllm_method_not_allowed(route->allow, now());
  }
  RequestFaults faults;
  if (!faults_.empty() && route->what != Route::What::Faults) {
    faults = faults_.hit(route->path, route->generates());
  }
  if (faults.status == 0) {
    co_return http::Response{.status = 0};
  }
  if (faults.status) {
    co_return vllm_error_response(*faults.status == 503 ? busy() : injected(*faults.status), now());
  }
  if (faults.hang) {
    static_cast<void>(co_await never_.wait());
    co_return cancelled();
  }
  co_return co_await answer_route(*route, request, faults);
}

async::Task<http::Response> Simulator::answer_route(const Route& route, http::Request& request,
                                                    RequestFaults faults) {
  switch (route.what) {
    case Route::What::Chat:
      co_return co_await generate(Api::Chat, request, faults);
    case Route::What::Completions:
      co_return co_await generate(Api::Completions, request, faults);
    case Route::What::Tokenize:
      co_return co_await tokenize_text(request);
    case Route::What::Detokenize:
      co_return co_await detokenize_ids(request);
    case Route::What::Metrics:
      co_return co_await metrics();
    case Route::What::Load:
      co_return co_await server_load();
    case Route::What::Faults:
      co_return co_await change_faults(request);
    case Route::What::Models: {
      const auto created =
          std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
      co_return vllm_response(
          200, kJson, vllm_models_body(options_.vllm, options_.engine.max_model_len, created),
          now());
    }
    case Route::What::Version:
      co_return vllm_response(200, kJson, fmt::format(R"({{"version":"{}"}})", kVllmVersion),
                              now());
    case Route::What::Empty:
      break;
  }
  co_return vllm_response(200, "", "", now());
}

http::Response Simulator::redirect_or_not_found(const http::Request& request) const {
  std::string_view path = request.path();
  if (path.size() > 1 && path.ends_with('/') &&
      find_route(path.substr(0, path.size() - 1)) != nullptr) {
    path.remove_suffix(1);
    http::Response response = vllm_response(307, "", "", now());
    response.headers.remove("vary");
    response.headers.add(
        "location", fmt::format("http://{}{}", request.headers.find("host").value_or(""), path));
    response.headers.add("vary", "Origin");
    return response;
  }
  return vllm_detail_response(404, "Not Found", now());
}

async::Task<VllmResult<json::Object>> Simulator::read_body(http::Request& request) {
  const Result<std::string> body = co_await http::read_all(request.body, options_.max_body_bytes);
  if (!body) {
    co_return std::unexpected(
        VllmError{.status = body.error().code() == ErrorCode::TooLarge ? 413 : 400,
                  .message = body.error().message()});
  }
  co_return parse_vllm_body(request.headers.find("content-type"), *body);
}

AnswerText Simulator::answer_text(const PromptInput& prompt, std::uint64_t seed) const {
  if (options_.text == TextMode::File) {
    return AnswerText(options_.file);
  }
  if (options_.text == TextMode::Echo && !prompt.last_message.empty()) {
    return AnswerText(std::make_shared<const TokenizedText>(prompt.last_message));
  }
  return AnswerText(seed);
}

VllmResult<std::vector<ChoicePlan>> Simulator::plan_choices(const GenerationRequest& request) {
  std::vector<ChoicePlan> plans;
  plans.reserve(request.prompts.size() * request.n);
  const std::uint64_t salt = request.cache_salt.empty() ? 0 : xxh3_64(request.cache_salt, 1);
  for (const PromptInput& input : request.prompts) {
    const auto max_tokens = check_length(request, input, options_.engine.max_model_len);
    if (!max_tokens) {
      return std::unexpected(max_tokens.error());
    }
    const auto prompt =
        std::make_shared<const Prompt>(input.tokens, options_.engine.block_size, salt);
    const std::string_view bytes(reinterpret_cast<const char*>(input.tokens.data()),
                                 input.tokens.size() * sizeof(TokenId));
    Random random(
        xxh3_64(bytes, options_.seed ^ static_cast<std::uint64_t>(request.seed.value_or(0))));
    for (std::uint32_t i = 0; i < request.n; ++i) {
      const std::uint64_t mean = std::max(options_.mean_answer_tokens, 1U);
      const std::uint64_t seed = random.next();
      const auto natural = static_cast<std::uint32_t>(mean / 2 + random.uniform(mean) + 1);
      const StopRules rules{.max_tokens = *max_tokens,
                            .natural_length = std::max(natural, request.min_tokens),
                            .ignore_eos = request.ignore_eos,
                            .stop = request.stop,
                            .include_stop = request.include_stop};
      plans.push_back({prompt, plan_answer(answer_text(input, seed), rules)});
      engine_.model().stats().request_max_tokens.observe(*max_tokens);
    }
  }
  return plans;
}

AnswerIdentity Simulator::identify(const GenerationRequest& request, const http::Request& http) {
  const std::string_view prefix = request.api == Api::Chat ? "chatcmpl-" : "cmpl-";
  std::string id(http.headers.find("x-request-id").value_or(request.request_id));
  if (id.empty()) {
    id = to_hex(random_.next());
  }
  return {
      .id = fmt::format("{}{}", prefix, id),
      .created = std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count(),
      .fingerprint = fingerprint_,
      .prompt_tokens_details = options_.vllm.enable_prompt_tokens_details};
}

async::Task<http::Response> Simulator::generate(Api api, http::Request& request,
                                                RequestFaults faults) {
  const auto body = co_await read_body(request);
  if (!body) {
    co_return vllm_error_response(body.error(), now());
  }
  auto parsed = parse_generation_request(api, *body, options_.vllm);
  if (!parsed) {
    co_return vllm_error_response(parsed.error(), now());
  }
  auto plans = plan_choices(*parsed);
  if (!plans) {
    co_return vllm_error_response(plans.error(), now());
  }
  if (!engine_.admit(plans->size())) {
    co_return vllm_error_response(busy(), now());
  }
  if (faults.cut == RequestFaults::Cut::Crash && faults.cut_after == 0) {
    options_.crash();
  }
  engine_.model().stats().request_n.observe(parsed->n);
  AnswerIdentity identity = identify(*parsed, request);
  auto generation = std::make_unique<Generation>(engine_, *std::move(plans), load_);
  if (parsed->stream) {
    co_return stream(*parsed, std::move(identity), std::move(generation), faults);
  }
  if (!co_await generation->wait_finished()) {
    co_return cancelled();
  }
  const Duration late =
      faults.first_token_delay +
      faults.token_delay * static_cast<std::int64_t>(generation->generated_tokens());
  if (late != Duration::zero() && !co_await async::sleep_for(late)) {
    co_return cancelled();
  }
  if (faults.cut == RequestFaults::Cut::Stall) {
    static_cast<void>(co_await never_.wait());
    co_return cancelled();
  }
  if (faults.cut == RequestFaults::Cut::Crash) {
    options_.crash();
  }
  http::Response response =
      vllm_response(200, kJson, vllm_answer_body(*parsed, identity, *generation), now());
  if (faults.cut != RequestFaults::Cut::None) {
    response.body = http::Body(std::unique_ptr<http::BodySource>(std::make_unique<CutText>(
        std::string(response.body.text()), faults.cut == RequestFaults::Cut::Reset)));
  }
  co_return response;
}

http::Response Simulator::stream(const GenerationRequest& request, AnswerIdentity identity,
                                 std::unique_ptr<Generation> generation,
                                 const RequestFaults& faults) {
  auto body = std::make_unique<StreamBody>(
      std::move(generation), VllmEventWriter(request, std::move(identity)), request.api);
  if (!faults.changes_body()) {
    return vllm_stream_response(std::move(body), now());
  }
  return vllm_stream_response(
      std::make_unique<FaultyBody>(engine_.loop(), std::move(body), faults, options_.crash), now());
}

async::Task<http::Response> Simulator::tokenize_text(http::Request& request) {
  const auto body = co_await read_body(request);
  if (!body) {
    co_return vllm_error_response(body.error(), now());
  }
  const auto prompt = parse_tokenize_request(*body, options_.vllm);
  if (!prompt) {
    co_return vllm_error_response(prompt.error(), now());
  }
  const json::Value* wanted = body->find("return_token_strs");
  std::string strings = "null";
  if (wanted != nullptr && wanted->is_bool() && wanted->as_bool()) {
    const TokenizedText pieces(prompt->text);
    strings = "[";
    for (std::uint32_t i = 0; i < pieces.tokens(); ++i) {
      strings += i == 0 ? "" : ",";
      json::append_quoted(strings, pieces.piece(i));
    }
    strings += ']';
  }
  co_return vllm_response(
      200, kJson,
      fmt::format(R"({{"count":{},"max_model_len":{},"tokens":[{}],"token_strs":{}}})",
                  prompt->tokens.size(), options_.engine.max_model_len,
                  fmt::join(prompt->tokens, ","), strings),
      now());
}

async::Task<http::Response> Simulator::detokenize_ids(http::Request& request) {
  const auto body = co_await read_body(request);
  if (!body) {
    co_return vllm_error_response(body.error(), now());
  }
  const auto ids = parse_detokenize_request(*body, options_.vllm);
  if (!ids) {
    co_return vllm_error_response(ids.error(), now());
  }
  co_return vllm_response(200, kJson,
                          fmt::format(R"({{"prompt":{}}})", json::quote(detokenize(*ids))), now());
}

async::Task<http::Response> Simulator::metrics() {
  constexpr std::string_view kType = "text/plain; version=1.0.0; charset=utf-8";
  if (faults_.has(FaultKind::StuckMetrics) && !stuck_metrics_.empty()) {
    co_return vllm_response(200, kType, stuck_metrics_, now());
  }
  EngineOptions whole = options_.engine;
  EngineSnapshot snapshot(whole.max_model_len);
  snapshot.add(engine_.model());
  for (const SimulatorShard& peer : peers_) {
    co_await peer.shard->run([&] { snapshot.add(peer.simulator->engine_.model()); });
  }
  whole.num_kv_blocks = static_cast<std::uint32_t>(snapshot.total_blocks);
  std::string text = vllm_metrics_text(snapshot, whole, options_.vllm, started_);
  stuck_metrics_ = faults_.has(FaultKind::StuckMetrics) ? text : std::string();
  co_return vllm_response(200, kType, std::move(text), now());
}

async::Task<http::Response> Simulator::server_load() {
  std::uint64_t load = load_;
  for (const SimulatorShard& peer : peers_) {
    load += co_await peer.shard->run([&] { return peer.simulator->load_; });
  }
  co_return vllm_response(
      200, kJson,
      fmt::format(R"({{"server_load":{}}})", options_.vllm.enable_server_load_tracking ? load : 0),
      now());
}

async::Task<http::Response> Simulator::change_faults(http::Request& request) {
  if (request.method == http::Method::Delete) {
    clear_faults();
    for (const SimulatorShard& peer : peers_) {
      co_await peer.shard->run([&] { peer.simulator->clear_faults(); });
    }
  } else if (request.method == http::Method::Post) {
    const Result<std::string> body = co_await http::read_all(request.body, 64 << 10);
    Result<json::Value> value = body ? json::parse(*body) : Result<json::Value>(fail(body.error()));
    Result<Fault> fault =
        value ? parse_fault(*value) : Result<Fault>(fail(std::move(value).error()));
    const Result<> added = fault ? add_fault(*fault) : Result<>(fail(std::move(fault).error()));
    if (!added) {
      co_return vllm_error_response({.message = added.error().message()}, now());
    }
    for (const SimulatorShard& peer : peers_) {
      co_await peer.shard->run([&] { static_cast<void>(peer.simulator->add_fault(*fault)); });
    }
  }
  co_return vllm_response(200, kJson, json::print(faults_.to_json()), now());
}

}  // namespace kthena::sim
