// Reading requests as vLLM does: what it accepts, what it refuses, and in which words.
// Source: recordings of vLLM 0.32.0 (testdata/vllm-0.32.0).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "sim/tokenizer.h"

namespace kthena::sim {

/// What a vLLM server is started with, as far as requests and answers show it.
struct VllmOptions {
  std::string model = "simulated";              ///< path or name of the weights
  std::vector<std::string> served_model_names;  ///< names clients use; empty: `model`
  bool enable_prompt_tokens_details = false;    ///< cached_tokens in usage
  bool enable_request_id_headers = false;
  bool enable_server_load_tracking = false;

  std::string_view base_model() const noexcept {
    return served_model_names.empty() ? std::string_view(model) : served_model_names.front();
  }
  bool serves(std::string_view name) const noexcept;
};

/// A refusal in the shape {"error": {message, type, param, code}}.
struct VllmError {
  int status = 400;
  std::string type = "BadRequestError";
  std::string message;
  std::optional<std::string> param;
};

enum class Api : std::uint8_t { Chat, Completions };

/// One prompt: its tokens, and its text for echoing.
struct PromptInput {
  std::vector<TokenId> tokens;
  std::string text;
  /// Of a chat: the last message. What an echoing engine repeats.
  std::string last_message;
};

/// A chat or completion request that is valid in itself; lengths are checked against the model's
/// context by check_length().
struct GenerationRequest {
  Api api = Api::Chat;
  std::string model;  ///< as the answer names it
  std::vector<PromptInput> prompts;
  std::uint32_t n = 1;
  std::optional<std::int64_t> max_tokens;
  std::uint32_t min_tokens = 0;
  std::vector<std::string> stop;
  std::optional<std::int64_t> seed;
  std::optional<std::uint32_t> logprobs;  ///< alternatives a token, if logprobs are wanted
  std::string cache_salt;
  std::string request_id;
  bool stream = false;
  bool include_usage = false;
  bool continuous_usage = false;
  bool ignore_eos = false;
  bool include_stop = false;
  bool echo = false;
  bool return_token_ids = false;
};

template <class T>
using VllmResult = std::expected<T, VllmError>;

/// Reads a body of a POST as JSON; checks the content type before.
VllmResult<json::Object> parse_vllm_body(std::optional<std::string_view> content_type,
                                         std::string_view body);

VllmResult<GenerationRequest> parse_generation_request(Api api, const json::Object& body,
                                                       const VllmOptions& options);

/// How many tokens the answer to a prompt may have, 1 … max_model_len.
VllmResult<std::uint32_t> check_length(const GenerationRequest& request, const PromptInput& prompt,
                                       std::uint32_t max_model_len);

/// The prompt of /tokenize: `prompt`, or `messages` through the chat template.
VllmResult<PromptInput> parse_tokenize_request(const json::Object& body,
                                               const VllmOptions& options);
VllmResult<std::vector<TokenId>> parse_detokenize_request(const json::Object& body,
                                                          const VllmOptions& options);

}  // namespace kthena::sim
