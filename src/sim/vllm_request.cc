#include "sim/vllm_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/strings.h"
#include "json/parse.h"
#include "json/value.h"
#include "sim/python_json.h"
#include "sim/tokenizer.h"
#include "sim/vllm_fields.h"

namespace kthena::sim {
namespace {

constexpr std::size_t kMaxChoices = 1024;
constexpr std::int64_t kMaxLogprobs = 20;
constexpr std::int64_t kDefaultCompletionTokens = 16;

std::unexpected<VllmError> bad_request(std::string message,
                                       std::optional<std::string> param = std::nullopt) {
  return std::unexpected(VllmError{.message = std::move(message), .param = std::move(param)});
}

/// An error about the value of one parameter, with the tail vLLM gives it.
std::unexpected<VllmError> bad_parameter(std::string_view message, std::string_view name,
                                         std::string_view value) {
  return bad_request(fmt::format("{} (parameter={}, value={})", message, name, value),
                     std::string(name));
}

/// As Python prints a float: "-1.0".
std::string python_float(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) {
    text += ".0";
  }
  return text;
}

VllmResult<std::string> check_model(const std::optional<std::string>& name,
                                    const VllmOptions& options) {
  if (!name || name->empty()) {
    return std::string(options.base_model());
  }
  if (options.serves(*name)) {
    return *name;
  }
  const std::string aliases =
      options.served_model_names.empty() ? options.model : join(options.served_model_names, ", ");
  return std::unexpected(VllmError{
      .status = 404,
      .type = "NotFoundError",
      .message = fmt::format("The model `{}` does not exist. Valid aliases: {}.", *name, aliases),
      .param = "model"});
}

/// The text of a message: a string, or the text parts of a list; other parts leave a mark.
std::string content_text(const json::Value* content) {
  if (content == nullptr) {
    return {};
  }
  if (content->is_string()) {
    return content->as_string();
  }
  std::string text;
  if (content->is_array()) {
    for (const json::Value& part : content->as_array()) {
      const json::Value* piece = part.find("text");
      if (piece != nullptr && piece->is_string()) {
        text += piece->as_string();
      } else if (const json::Value* type = part.find("type");
                 type != nullptr && type->is_string()) {
        text += fmt::format("<{}>", type->as_string());
      }
    }
  }
  return text;
}

/// The simulator's chat template: `<role>content\n` for each message, then `<assistant>`.
PromptInput apply_chat_template(const json::Array& messages) {
  PromptInput prompt;
  for (const json::Value& message : messages) {
    const json::Value* role = message.find("role");
    std::string content = content_text(message.find("content"));
    prompt.text += fmt::format(
        "<{}>{}\n", role != nullptr && role->is_string() ? role->as_string() : "user", content);
    prompt.last_message = std::move(content);
  }
  prompt.text += "<assistant>";
  prompt.tokens = tokenize(prompt.text);
  return prompt;
}

PromptInput text_prompt(std::string text) {
  PromptInput prompt{.tokens = tokenize(text), .text = std::move(text), .last_message = {}};
  prompt.last_message = prompt.text;
  return prompt;
}

VllmResult<PromptInput> token_prompt(const json::Array& items) {
  PromptInput prompt;
  prompt.tokens.reserve(items.size());
  for (const json::Value& item : items) {
    const auto id = item.to_int64();
    if (!id || *id < 0 || *id >= kVocabularySize) {
      return bad_request(fmt::format("Token id {} is out of vocabulary",
                                     item.is_number() ? item.number_text() : "?"));
    }
    prompt.tokens.push_back(static_cast<TokenId>(*id));
  }
  prompt.text = detokenize(prompt.tokens);
  prompt.last_message = prompt.text;
  return prompt;
}

/// A completion's prompt: a text, token ids, or a list of either.
VllmResult<std::vector<PromptInput>> completion_prompts(const json::Value* prompt) {
  const auto missing = [] {
    return bad_request(
        "Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)",
        "prompt");
  };
  if (prompt == nullptr || prompt->is_null()) {
    return missing();
  }
  std::vector<PromptInput> prompts;
  if (prompt->is_string()) {
    if (prompt->as_string().empty()) {
      return missing();
    }
    prompts.push_back(text_prompt(prompt->as_string()));
    return prompts;
  }
  if (!prompt->is_array()) {
    return bad_request("prompt must be a string, a list of strings or of token ids", "prompt");
  }
  const json::Array& items = prompt->as_array();
  if (items.empty()) {
    return missing();
  }
  if (items.front().is_number()) {
    auto single = token_prompt(items);
    if (!single) {
      return std::unexpected(std::move(single).error());
    }
    prompts.push_back(*std::move(single));
    return prompts;
  }
  for (const json::Value& item : items) {
    if (item.is_string() && !item.as_string().empty()) {
      prompts.push_back(text_prompt(item.as_string()));
    } else if (item.is_array() && !item.as_array().empty()) {
      auto single = token_prompt(item.as_array());
      if (!single) {
        return std::unexpected(std::move(single).error());
      }
      prompts.push_back(*std::move(single));
    } else {
      return missing();
    }
  }
  return prompts;
}

/// Tools need a parser for the model's answers, which no simulated server is started with.
std::optional<std::string> tool_error(const json::Object& body) {
  const json::Value* tools = body.find("tools");
  if (tools == nullptr || !tools->is_array() || tools->as_array().empty()) {
    return std::nullopt;
  }
  const json::Value* choice = body.find("tool_choice");
  if (choice == nullptr || choice->is_null() ||
      (choice->is_string() && choice->as_string() == "auto")) {
    return R"("auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set)";
  }
  if (choice->is_string()) {
    return choice->as_string() == "none"
               ? std::nullopt
               : std::optional(
                     fmt::format("tool_choice=\"{}\" requires --tool-call-parser to be set",
                                 choice->as_string()));
  }
  const json::Value* function = choice->find("function");
  const json::Value* name = function != nullptr ? function->find("name") : nullptr;
  return fmt::format("tool_choice=function \"{}\" requires --tool-call-parser to be set",
                     name != nullptr && name->is_string() ? name->as_string() : "");
}

