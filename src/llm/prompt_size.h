// The size of a prompt: characters as the flattened prompt has them, and tokens estimated from
// them.
#pragma once

#include <cstdint>
#include <optional>

namespace kthena::json {
class TokenWalker;
}

namespace kthena::llm {

/// Measures a prompt while its request is scanned, so that its text is read once, where it stands.
///
/// What counts is the flattened prompt: a text prompt, or for each message
/// `<|im_start|>{role}\n{content}<|im_end|>\n`, where content is a string or the text parts of a
/// list joined by newlines. What has no text, such as images and token ids, counts nothing. Source:
/// docs/reference/router.md#prompt-text
class PromptMeter {
 public:
  // Each goes past the value of the field of that name, and says whether it was in order, as
  // json::FieldVisitor wants it. Of a repeated field the last counts.

  bool take_prompt(json::TokenWalker& walker);    ///< a text, or a list of texts; ids count nothing
  bool take_messages(json::TokenWalker& walker);  ///< chat, Messages API
  bool take_system(json::TokenWalker& walker);    ///< Messages API, in front of the messages
  bool take_input(json::TokenWalker& walker);     ///< Responses API: a text, or messages
  bool take_instructions(json::TokenWalker& walker);  ///< Responses API, in front of the input

  /// Unicode characters of the prompt; 0 without one. Of several prompts the sum.
  std::uint64_t characters() const noexcept;
  /// Characters / 4, rounded up.
  std::uint64_t tokens() const noexcept { return (characters() + 3) / 4; }

 private:
  std::optional<std::uint64_t> prompt_;
  std::optional<std::uint64_t> messages_;
  std::optional<std::uint64_t> system_;
  std::optional<std::uint64_t> input_;
  std::optional<std::uint64_t> instructions_;
};

}  // namespace kthena::llm
