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
    case '[': {
      TokenWalker inside = walker;
      inside.advance();
      return inside.peek() != ']';
    }
    default:
      return false;
  }
}

/// Reads one event in one walk. Its functions return false where the text is not JSON.
class EventReader {
 public:
  EventReader(std::string_view text, TokenWalker walker) noexcept : text_(text), walker_(walker) {}

  std::optional<StreamEvent> read() {
    const bool good = walker_.peek() == '{' &&
                      members([this](std::string_view name) { return top(name); }) &&
                      walker_.at_end();
    return good ? std::optional(event_) : std::nullopt;
  }

 private:
  /// Visits the members of the object at the walker. `visit(name)` goes past the value.
  template <class Visit>
  bool members(Visit&& visit) {
    walker_.advance();
    if (walker_.take('}')) {
      return true;
    }
    do {
      std::string_view name;
      if (!walker_.take_name(name) || !visit(name)) {
        return false;
      }
    } while (walker_.take(','));
    return walker_.take('}');
  }

  bool top(std::string_view name) {
    if (name == "choices" && walker_.peek() == '[') {
      return choices();
    }
    if (name == "usage" && walker_.peek() == '{') {
      event_.usage.emplace();
      const bool good = members([this](std::string_view field) { return usage(field); });
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
    walker_.advance();
    if (walker_.take(']')) {
      return true;
    }
    event_.no_choices = false;
    do {
      const bool good = walker_.peek() == '{'
                            ? members([this](std::string_view name) { return choice(name); })
                            : walker_.skip_value();
      if (!good) {
        return false;
      }
    } while (walker_.take(','));
    return walker_.take(']');
  }

  bool choice(std::string_view name) {
    if ((name == "delta" || name == "message") && walker_.peek() == '{') {
      return members([this](std::string_view field) { return delta(field); });
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
      return members([this](std::string_view field) {
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
  auto walker = TokenWalker::create(data);
  return walker ? EventReader(data, *walker).read() : std::nullopt;
}

}  // namespace kthena::json
