#include "sim/answer_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/print.h"
#include "sim/engine_stats.h"
#include "sim/tokenizer.h"

namespace kthena::sim {
namespace {

/// splitmix64's output function.
std::uint64_t mix(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

struct StopMatch {
  std::size_t begin;
  std::size_t end;
  const std::string* text;
};

/// The first stop text that ends behind `searched`, in the order in which they are complete.
std::optional<StopMatch> find_stop(std::string_view text, std::size_t searched,
                                   const std::vector<std::string>& stops) {
  std::optional<StopMatch> best;
  for (const std::string& stop : stops) {
    if (stop.empty()) {
      continue;
    }
    const std::size_t from = searched >= stop.size() ? searched - stop.size() + 1 : 0;
    const std::size_t at = text.find(stop, from);
    if (at != std::string_view::npos && (!best || at < best->begin)) {
      best = StopMatch{at, at + stop.size(), &stop};
    }
  }
  return best;
}

}  // namespace

TokenizedText::TokenizedText(std::string text) : text_(std::move(text)) {
  std::size_t at = 0;
  while (at < text_.size()) {
    at += token_length(std::string_view(text_).substr(at));
    ends_.push_back(static_cast<std::uint32_t>(at));
  }
}

void TokenizedText::truncate(std::size_t bytes) {
  text_.resize(std::min(bytes, text_.size()));
  for (std::uint32_t& end : ends_) {
    end = std::min(end, static_cast<std::uint32_t>(text_.size()));
  }
}

void TokenizedText::append(std::string_view piece) {
  text_ += piece;
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
}

TokenId AnswerText::id(std::uint32_t index) const noexcept {
  if (text_) {
    const std::string_view piece = text_->piece(index % text_->tokens());
    return piece.empty() ? 0 : token_id(piece);
  }
  const std::uint64_t random = mix(seed_ + (std::uint64_t{index} + 1) * 0x9e3779b97f4a7c15ULL);
  const auto word = static_cast<TokenId>((random >> 32) * kWords >> 32);
  return (index == 0 ? kFirstPlainWord : kFirstSpacedWord) + word;
}

void AnswerText::append(std::uint32_t index, std::string& out) const {
  if (text_) {
    out += text_->piece(index % text_->tokens());
  } else {
    append_token_text(id(index), out);
  }
}

void AnswerText::append_json(std::uint32_t index, std::string& out) const {
  if (text_) {
    json::append_quoted(out, text_->piece(index % text_->tokens()));
    return;
  }
  out += '"';
  append_token_text(id(index), out);
  out += '"';
}

std::optional<std::uint32_t> AnswerText::length() const noexcept {
  return text_ ? std::optional(text_->tokens()) : std::nullopt;
}

PlannedAnswer plan_answer(const AnswerText& text, const StopRules& rules) {
  PlannedAnswer answer{text, {rules.max_tokens, FinishReason::Length}, std::nullopt};
  const std::uint32_t natural = text.length().value_or(rules.natural_length);
  if (!rules.ignore_eos && natural < rules.max_tokens) {
    answer.plan = {std::max(natural, 1U), FinishReason::Stop};
  }
  if (std::ranges::all_of(rules.stop, &std::string::empty)) {
    return answer;
  }
  TokenizedText said{std::string{}};
  std::string piece;
  for (std::uint32_t index = 0; index < answer.plan.tokens; ++index) {
    const std::size_t before = said.text().size();
    piece.clear();
    text.append(index, piece);
    said.append(piece);
    if (const auto match = find_stop(said.text(), before, rules.stop)) {
      answer.plan = {index + 1, FinishReason::Stop};
      answer.stop_text = *match->text;
      said.truncate(rules.include_stop ? match->end : match->begin);
      answer.text = AnswerText(std::make_shared<const TokenizedText>(std::move(said)));
      break;
    }
  }
  return answer;
}

}  // namespace kthena::sim