std::vector<std::string> stop_texts(const json::Object& body) {
  std::vector<std::string> stops;
  const json::Value* stop = body.find("stop");
  if (stop != nullptr && stop->is_string()) {
    stops.push_back(stop->as_string());
  } else if (stop != nullptr && stop->is_array()) {
    for (const json::Value& item : stop->as_array()) {
      if (item.is_string()) {
        stops.push_back(item.as_string());
      }
    }
  }
  return stops;
}

/// Fields with simple types, as both APIs have them. Types are wrong: see fields.error().
GenerationRequest read_fields(Api api, VllmFields& fields) {
  GenerationRequest request{.api = api};
  request.stream = fields.boolean("stream");
  request.ignore_eos = fields.boolean("ignore_eos");
  request.include_stop = fields.boolean("include_stop_str_in_output");
  request.echo = fields.boolean("echo");
  request.return_token_ids = fields.boolean("return_token_ids");
  request.seed = fields.integer("seed");
  request.cache_salt = fields.text("cache_salt").value_or("");
  request.request_id = fields.text("request_id").value_or("");
  request.min_tokens = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(fields.integer("min_tokens").value_or(0), 0, 1 << 24));
  request.max_tokens = fields.integer("max_tokens");
  // Their types belong to the shape of the body; check_sampling() looks at the values.
  fields.number("temperature");
  fields.number("top_p");
  fields.integer("n");
  if (api == Api::Completions) {
    if (const auto logprobs = fields.integer("logprobs")) {
      request.logprobs =
          static_cast<std::uint32_t>(std::clamp<std::int64_t>(*logprobs, 0, kMaxLogprobs));
    }
    return request;
  }
  if (const auto most = fields.integer("max_completion_tokens")) {
    request.max_tokens = most;
  }
  const auto alternatives = fields.integer("top_logprobs").value_or(0);
  if (fields.boolean("logprobs")) {
    request.logprobs =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(alternatives, 0, kMaxLogprobs));
  }
  return request;
}

