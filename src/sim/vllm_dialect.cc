#include "sim/vllm_dialect.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/body.h"
#include "http/message.h"
#include "json/print.h"
#include "sim/engine_stats.h"
#include "sim/generation.h"
#include "sim/vllm_logprobs.h"
#include "sim/vllm_request.h"

namespace kthena::sim {
namespace {

using Out = std::back_insert_iterator<std::string>;

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string_view finish_text(FinishReason reason) {
  switch (reason) {
    case FinishReason::None:
      break;
    case FinishReason::Stop:
      return R"("stop")";
    case FinishReason::Length:
      return R"("length")";
    case FinishReason::Abort:
      return R"("abort")";
  }
  return "null";
}

std::string stop_text(const Choice& choice) {
  return choice.stop_text() ? json::quote(*choice.stop_text()) : "null";
}

std::string prompt_ids(const std::vector<PromptInput>& prompts, std::size_t index) {
  return index < prompts.size() ? fmt::format("[{}]", fmt::join(prompts[index].tokens, ","))
                                : std::string("null");
}

/// IMF-fixdate, for example "Sat, 21 Nov 2026 15:22:12 GMT". The same second is printed once.
std::string_view http_date(WallTime now) {
  thread_local std::int64_t printed = -1;
  thread_local std::string text;
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  if (second.count() != printed) {
    printed = second.count();
    text =
        fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(printed)));
  }
  return text;
}

/// `prompt_tokens`, … as they stand in every usage object.
void append_usage_counts(std::string& out, std::uint64_t prompt, std::uint64_t completion) {
  out += R"("prompt_tokens":)";
  append_number(out, prompt);
  out += R"(,"total_tokens":)";
  append_number(out, prompt + completion);
  out += R"(,"completion_tokens":)";
  append_number(out, completion);
}

std::string cached_details(const Generation& generation) {
  return fmt::format(R"({{"cached_tokens":{}}})", generation.cached_tokens());
}

/// What a choice has said, as a JSON string.
void append_answer(std::string& out, const Choice& choice, std::string_view before) {
  std::string text(before);
  for (std::uint32_t i = 0; i < choice.generated(); ++i) {
    choice.text().append(i, text);
  }
  json::append_quoted(out, text);
}

void append_token_ids(std::string& out, const Choice& choice) {
  out += '[';
  for (std::uint32_t i = 0; i < choice.generated(); ++i) {
    out += i == 0 ? "" : ",";
    append_number(out, choice.text().id(i));
  }
  out += ']';
}

void append_chat_choice(std::string& out, const GenerationRequest& request, const Choice& choice) {
  out += R"("message":{"role":"assistant","content":)";
  append_answer(out, choice, "");
  out +=
      R"(,"refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":null},"logprobs":)";
  if (request.logprobs) {
    append_chat_logprobs(out, choice.text(), {0, choice.generated()}, *request.logprobs);
  } else {
    out += "null";
  }
  fmt::format_to(Out(out), R"(,"finish_reason":{},"stop_reason":{},"token_ids":)",
                 finish_text(choice.finish_reason()), stop_text(choice));
  if (request.return_token_ids) {
    append_token_ids(out, choice);
  } else {
    out += "null";
  }
  out += R"(,"routed_experts":null})";
}

void append_completion_choice(std::string& out, const GenerationRequest& request,
                              const Choice& choice, std::size_t prompt) {
  out += R"("text":)";
  append_answer(out, choice, request.echo ? std::string_view(request.prompts[prompt].text) : "");
  out += R"(,"logprobs":)";
  if (request.logprobs) {
    append_completion_logprobs(out, choice.text(), {0, choice.generated()}, *request.logprobs, 0);
  } else {
    out += "null";
  }
  fmt::format_to(Out(out), R"(,"finish_reason":{},"stop_reason":{},"token_ids":)",
                 finish_text(choice.finish_reason()), stop_text(choice));
  if (request.return_token_ids) {
    append_token_ids(out, choice);
  } else {
    out += "null";
  }
  fmt::format_to(Out(out),
                 R"(,"prompt_logprobs":null,"prompt_token_ids":{},"routed_experts":null}})",
                 request.return_token_ids ? prompt_ids(request.prompts, prompt) : "null");
}

std::string model_entry(std::string_view name, std::string_view root, std::uint32_t max_model_len,
                        std::int64_t created) {
  // The permission's id is as random in the original.
  return fmt::format(
      R"({{"id":{},"object":"model","created":{},"owned_by":"vllm","root":{},"parent":null,"max_model_len":{},)"
      R"("permission":[{{"id":"modelperm-{:016x}","object":"model_permission","created":{},)"
      R"("allow_create_engine":false,"allow_sampling":true,"allow_logprobs":true,"allow_search_indices":false,)"
      R"("allow_view":true,"allow_fine_tuning":false,"organization":"*","group":null,"is_blocking":false}}]}})",
      json::quote(name), created, json::quote(root), max_model_len,
      std::hash<std::string_view>{}(name), created);
}

}  // namespace

