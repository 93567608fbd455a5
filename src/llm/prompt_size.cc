#include "llm/prompt_size.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "json/on_demand.h"

namespace kthena::llm {
namespace {

// "<|im_start|>" role "\n" content "<|im_end|>\n"
constexpr std::uint64_t kMessageOverhead = 12 + 1 + 10 + 1;
// Parts of a message and messages of a request beyond these are not counted: an estimate need not
// be exact for them.
constexpr std::size_t kMaxElements = 100'000;

/// The index just behind a string whose opening quote stands at `at`; the size of the text if it
/// does not end.
std::size_t skip_string(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size()) {
    const auto* quote =
        static_cast<const char*>(std::memchr(text.data() + at, '"', text.size() - at));
    if (quote == nullptr) {
      return text.size();
    }
    const std::size_t end = static_cast<std::size_t>(quote - text.data());
    const auto* escape = static_cast<const char*>(std::memchr(text.data() + at, '\\', end - at));
    if (escape == nullptr) {
      return end + 1;
    }
    at = static_cast<std::size_t>(escape - text.data()) + 2;
  }
  return text.size();
}

/// An element, or a member, without the blanks around it.
std::string_view trim_element(std::string_view element) {
  const auto first = element.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return element.substr(first, element.find_last_not_of(" \t\r\n") + 1 - first);
}

/// Calls `visit(raw element)` for the elements of a raw JSON array that is known to be well-formed.
template <class Visit>
void for_each_element(std::string_view array, Visit&& visit) {
  if (array.size() < 2 || array.front() != '[') {
    return;
  }
  std::size_t depth = 0;
  std::size_t begin = 1;
  std::size_t count = 0;
  std::size_t at = 1;
  while (at < array.size() && count < kMaxElements) {
    const char c = array[at];
    if (c == '"') {
      at = skip_string(array, at);
      continue;
    }
    const bool closes = c == ']' && depth == 0;
    if (closes || (c == ',' && depth == 0)) {
      if (const std::string_view element = trim_element(array.substr(begin, at - begin));
          !element.empty()) {
        visit(element);
      }
      if (closes) {
        return;
      }
      begin = at + 1;
      ++count;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    }
    ++at;
  }
}

std::string_view member(std::string_view object, std::string_view name) {
  const auto field = json::find_field(object, name);
  return field ? field->in(object) : std::string_view{};
}

bool is_string(std::string_view raw) { return raw.size() >= 2 && raw.front() == '"'; }

/// Characters of a content value: a string, or a list of parts; nullopt: no text.
std::optional<std::uint64_t> count_content(std::string_view raw) {
  if (is_string(raw)) {
    return count_characters(raw);
  }
  std::optional<std::uint64_t> total;
  for_each_element(raw, [&](std::string_view part) {
    const std::string_view type = member(part, "type");
    const bool is_text = type.empty() || type == R"("text")" || type == R"("input_text")" ||
                         type == R"("output_text")";
    const std::string_view text = is_text ? member(part, "text") : std::string_view{};
    if (is_string(text)) {
      total = total ? *total + 1 + count_characters(text) : count_characters(text);
    }
  });
  return total;
}

std::uint64_t count_message(std::string_view message) {
  if (message.empty() || message.front() != '{') {
    return 0;
  }
  const std::string_view role = member(message, "role");
  const auto content = count_content(member(message, "content"));
  return is_string(role) && content ? kMessageOverhead + count_characters(role) + *content : 0;
}

std::uint64_t count_messages(std::string_view raw) {
  std::uint64_t total = 0;
  for_each_element(raw, [&](std::string_view message) { total += count_message(message); });
  return total;
}

}  // namespace

std::uint64_t count_characters(std::string_view raw) noexcept {
  if (!is_string(raw)) {
    return 0;
  }
  raw = raw.substr(1, raw.size() - 2);
  // Bytes that begin a character; the compiler makes this a vector loop.
  std::uint64_t characters = 0;
  for (const char byte : raw) {
    characters += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  }
  // An escape is more than one byte and one character: \n by one, \u0041 by five, a pair of
  // surrogates by eleven.
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while ((at = static_cast<const char*>(
              std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) != nullptr) {
    if (end - at >= 6 && at[1] == 'u') {
      const bool high_surrogate =
          (at[2] | 0x20) == 'd' && std::strchr("89abAB", at[3]) != nullptr && at[3] != '\0';
      const bool pair = high_surrogate && end - at >= 12 && at[6] == '\\' && at[7] == 'u';
      characters -= pair ? 11 : 5;
      at += pair ? 12 : 6;
    } else {
      characters -= 1;
      at += 2;
    }
    if (at >= end) {
      break;
    }
  }
  return characters;
}

std::uint64_t count_prompt_characters(const PromptFields& fields) {
  if (!fields.prompt.empty()) {
    if (is_string(fields.prompt)) {
      return count_characters(fields.prompt);
    }
    std::uint64_t total = 0;  // several prompts in one request
    for_each_element(fields.prompt,
                     [&](std::string_view prompt) { total += count_characters(prompt); });
    return total;
  }
  if (!fields.messages.empty()) {
    const auto system = count_content(fields.system);
    return (system ? kMessageOverhead + std::string_view("system").size() + *system : 0) +
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
