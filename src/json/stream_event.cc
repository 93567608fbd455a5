#include "json/stream_event.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "json/on_demand.h"
#include "json/tokens.h"
#include "json/value.h"

namespace kthena::json {
namespace {

/// Whether the value at the walker says something: not null, not "", not [].
bool says_something(const TokenWalker& walker, std::string_view text) noexcept {
  switch (walker.peek()) {
    case '"':
      return text.substr(walker.offset(), 2) != "\"\"";
    case '[':
      return walker.peek_second() != ']';
    default:
      return false;
  }
}

/// Reads one event in one walk. Its functions return false where the text is not JSON.
class EventReader {
 public:
  explicit EventReader(std::string_view text) noexcept : text_(text), walker_(text) {}

  std::optional<StreamEvent> read() {
    const bool good =
        walker_.peek() == '{' &&
        walker_.for_each_member([this](std::string_view name) { return top(name); }) &&
        walker_.at_end();
    return good ? std::optional(event_) : std::nullopt;
  }

 private:
  bool top(std::string_view name) {
    if (name == "choices" && walker_.peek() == '[') {
      return choices();
    }
    if (name == "usage" && walker_.peek() == '{') {
      event_.usage.emplace();
      const bool good =
          walker_.for_each_member([this](std::string_view field) { return usage(field); });
      TokenUsage& usage = *event_.usage;
      usage.total = usage.total > 0 ? usage.total : usage.prompt + usage.completion;
      return good;
    }
    if (name == "error" && walker_.value_type() != Type::Null) {
      event_.is_error = true;
    }
    return walker_.skip_value();
  }

  bool choices() {
    return walker_.for_each_element([this] {
      event_.no_choices = false;
      return walker_.peek() == '{'
                 ? walker_.for_each_member([this](std::string_view name) { return choice(name); })
                 : walker_.skip_value();
    });
  }

  bool choice(std::string_view name) {
    if ((name == "delta" || name == "message") && walker_.peek() == '{') {
      return walker_.for_each_member([this](std::string_view field) { return delta(field); });
    }
    if (name == "text") {
      event_.has_text = event_.has_text || says_something(walker_, text_);
    }
    return walker_.skip_value();
  }

  bool delta(std::string_view name) {
    if (name == "content" || name == "reasoning" || name == "reasoning_content" ||
        name == "tool_calls" || name == "refusal") {
      event_.has_text = event_.has_text || says_something(walker_, text_);
    } else if (name == "function_call" && walker_.peek() == '{') {
      event_.has_text = true;
    }
    return walker_.skip_value();
  }

  bool usage(std::string_view name) {
    TokenUsage& usage = *event_.usage;
    if (name == "prompt_tokens") {
      return count(usage.prompt);
    }
    if (name == "completion_tokens") {
      return count(usage.completion);
    }
    if (name == "total_tokens") {
      return count(usage.total);
    }
    if (name == "prompt_tokens_details" && walker_.peek() == '{') {
      return walker_.for_each_member([this](std::string_view field) {
        return field == "cached_tokens" ? count(event_.usage->cached) : walker_.skip_value();
      });
    }
    return walker_.skip_value();
  }

  /// Takes a count; what is no integer or negative counts as 0.
  bool count(std::int64_t& out) {
    const std::size_t begin = walker_.offset();
    if (!walker_.skip_value()) {
      return false;
    }
    const auto value = read_int64(text_.substr(begin, walker_.end_of_previous() - begin));
    out = value && *value > 0 ? *value : 0;
    return true;
  }

  std::string_view text_;
  TokenWalker walker_;
  StreamEvent event_;
};

}  // namespace

std::optional<StreamEvent> read_stream_event(std::string_view data) {
  return EventReader(data).read();
}

}  // namespace kthena::json