http::Response vllm_response(int status, std::string_view content_type, std::string body,
                             WallTime now) {
  http::Response response;
  response.status = status;
  response.headers.reserve(5, 128);
  response.headers.add("date", http_date(now));
  response.headers.add("server", "uvicorn");
  if (!content_type.empty()) {
    response.headers.add("content-type", content_type);
  }
  response.headers.add("vary", "Origin");
  response.body = std::move(body);
  return response;
}

http::Response vllm_error_response(const VllmError& error, WallTime now) {
  return vllm_response(error.status, "application/json", vllm_error_body(error), now);
}

http::Response vllm_detail_response(int status, std::string_view detail, WallTime now) {
  return vllm_response(status, "application/json",
                       fmt::format(R"({{"detail":{}}})", json::quote(detail)), now);
}

http::Response vllm_method_not_allowed(std::string_view allow, WallTime now) {
  http::Response response = vllm_detail_response(405, "Method Not Allowed", now);
  response.headers.clear();
  response.headers.add("date", http_date(now));
  response.headers.add("server", "uvicorn");
  response.headers.add("allow", allow);
  response.headers.add("content-type", "application/json");
  response.headers.add("vary", "Origin");
  return response;
}

http::Response vllm_stream_response(std::unique_ptr<http::BodySource> body, WallTime now) {
  http::Response response = vllm_response(200, "text/event-stream; charset=utf-8", {}, now);
  response.body = http::Body(std::move(body));
  return response;
}

std::string vllm_error_body(const VllmError& error) {
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":{},"code":{}}}}})",
                     json::quote(error.message), json::quote(error.type),
                     error.param ? json::quote(*error.param) : "null", error.status);
}

std::string vllm_models_body(const VllmOptions& options, std::uint32_t max_model_len,
                             std::int64_t created) {
  std::string body = R"({"object":"list","data":[)";
  const std::string* const single = &options.model;
  const std::span<const std::string> names = options.served_model_names.empty()
                                                 ? std::span(single, 1)
                                                 : std::span(options.served_model_names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    body += i == 0 ? "" : ",";
    body += model_entry(names[i], options.model, max_model_len, created);
  }
  return body + "]}";
}

std::string vllm_answer_body(const GenerationRequest& request, const AnswerIdentity& identity,
                             const Generation& generation) {
  const bool chat = request.api == Api::Chat;
  std::string out;
  fmt::format_to(Out(out), R"({{"id":{},"object":"{}","created":{},"model":{},"choices":[)",
                 json::quote(identity.id), chat ? "chat.completion" : "text_completion",
                 identity.created, json::quote(request.model));
  const auto& choices = generation.choices();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    fmt::format_to(Out(out), R"({}{{"index":{},)", i == 0 ? "" : ",", i);
    if (chat) {
      append_chat_choice(out, request, *choices[i]);
    } else {
      append_completion_choice(out, request, *choices[i], i / request.n);
    }
  }
  fmt::format_to(Out(out), R"(],"service_tier":null,"system_fingerprint":"{}","usage":{{)",
                 identity.fingerprint);
  append_usage_counts(out, generation.prompt_tokens(), generation.generated_tokens());
  fmt::format_to(Out(out), R"(,"prompt_tokens_details":{},"completion_tokens_details":null}})",
                 identity.prompt_tokens_details ? cached_details(generation) : "null");
  if (chat) {
    fmt::format_to(Out(out), R"(,"prompt_logprobs":null,"prompt_token_ids":{},"prompt_text":null)",
                   request.return_token_ids ? prompt_ids(request.prompts, 0) : "null");
  }
  return out + R"(,"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null})";
}

VllmEventWriter::VllmEventWriter(const GenerationRequest& request, AnswerIdentity identity)
    : api_(request.api),
      include_usage_(request.include_usage),
      continuous_usage_(request.continuous_usage),
      return_token_ids_(request.return_token_ids),
      echo_(request.echo),
      logprobs_(request.logprobs),
      prompt_tokens_details_(identity.prompt_tokens_details),
      fingerprint_(fmt::format(R"(,"system_fingerprint":"{}")", identity.fingerprint)) {
  fmt::format_to(
      Out(buffer_), R"(data: {{"id":{},"object":"{}","created":{},"model":{},"choices":[)",
      json::quote(identity.id), api_ == Api::Chat ? "chat.completion.chunk" : "text_completion",
      identity.created, json::quote(request.model));
  prefix_ = buffer_.size();
  if (return_token_ids_ || echo_) {
    prompts_ = request.prompts;
  }
}

