// The events of a watch out of the bytes of its answer. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value_scanner.h"

namespace kthena::kube {

enum class WatchEventType : std::uint8_t {
  Added,
  Modified,
  Deleted,   ///< the object as it was last
  Bookmark,  ///< nothing happened up to this version
  Error,     ///< the object is a Status; the watch is over
};
std::string_view to_string(WatchEventType type) noexcept;  ///< "ADDED"

struct WatchEvent {
  WatchEventType type = WatchEventType::Added;
  std::string_view
      object;  ///< its JSON, for json::read_object; valid until the next event is asked for
  // Of bookmarks:
  std::string resource_version;
  bool initial_events_end = false;  ///< all that was there when the watch began has been sent
};

/// One JSON object after the other: {"type":"ADDED","object":{…}}, cut anywhere.
///
///     decoder.feed(bytes);
///     while (const auto event = TRY(decoder.next())) { … }
class WatchDecoder {
 public:
  explicit WatchDecoder(std::size_t max_event_bytes = 16 << 20)
      : max_event_bytes_(max_event_bytes) {}

  /// The next bytes, which must live until next() has given nothing.
  void feed(std::string_view bytes) noexcept { rest_ = bytes; }

  /// The next event that is there whole. Errors: Malformed, TooLarge; after one, it is over.
  Result<std::optional<WatchEvent>> next();

  /// The bytes so far end within an event.
  bool within_event() const noexcept { return inside_; }

 private:
  std::size_t max_event_bytes_;
  json::ValueScanner scanner_;
  std::string_view rest_;
  std::string held_;
  bool inside_ = false;
  bool clear_held_ = false;  // the last event was in held_
};

/// Reads one event's text. Errors: Malformed.
Result<WatchEvent> read_watch_event(std::string_view text);

}  // namespace kthena::kube
