// What a simulated engine says: the same for the same seed and prompt, token by token, without
// keeping it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/engine_model.h"
#include "sim/tokenizer.h"

namespace kthena::sim {

/// A text cut into its tokens.
class TokenizedText {
 public:
  explicit TokenizedText(std::string text);

  std::uint32_t tokens() const noexcept { return static_cast<std::uint32_t>(ends_.size()); }
  std::string_view piece(std::uint32_t index) const noexcept {
    const std::uint32_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(begin, ends_[index] - begin);
  }

  /// Cuts the text, not the number of tokens: those behind the cut are empty.
  void truncate(std::size_t bytes);
  /// Appends one more token, whatever its text.
  void append(std::string_view piece);
  std::string_view text() const noexcept { return text_; }

 private:
  std::string text_;
  std::vector<std::uint32_t> ends_;
};

/// The tokens of one answer. A small value.
class AnswerText {
 public:
  /// Words made from the seed: any number of them.
  explicit AnswerText(std::uint64_t seed) noexcept : seed_(seed) {}
  /// The tokens of a text, over and over. The text is not empty.
  explicit AnswerText(std::shared_ptr<const TokenizedText> text) noexcept
      : text_(std::move(text)) {}

  TokenId id(std::uint32_t index) const noexcept;
  /// Appends the token's text.
  void append(std::uint32_t index, std::string& out) const;
  /// Appends the token's text as a JSON string, with quotes.
  void append_json(std::uint32_t index, std::string& out) const;
  /// How long the text is by itself; nullopt for words.
  std::optional<std::uint32_t> length() const noexcept;

 private:
  std::shared_ptr<const TokenizedText> text_;
  std::uint64_t seed_ = 0;
};

/// When an answer ends.
struct StopRules {
  std::uint32_t max_tokens = 1;      ///< at least 1
  std::uint32_t natural_length = 1;  ///< tokens after which it would end by itself; at least 1
  bool ignore_eos = false;           ///< it does not
  std::vector<std::string> stop;     ///< texts that end it
  bool include_stop = false;         ///< the stop text is part of the answer
};

/// An answer with its end.
struct PlannedAnswer {
  AnswerText text;
  AnswerPlan plan;
  std::optional<std::string> stop_text;  ///< the stop text that ended it
};

/// Finds out where an answer ends. Only stop texts cost more than O(1).
PlannedAnswer plan_answer(const AnswerText& text, const StopRules& rules);

}  // namespace kthena::sim