/// `stream_options`, which only streams have.
VllmResult<void> read_stream_options(const json::Object& body, GenerationRequest& request) {
  const json::Value* options = body.find("stream_options");
  if (options == nullptr || options->is_null()) {
    return {};
  }
  if (!request.stream) {
    return bad_request(
        "Stream options can only be defined when `stream=True`. (parameter=stream_options)",
        "stream_options");
  }
  const auto set = [&](std::string_view name) {
    const json::Value* value = options->find(name);
    return value != nullptr && value->is_bool() && value->as_bool();
  };
  request.include_usage = set("include_usage");
  request.continuous_usage = request.include_usage && set("continuous_usage_stats");
  return {};
}

/// The bounds of the sampling parameters.
VllmResult<void> check_sampling(VllmFields& fields, GenerationRequest& request) {
  if (const auto temperature = fields.number("temperature"); temperature && *temperature < 0) {
    const std::string value = python_float(*temperature);
    return bad_parameter(fmt::format("temperature must be non-negative, got {}.", value),
                         "temperature", value);
  }
  if (const auto top_p = fields.number("top_p"); top_p && (*top_p <= 0 || *top_p > 1)) {
    const std::string value = python_float(*top_p);
    return bad_parameter(fmt::format("top_p must be in (0, 1], got {}.", value), "top_p", value);
  }
  const std::int64_t n = fields.integer("n").value_or(1);
  if (n < 1 || static_cast<std::size_t>(n) * request.prompts.size() > kMaxChoices) {
    return bad_parameter(fmt::format("n must be at least 1, got {}.", n), "n", std::to_string(n));
  }
  request.n = static_cast<std::uint32_t>(n);
  if (request.max_tokens && *request.max_tokens < 1) {
    return bad_parameter(fmt::format("max_tokens must be at least 1, got {}.", *request.max_tokens),
                         "max_tokens", std::to_string(*request.max_tokens));
  }
  return {};
}

VllmResult<void> read_chat_prompt(const json::Object& body, VllmFields& fields,
                                  GenerationRequest& request) {
  const json::Array* messages = fields.required_array("messages");
  if (auto error = fields.error()) {
    return std::unexpected(*std::move(error));
  }
  if (messages->empty()) {
    return bad_request(
        "Cannot apply chat template to an empty conversation. Provide at least one message.");
  }
  if (auto error = tool_error(body)) {
    return bad_request(*std::move(error));
  }
  request.prompts.push_back(apply_chat_template(*messages));
  return {};
}

}  // namespace

bool VllmOptions::serves(std::string_view name) const noexcept {
  return served_model_names.empty()
             ? name == model
             : std::ranges::find(served_model_names, name) != served_model_names.end();
}

VllmResult<json::Object> parse_vllm_body(std::optional<std::string_view> content_type,
                                         std::string_view body) {
  const std::string_view type =
      trim(content_type.value_or("").substr(0, content_type.value_or("").find(';')));
  const auto refuse = [](std::string message, std::optional<std::string> param) {
    return std::unexpected(
        VllmError{.type = "Bad Request", .message = std::move(message), .param = std::move(param)});
  };
  if (!equals_ignore_case(type, "application/json")) {
    return refuse(
        "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
        std::nullopt);
  }
  if (body.empty()) {
    return refuse(validation_message({{"missing", "body", "Field required", "None", {}}}), "body");
  }
  Result<json::Value> value =
      json::parse(body, {.max_bytes = 64 << 20, .duplicate_keys = json::DuplicateKeys::LastWins});
  if (!value) {
    const auto python = find_python_json_error(body);
    const std::string place = fmt::format("body.{}", python ? python->position : 0);
    const std::string reason = python ? std::string(python->message) : value.error().message();
    return refuse(
        validation_message({{"json_invalid", place, "JSON decode error", "<dict of 0 items>",
                             fmt::format(", 'ctx': {{'error': '{}'}}", reason)}}),
        place);
  }
  if (!value->is_object()) {
    return refuse(
        validation_message({{"model_attributes_type",
                             "body",
                             "Input should be a valid dictionary or object to extract fields from",
                             describe_input(*value),
                             {}}}),
        "body");
  }
  return std::move(value->as_object());
}

