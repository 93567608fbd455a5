// How large a prompt is, estimated from the request's JSON without building its text.
#pragma once

#include <cstdint>
#include <string_view>

namespace kthena::llm {

/// The parts of a request body that make up its prompt, as raw JSON; empty where absent.
struct PromptFields {
  std::string_view prompt;
  std::string_view messages;
  std::string_view system;
  std::string_view input;
  std::string_view instructions;
};

/// Unicode characters in a JSON string as it is written, quotes included: an escape counts as the
/// one character it stands for, a surrogate pair as one. 0 for any other value.
std::uint64_t count_characters(std::string_view raw_string) noexcept;

/// Characters of the flattened prompt: a text prompt, or for each message
/// `<|im_start|>{role}\n{content}<|im_end|>\n`, where content is a string or the text parts of a
/// list joined by newlines. What has no text, such as images and token ids, counts nothing. Source:
/// docs/reference/router.md#prompt-text
std::uint64_t count_prompt_characters(const PromptFields& fields);

/// The same in tokens: characters / 4, rounded up.
std::uint64_t estimate_tokens(const PromptFields& fields);

}  // namespace kthena::llm
