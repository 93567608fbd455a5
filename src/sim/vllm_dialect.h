// Writing answers as vLLM does: header fields, JSON bodies, the chunks of a stream, errors.
// Source: recordings of vLLM 0.32.0 (testdata/vllm-0.32.0).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/message.h"
#include "sim/generation.h"
#include "sim/vllm_request.h"

namespace kthena::sim {

/// The version whose behaviour this is.
inline constexpr std::string_view kVllmVersion = "0.32.0";

/// What is the same in all parts of the answer to one request.
struct AnswerIdentity {
  std::string id;            ///< "chatcmpl-…", "cmpl-…"
  std::int64_t created = 0;  ///< Unix time in seconds
  std::string fingerprint;   ///< system_fingerprint
  bool prompt_tokens_details = false;
};

/// Answers of every kind begin with these fields: Date, server, content-type, vary. Framing is the
/// server's.
/// @param content_type  empty: none
http::Response vllm_response(int status, std::string_view content_type, std::string body,
                             WallTime now);
http::Response vllm_error_response(const VllmError& error, WallTime now);
/// {"detail": …}, as the web framework answers by itself.
http::Response vllm_detail_response(int status, std::string_view detail, WallTime now);
/// 405, with the methods there are.
http::Response vllm_method_not_allowed(std::string_view allow, WallTime now);
/// The head of a stream of events.
http::Response vllm_stream_response(std::unique_ptr<http::BodySource> body, WallTime now);

std::string vllm_error_body(const VllmError& error);
std::string vllm_models_body(const VllmOptions& options, std::uint32_t max_model_len,
                             std::int64_t created);

/// The whole answer to a request that is not streamed.
std::string vllm_answer_body(const GenerationRequest& request, const AnswerIdentity& identity,
                             const Generation& generation);

inline constexpr std::string_view kVllmDone = "data: [DONE]\n\n";

/// Writes the events of one stream. Keeps what is the same in all of them ready in one buffer, so
/// that an ordinary token costs one append.
class VllmEventWriter {
 public:
  VllmEventWriter(const GenerationRequest& request, AnswerIdentity identity);

  /// Chat only: the event that gives the role, before the first token of a choice.
  std::string_view role_event(const Generation& generation, std::size_t choice);
  /// The event of the next token of a choice that is not sent yet.
  std::string_view token_event(const Generation& generation, std::size_t choice);
  /// The event that ends a choice whose engine gave up, without a token.
  std::string_view abort_event(const Generation& generation, std::size_t choice);
  /// The last event before [DONE]; empty unless usage was asked for.
  std::string_view usage_event(const Generation& generation);

 private:
  void begin(std::size_t choice);
  void append_continuous_usage(const Choice& choice, std::uint32_t completion_tokens);
  void append_end(const Choice& choice, std::string_view finish_reason, std::string_view token_ids);
  std::string_view finish();

  Api api_;
  bool include_usage_;
  bool continuous_usage_;
  bool return_token_ids_;
  bool echo_;
  std::optional<std::uint32_t> logprobs_;
  bool prompt_tokens_details_;
  std::string buffer_;
  std::size_t prefix_;                ///< of buffer_: the part all events begin with
  std::string fingerprint_;           ///< `,"system_fingerprint":"…"`
  std::vector<PromptInput> prompts_;  ///< only where an event shows them
};

}  // namespace kthena::sim
