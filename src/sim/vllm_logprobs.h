// Log probabilities in vLLM's two shapes. The numbers are made up from the token; only the shape
// means anything.
#pragma once

#include <cstdint>
#include <string>

#include "sim/answer_text.h"

namespace kthena::sim {

/// The tokens of an answer that a logprobs object is about.
struct TokenRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// Chat: {"content":[{token, logprob, bytes, top_logprobs}]}, with so many alternatives a token.
void append_chat_logprobs(std::string& out, const AnswerText& text, TokenRange range,
                          std::uint32_t alternatives);

/// Completions: {"text_offset":[…],"token_logprobs":[…],"tokens":[…],"top_logprobs":[{…}]}.
/// @param offset  bytes of text before the range
void append_completion_logprobs(std::string& out, const AnswerText& text, TokenRange range,
                                std::uint32_t alternatives, std::uint32_t offset);

}  // namespace kthena::sim
