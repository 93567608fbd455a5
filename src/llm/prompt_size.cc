#include "llm/prompt_size.h"

#include <optional>

#include "llm/json_string_scan.h"

namespace kthena::llm {
namespace {

// "<|im_start|>" role "\n" content "<|im_end|>\n"
constexpr std::uint64_t kMessageOverhead = 12 + 1 + 10 + 1;

/// A string as it is written, quotes included, and its characters.
struct CountedString {
  std::string_view raw;
  std::uint64_t characters = 0;
};

/// Reads valid JSON forward, once. What it is not told to look at it skips.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) { skip_blanks(); }

  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_string() const noexcept { return peek() == '"'; }

  CountedString take_string() {
    const std::size_t begin = at_;
    const StringScan scan = scan_string(text_, begin);
    at_ = scan.end;
    skip_blanks();
    return {.raw = text_.substr(begin, scan.end - begin), .characters = scan.characters};
  }

  /// Calls `visit()` at the beginning of each element; it takes the element or leaves it.
  template <class Visit>
  void for_each_element(Visit&& visit) {
    ++at_;  // [
    skip_blanks();
    while (at_ < text_.size() && peek() != ']') {
      take_or_skip(visit);
    }
    ++at_;
    skip_blanks();
  }

  /// Calls `visit(raw name)` at the beginning of each member's value.
  template <class Visit>
  void for_each_member(Visit&& visit) {
    ++at_;  // {
    skip_blanks();
    while (at_string()) {
      const std::string_view name = take_string().raw;
      ++at_;  // :
      skip_blanks();
      take_or_skip([&] { visit(name); });
    }
    ++at_;
    skip_blanks();
  }

 private:
  template <class Visit>
  void take_or_skip(Visit&& visit) {
    const std::size_t before = at_;
    visit();
    if (at_ == before) {
      skip_value();
    }
    if (peek() == ',') {
      ++at_;
      skip_blanks();
    }
  }

  void skip_value() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        at_ = scan_string(text_, at_).end;
      } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
        return;
      } else {
        depth += c == '[' || c == '{' ? 1U : 0U;
        depth -= c == ']' || c == '}' ? 1U : 0U;
        ++at_;
      }
      if (depth == 0 && (c == '"' || c == ']' || c == '}')) {
        skip_blanks();
        return;
      }
    }
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_text_type(std::string_view raw) {
  return raw == R"("text")" || raw == R"("input_text")" || raw == R"("output_text")" ||
         raw == R"("")";
}

/// Characters of one part of a content list; nullopt: it is no text.
std::optional<std::uint64_t> count_part(Cursor& cursor) {
  std::optional<std::uint64_t> text;
  bool is_text = true;
  cursor.for_each_member([&](std::string_view name) {
    if (name == R"("text")" && cursor.at_string()) {
      text = cursor.take_string().characters;
    } else if (name == R"("type")") {
      is_text = cursor.at_string() && is_text_type(cursor.take_string().raw);
    }
  });
  return is_text ? text : std::nullopt;
}

/// Characters of a content value: a string, or the text parts of a list joined by newlines;
/// nullopt: no text.
std::optional<std::uint64_t> count_content(Cursor& cursor) {
  if (cursor.at_string()) {
    return cursor.take_string().characters;
  }
  std::optional<std::uint64_t> total;
  if (cursor.peek() == '[') {
    cursor.for_each_element([&] {
      if (cursor.peek() != '{') {
        return;
      }
      if (const auto text = count_part(cursor)) {
        total = total ? *total + 1 + *text : *text;
      }
    });
  }
  return total;
}

std::uint64_t count_messages(std::string_view raw) {
  Cursor cursor(raw);
  std::uint64_t total = 0;
  if (cursor.peek() != '[') {
    return 0;
  }
  cursor.for_each_element([&] {
    if (cursor.peek() != '{') {
      return;
    }
    std::optional<std::uint64_t> role;
    std::optional<std::uint64_t> content;
    cursor.for_each_member([&](std::string_view name) {
      if (name == R"("content")") {
        content = count_content(cursor);
      } else if (name == R"("role")" && cursor.at_string()) {
        role = cursor.take_string().characters;
      }
    });
    total += role && content ? kMessageOverhead + *role + *content : 0;
  });
  return total;
}

bool is_string(std::string_view raw) { return raw.size() >= 2 && raw.front() == '"'; }

std::uint64_t count_prompt(std::string_view raw) {
  Cursor cursor(raw);
  if (cursor.at_string()) {
    return cursor.take_string().characters;
  }
  std::uint64_t total = 0;  // several prompts in one request
  if (cursor.peek() == '[') {
    cursor.for_each_element(
        [&] { total += cursor.at_string() ? cursor.take_string().characters : 0; });
  }
  return total;
}

}  // namespace

std::uint64_t count_characters(std::string_view raw) noexcept {
  return is_string(raw) ? scan_string(raw, 0).characters : 0;
}

std::uint64_t count_prompt_characters(const PromptFields& fields) {
  if (!fields.prompt.empty()) {
    return count_prompt(fields.prompt);
  }
  if (!fields.messages.empty()) {
    Cursor system(fields.system);
    const auto characters = count_content(system);
    return (characters ? kMessageOverhead + std::string_view("system").size() + *characters : 0) +
           count_messages(fields.messages);
  }
  if (!fields.input.empty()) {
    const bool instructed = is_string(fields.instructions) && fields.instructions.size() > 2;
    const std::uint64_t instructions = instructed ? kMessageOverhead +
                                                        std::string_view("developer").size() +
                                                        count_characters(fields.instructions)
                                                  : 0;
    if (is_string(fields.input)) {
      return instructions + kMessageOverhead + std::string_view("user").size() +
             count_characters(fields.input);
    }
    return instructions + count_messages(fields.input);
  }
  return 0;
}

std::uint64_t estimate_tokens(const PromptFields& fields) {
  return (count_prompt_characters(fields) + 3) / 4;
}

}  // namespace kthena::llm
