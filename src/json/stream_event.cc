#include "json/stream_event.h"

#include <cstddef>
#include <cstdint>
#include <limits>
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
      return usage();
    }
    if ((name == "response" || name == "message") && walker_.peek() == '{') {
      return walker_.for_each_member([this](std::string_view field) {
        return field == "usage" && walker_.peek() == '{' ? usage() : walker_.skip_value();
      });
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

  bool usage() {
    TokenUsage& usage = event_.usage.emplace();
    cache_tokens_ = 0;
    const bool good =
        walker_.for_each_member([this](std::string_view field) { return usage_member(field); });
    usage.prompt = add(usage.prompt, cache_tokens_);
    usage.total = usage.total > 0 ? usage.total : add(usage.prompt, usage.completion);
    return good;
  }

  bool usage_member(std::string_view name) {
    TokenUsage& usage = *event_.usage;
    if (name == "prompt_tokens" || name == "input_tokens") {
      return count(usage.prompt);
    }
    if (name == "completion_tokens" || name == "output_tokens") {
      return count(usage.completion);
    }
    if (name == "total_tokens") {
      return count(usage.total);
    }
    // Of the prompt too, but not in input_tokens.
    if (name == "cache_creation_input_tokens") {
      std::int64_t written = 0;
      const bool good = count(written);
      cache_tokens_ = add(cache_tokens_, written);
      return good;
    }
    if (name == "cache_read_input_tokens") {
      const bool good = count(usage.cached);
      cache_tokens_ = add(cache_tokens_, usage.cached);
      return good;
    }
    if ((name == "prompt_tokens_details" || name == "input_tokens_details") &&
        walker_.peek() == '{') {
      return walker_.for_each_member([this](std::string_view field) {
        return field == "cached_tokens" ? count(event_.usage->cached) : walker_.skip_value();
      });
    }
    return walker_.skip_value();
  }

  /// The sum of two counts that may be anything up to the largest.
  static std::int64_t add(std::int64_t a, std::int64_t b) noexcept {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    return a > kMost - b ? kMost : a + b;
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
  std::int64_t cache_tokens_ = 0;  ///< of the usage at hand
};

}  // namespace

std::optional<StreamEvent> read_stream_event(std::string_view data) {
  return EventReader(data).read();
}

}  // namespace kthena::json
