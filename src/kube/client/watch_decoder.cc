#include "kube/client/watch_decoder.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "json/fields.h"
#include "json/read.h"
#include "json/tokens.h"
#include "json/type.h"
#include "json/value_scanner.h"
#include "kube/meta/object.h"

namespace kthena::kube {
namespace {

constexpr std::array<std::string_view, 5> kTypes = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK",
                                                    "ERROR"};
constexpr std::size_t kMaxKept = 64 << 10;  // of memory for events that come in pieces

/// What of a bookmark's object means something.
struct BookmarkMeta {
  std::string resource_version;
  Labels annotations;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"resourceVersion", &BookmarkMeta::resource_version},
                      json::Field{"annotations", &BookmarkMeta::annotations}};
  }
};
struct BookmarkObject {
  BookmarkMeta metadata;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"metadata", &BookmarkObject::metadata}};
  }
};

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::Malformed, fmt::format("watch event: {}", what));
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// The members of an event. The object is only found, not walked over: who decodes it does that.
class EventReader {
 public:
  explicit EventReader(std::string_view text) : text_(text), walker_(text) {}

  Result<> read(WatchEvent& event) {
    if (!walker_.take('{')) {
      return malformed("expected '{'");
    }
    std::optional<std::string_view> type;
    while (true) {
      std::string_view name;
      if (!walker_.take_name(name)) {
        return malformed(walker_.error().message());
      }
      if (name == "type") {
        json::TokenWalker::String string;
        if (!walker_.take_string(string)) {
          return malformed(walker_.error().message());
        }
        type = string.raw;
      } else {
        const std::string_view value = TRY(find_value());
        event.object = name == "object" ? value : event.object;
      }
      if (!walker_.take(',')) {
        break;
      }
    }
    if (!walker_.take('}') || !walker_.at_end()) {
      return malformed("expected '}' and nothing behind it");
    }
    return set_type(event, type.value_or(""));
  }

 private:
  Result<std::string_view> find_value() {
    const std::string_view rest = text_.substr(base_ + walker_.offset());
    json::ValueScanner scanner;
    scanner.start(walker_.peek());
    const std::size_t size = scanner.feed(rest);
    if (!scanner.done() || size == 0) {
      return malformed("expected a value");
    }
    base_ = text_.size() - rest.size() + size;
    walker_ = json::TokenWalker(text_.substr(base_));
    return rest.substr(0, size);
  }

  static Result<> set_type(WatchEvent& event, std::string_view text) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
      if (kTypes[i] == text) {
        event.type = static_cast<WatchEventType>(i);
        return event.object.starts_with('{') ? Result<>() : malformed("it has no object");
      }
    }
    return malformed("its type is unknown");
  }

  std::string_view text_;
  json::TokenWalker walker_;
  std::size_t base_ = 0;  // where the walker's text begins
};

}  // namespace

std::string_view to_string(WatchEventType type) noexcept {
  return kTypes[static_cast<std::size_t>(type)];
}

Result<WatchEvent> read_watch_event(std::string_view text) {
  WatchEvent event;
  TRY(EventReader(text).read(event));
  if (event.type == WatchEventType::Bookmark) {
    auto bookmark = json::read_object<BookmarkObject>(event.object);
    if (!bookmark) {
      return malformed("bookmark: " + bookmark.error().message());
    }
    event.resource_version = std::move(bookmark->metadata.resource_version);
    const auto& annotations = bookmark->metadata.annotations;
    const auto found = annotations.find("k8s.io/initial-events-end");
    event.initial_events_end = found != annotations.end() && found->second == "true";
  }
  return event;
}

Result<std::optional<WatchEvent>> WatchDecoder::next() {
  if (std::exchange(clear_held_, false)) {
    held_.clear();
    if (held_.capacity() > kMaxKept) {
      held_.shrink_to_fit();
    }
  }
  if (!inside_) {
    while (!rest_.empty() && is_space(rest_.front())) {
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) {
      return std::nullopt;
    }
    if (rest_.front() != '{') {
      return malformed("expected '{'");
    }
    inside_ = true;
    scanner_.start('{');
  }
  const std::size_t size = scanner_.feed(rest_);
  std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  if (held_.size() + size > max_event_bytes_) {
    return fail(ErrorCode::TooLarge,
                fmt::format("watch event: more than {} bytes", max_event_bytes_));
  }
  if (!scanner_.done() || !held_.empty()) {
    held_ += text;
    text = held_;
  }
  if (!scanner_.done()) {
    return std::nullopt;
  }
  inside_ = false;
  clear_held_ = !held_.empty();
  return TRY(read_watch_event(text));
}

}  // namespace kthena::kube
