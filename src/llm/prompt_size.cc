#include "llm/prompt_size.h"

#include <string_view>

#include "json/tokens.h"

namespace kthena::llm {
namespace {

using json::TokenWalker;
using Count = std::optional<std::uint64_t>;  // none: no text

// "<|im_start|>" role "\n" content "<|im_end|>\n"
constexpr std::uint64_t kMessageOverhead = 12 + 1 + 10 + 1;

constexpr std::uint64_t message_size(std::string_view role, std::uint64_t content) {
  return kMessageOverhead + role.size() + content;
}

bool at_string(const TokenWalker& walker) { return walker.peek() == '"'; }

// Like the functions of the walker, those below go past a value and return whether it was in order.

/// Counts a string; anything else is no text.
bool count_string(TokenWalker& walker, Count& characters) {
  characters.reset();
  if (!at_string(walker)) {
    return walker.skip_value();
  }
  TokenWalker::String string;
  if (!walker.take_string(string)) {
    return false;
  }
  characters = string.characters;
  return true;
}

bool read_is_text_type(TokenWalker& walker, bool& is_text) {
  is_text = false;
  if (!at_string(walker)) {
    return walker.skip_value();
  }
  TokenWalker::String type;
  if (!walker.take_string(type)) {
    return false;
  }
  is_text = type.raw == "text" || type.raw == "input_text" || type.raw == "output_text" ||
            type.raw.empty();
  return true;
}

/// Counts one part of a content list.
bool count_part(TokenWalker& walker, Count& characters) {
  Count text;
  bool is_text = true;
  const bool good = walker.for_each_member([&](std::string_view name) {
    if (name == "text" && at_string(walker)) {
      return count_string(walker, text);
    }
    return name == "type" ? read_is_text_type(walker, is_text) : walker.skip_value();
  });
  characters = is_text ? text : std::nullopt;
  return good;
}

/// Counts a content: a string, or the text parts of a list joined by newlines.
bool count_content(TokenWalker& walker, Count& characters) {
  if (walker.peek() != '[') {
    return count_string(walker, characters);
  }
  characters.reset();
  return walker.for_each_element([&] {
    if (walker.peek() != '{') {
      return walker.skip_value();
    }
    Count part;
    const bool good = count_part(walker, part);
    if (part) {
      characters = characters ? *characters + 1 + *part : *part;
    }
    return good;
  });
}

bool count_message(TokenWalker& walker, std::uint64_t& total) {
  Count role;
  Count content;
  const bool good = walker.for_each_member([&](std::string_view name) {
    if (name == "content") {
      return count_content(walker, content);
    }
    return name == "role" && at_string(walker) ? count_string(walker, role) : walker.skip_value();
  });
  total += role && content ? kMessageOverhead + *role + *content : 0;
  return good;
}

bool count_messages(TokenWalker& walker, std::uint64_t& total) {
  if (walker.peek() != '[') {
    return walker.skip_value();
  }
  return walker.for_each_element(
      [&] { return walker.peek() == '{' ? count_message(walker, total) : walker.skip_value(); });
}

}  // namespace

bool PromptMeter::take_prompt(TokenWalker& walker) {
  Count text;
  std::uint64_t& total = prompt_.emplace(0);
  // A list of ids is skipped at the walker's own speed.
  if (walker.peek() == '[' && walker.peek_second() == '"') {
    return walker.for_each_element([&] {
      const bool good = count_string(walker, text);
      total += text.value_or(0);
      return good;
    });
  }
  const bool good = count_string(walker, text);
  total = text.value_or(0);
  return good;
}

bool PromptMeter::take_messages(TokenWalker& walker) {
  return count_messages(walker, messages_.emplace(0));
}

bool PromptMeter::take_system(TokenWalker& walker) { return count_content(walker, system_); }

bool PromptMeter::take_input(TokenWalker& walker) {
  std::uint64_t& total = input_.emplace(0);
  if (!at_string(walker)) {
    return count_messages(walker, total);
  }
  Count text;
  const bool good = count_string(walker, text);
  total = message_size("user", text.value_or(0));
  return good;
}

bool PromptMeter::take_instructions(TokenWalker& walker) {
  return count_string(walker, instructions_);
}

std::uint64_t PromptMeter::characters() const noexcept {
  if (prompt_) {
    return *prompt_;
  }
  if (messages_) {
    return *messages_ + (system_ ? message_size("system", *system_) : 0);
  }
  if (input_) {
    const std::uint64_t instructions = instructions_.value_or(0);
    return *input_ + (instructions > 0 ? message_size("developer", instructions) : 0);
  }
  return 0;
}

}  // namespace kthena::llm