void VllmEventWriter::begin(std::size_t choice) {
  buffer_.resize(prefix_);
  buffer_ += R"({"index":)";
  append_number(buffer_, choice);
}

std::string_view VllmEventWriter::finish() {
  buffer_ += "}\n\n";
  return buffer_;
}

void VllmEventWriter::append_continuous_usage(const Choice& choice,
                                              std::uint32_t completion_tokens) {
  if (!continuous_usage_) {
    return;
  }
  buffer_ += R"(,"usage":{)";
  append_usage_counts(buffer_, choice.prompt().tokens, completion_tokens);
  buffer_ += api_ == Api::Chat ? R"(,"completion_tokens_details":null})" : "}";
}

std::string_view VllmEventWriter::role_event(const Generation& generation, std::size_t index) {
  begin(index);
  buffer_ += R"(,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}])";
  append_continuous_usage(*generation.choices()[index], 0);
  buffer_ += R"(,"prompt_token_ids":)";
  buffer_ += return_token_ids_ ? prompt_ids(prompts_, 0) : "null";
  buffer_ += R"(,"prompt_text":null)";
  return finish();
}

/// From the finish reason to the end of the choice: `,"finish_reason":…,"token_ids":…}]`.
void VllmEventWriter::append_end(const Choice& choice, std::string_view finish_reason,
                                 std::string_view token_ids) {
  buffer_ += R"(,"finish_reason":)";
  buffer_ += finish_reason;
  if (api_ == Api::Completions || finish_reason != "null") {
    buffer_ += R"(,"stop_reason":)";
    buffer_ += finish_reason == R"("stop")" ? stop_text(choice) : "null";
  }
  if (api_ == Api::Completions) {
    buffer_ += R"(,"prompt_token_ids":)";
    buffer_ += return_token_ids_ && choice.sent == 1 ? prompt_ids(prompts_, 0) : "null";
  }
  buffer_ += R"(,"token_ids":)";
  buffer_ += token_ids;
  buffer_ += "}]";
  append_continuous_usage(choice, choice.sent);
  if (finish_reason != "null" && !include_usage_) {
    buffer_ += fingerprint_;
  }
}

std::string_view VllmEventWriter::token_event(const Generation& generation, std::size_t index) {
  Choice& choice = *generation.choices()[index];
  const std::uint32_t token = choice.sent++;
  begin(index);
  buffer_ += api_ == Api::Chat ? R"(,"delta":{"content":)" : R"(,"text":)";
  if (echo_ && token == 0 && api_ == Api::Completions) {
    std::string text = prompts_[index * prompts_.size() / generation.choices().size()].text;
    choice.text().append(0, text);
    json::append_quoted(buffer_, text);
  } else {
    choice.text().append_json(token, buffer_);
  }
  buffer_ += api_ == Api::Chat ? R"(},"logprobs":)" : R"(,"logprobs":)";
  if (!logprobs_) {
    buffer_ += "null";
  } else if (api_ == Api::Chat) {
    append_chat_logprobs(buffer_, choice.text(), {token, 1}, *logprobs_);
  } else {
    std::string before;
    for (std::uint32_t i = 0; i < token; ++i) {
      choice.text().append(i, before);
    }
    append_completion_logprobs(buffer_, choice.text(), {token, 1}, *logprobs_,
                               static_cast<std::uint32_t>(before.size()));
  }
  const bool last = choice.sent == choice.plan().tokens;
  const std::string_view reason = finish_text(last ? choice.plan().reason : FinishReason::None);
  if (return_token_ids_) {
    append_end(choice, reason, fmt::format("[{}]", choice.text().id(token)));
  } else {
    append_end(choice, reason, "null");
  }
  return finish();
}

std::string_view VllmEventWriter::abort_event(const Generation& generation, std::size_t index) {
  begin(index);
  buffer_ += api_ == Api::Chat ? R"(,"delta":{"content":""},"logprobs":null)"
                               : R"(,"text":"","logprobs":null)";
  append_end(*generation.choices()[index], finish_text(FinishReason::Abort), "null");
  return finish();
}

std::string_view VllmEventWriter::usage_event(const Generation& generation) {
  if (!include_usage_) {
    return {};
  }
  buffer_.resize(prefix_);
  buffer_ += R"(],"usage":{)";
  append_usage_counts(buffer_, generation.prompt_tokens(), generation.generated_tokens());
  if (prompt_tokens_details_) {
    buffer_ += R"(,"prompt_tokens_details":)";
    buffer_ += cached_details(generation);
  }
  buffer_ += '}';
  buffer_ += fingerprint_;
  return finish();
}

}  // namespace kthena::sim
