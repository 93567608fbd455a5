// What the router reads of an event of a stream, and of the body of an answer
// that is not streamed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kthena::json {

/// Tokens as an engine counted them; those it did not name are 0.
struct TokenUsage {
  std::int64_t prompt = 0;
  std::int64_t completion = 0;
  std::int64_t total = 0;   ///< the sum of both where the engine gave none
  std::int64_t cached = 0;  ///< of the prompt, found in the prefix cache

  friend bool operator==(const TokenUsage&, const TokenUsage&) = default;
};

/// One event's data, or one body.
struct StreamEvent {
  std::optional<TokenUsage> usage;  ///< nothing if there is none or it is null
  bool no_choices = true;           ///< `choices` is absent, null or empty: an event for usage only
  bool has_text = false;            ///< text, reasoning or a tool call: at least one token was made
  bool is_error = false;            ///< an `error` that is not null
};

/// Reads the data of an event, `data:` taken off. Nothing if it is no JSON object, like `[DONE]`.
/// Cost: 0.2 µs for 240 bytes, no allocation.
/// Usage is also read of the Responses and the Messages API: `input_tokens` and `output_tokens`, at
/// the top or in `response` or `message`; there the tokens found in or written to a cache are added
/// to the prompt, which does not count them.
/// Source: OpenAI API, chat.completion.chunk and text_completion, and Responses' streaming events;
/// Anthropic API, streaming messages; vLLM's and SGLang's `reasoning` and `reasoning_content`.
std::optional<StreamEvent> read_stream_event(std::string_view data);

}  // namespace kthena::json