VllmResult<GenerationRequest> parse_generation_request(Api api, const json::Object& body,
                                                       const VllmOptions& options) {
  VllmFields fields(body);
  GenerationRequest request = read_fields(api, fields);
  const std::optional<std::string> model = fields.text("model");
  if (auto checked = read_stream_options(body, request); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  if (api == Api::Chat) {
    // Its presence and type belong to the shape of the body, so they come before the model.
    fields.required_array("messages");
  }
  if (auto error = fields.error()) {
    return std::unexpected(*std::move(error));
  }
  auto name = check_model(model, options);
  if (!name) {
    return std::unexpected(std::move(name).error());
  }
  request.model = *std::move(name);
  request.stop = stop_texts(body);
  if (api == Api::Chat) {
    if (auto read = read_chat_prompt(body, fields, request); !read) {
      return std::unexpected(std::move(read).error());
    }
  } else {
    auto prompts = completion_prompts(body.find("prompt"));
    if (!prompts) {
      return std::unexpected(std::move(prompts).error());
    }
    request.prompts = *std::move(prompts);
    request.max_tokens = request.max_tokens.value_or(kDefaultCompletionTokens);
  }
  if (auto checked = check_sampling(fields, request); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  return request;
}

VllmResult<std::uint32_t> check_length(const GenerationRequest& request, const PromptInput& prompt,
                                       std::uint32_t max_model_len) {
  if (request.max_tokens && *request.max_tokens > max_model_len) {
    return bad_parameter(fmt::format("max_tokens={} cannot be greater than max_model_len={}. "
                                     "Please request fewer output tokens.",
                                     *request.max_tokens, max_model_len),
                         "max_tokens", std::to_string(*request.max_tokens));
  }
  const std::size_t tokens = prompt.tokens.size();
  if (tokens >= max_model_len) {
    // A text is tokenized no further than one token beyond the limit.
    const bool counted =
        request.api == Api::Completions && tokens != std::size_t{max_model_len} + 1;
    const std::size_t known = counted ? tokens : std::size_t{max_model_len} + 1;
    return bad_parameter(fmt::format("This model's maximum context length is {} tokens. However, "
                                     "your prompt contains {}{} input "
                                     "tokens, which exceeds this limit even without any output "
                                     "tokens. Please reduce the length "
                                     "of the input prompt.",
                                     max_model_len, counted ? "" : "at least ", known),
                         "input_tokens", std::to_string(known));
  }
  const std::int64_t room = static_cast<std::int64_t>(max_model_len - tokens);
  return static_cast<std::uint32_t>(std::min(request.max_tokens.value_or(room), room));
}

VllmResult<PromptInput> parse_tokenize_request(const json::Object& body,
                                               const VllmOptions& options) {
  VllmFields fields(body);
  const std::optional<std::string> model = fields.text("model");
  const json::Value* prompt = body.find("prompt");
  const json::Array* messages = prompt == nullptr ? fields.required_array("messages") : nullptr;
  const std::optional<std::string> text = fields.text("prompt");
  if (auto error = fields.error()) {
    return std::unexpected(*std::move(error));
  }
  if (auto name = check_model(model, options); !name) {
    return std::unexpected(std::move(name).error());
  }
  return messages != nullptr ? apply_chat_template(*messages) : text_prompt(text.value_or(""));
}

VllmResult<std::vector<TokenId>> parse_detokenize_request(const json::Object& body,
                                                          const VllmOptions& options) {
  VllmFields fields(body);
  const std::optional<std::string> model = fields.text("model");
  const json::Array* items = fields.required_array("tokens");
  if (auto error = fields.error()) {
    return std::unexpected(*std::move(error));
  }
  if (auto name = check_model(model, options); !name) {
    return std::unexpected(std::move(name).error());
  }
  auto prompt = token_prompt(*items);
  if (!prompt) {
    return std::unexpected(std::move(prompt).error());
  }
  return std::move(prompt->tokens);
}

}  // namespace kthena::sim
