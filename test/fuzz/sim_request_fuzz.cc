// The simulator's readers of requests: bodies, tokens, and what Python would say about them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/parse.h"
#include "sim/answer_text.h"
#include "sim/faults.h"
#include "sim/python_json.h"
#include "sim/vllm_request.h"

using namespace kthena;
using namespace kthena::sim;

namespace {

void check_error(const VllmError& error) {
  CHECK(error.status == 400 || error.status == 404);
  CHECK(!error.message.empty());
  CHECK(!error.type.empty());
}

void check_request(const GenerationRequest& request) {
  CHECK(!request.prompts.empty());
  CHECK_GE(request.n, 1U);
  CHECK(!request.max_tokens || *request.max_tokens >= 1);
  for (const PromptInput& prompt : request.prompts) {
    for (const TokenId id : prompt.tokens) {
      CHECK_LT(id, kVocabularySize);
    }
    constexpr std::uint32_t kMaxModelLen = 512;
    const auto tokens = check_length(request, prompt, kMaxModelLen);
    if (!tokens) {
      check_error(tokens.error());
      continue;
    }
    CHECK_GE(*tokens, 1U);
    CHECK_LE(prompt.tokens.size() + *tokens, std::size_t{kMaxModelLen});
    const PlannedAnswer answer = plan_answer(AnswerText(1), {.max_tokens = *tokens,
                                                             .natural_length = 100,
                                                             .ignore_eos = request.ignore_eos,
                                                             .stop = request.stop,
                                                             .include_stop = request.include_stop});
    CHECK_GE(answer.plan.tokens, 1U);
    CHECK_LE(answer.plan.tokens, *tokens);
    std::string said;
    for (std::uint32_t i = 0; i < answer.plan.tokens; ++i) {
      answer.text.append(i, said);
    }
    if (!answer.stop_text) {
      for (const std::string& stop : request.stop) {
        CHECK(stop.empty() || !said.contains(stop));
      }
    }
  }
}

void check_tokens(std::string_view text) {
  std::size_t bytes = 0;
  std::uint32_t count = 0;
  for (std::string_view left = text; !left.empty(); ++count) {
    const std::size_t length = token_length(left);
    CHECK(length >= 1 && length <= left.size() && length <= 16);
    CHECK_LT(token_id(left.substr(0, length)), kVocabularySize);
    bytes += length;
    left.remove_prefix(length);
  }
  CHECK_EQ(bytes, text.size());
  CHECK_EQ(count, count_tokens(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_tokens(text);

  const auto python = find_python_json_error(text);
  CHECK(!python || python->position <= text.size());
  const auto value = json::parse(text, {.duplicate_keys = json::DuplicateKeys::LastWins});
  CHECK(!value || !python);  // what is JSON to us is JSON to Python
  if (value) {
    if (const auto fault = parse_fault(*value)) {
      CHECK(parse_fault(fault->to_json()).has_value());
    }
  }

  const VllmOptions options{.model = "m"};
  const auto body = parse_vllm_body("application/json", text);
  CHECK_EQ(body.has_value(), value && value->is_object());
  if (!body) {
    check_error(body.error());
    return 0;
  }
  for (const Api api : {Api::Chat, Api::Completions}) {
    const auto request = parse_generation_request(api, *body, options);
    if (request) {
      check_request(*request);
    } else {
      check_error(request.error());
    }
  }
  if (const auto prompt = parse_tokenize_request(*body, options); !prompt) {
    check_error(prompt.error());
  }
  if (const auto ids = parse_detokenize_request(*body, options); !ids) {
    check_error(ids.error());
  }
  return 0;
}
