// Checks a stream of events byte by byte against what the backend must have sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/common/content.h"
#include "bench/common/histogram.h"

namespace kthena::bench {

/// Follows the body of one streamed reply, in pieces of any size.
class StreamCheck {
 public:
  enum class State : std::uint8_t {
    Events,      ///< every event so far was exact; more are to come
    Done,        ///< all events and [DONE] came
    ErrorEvent,  ///< exact events, then an event that tells of an error
    Corrupted,   ///< bytes that were never sent
  };

  explicit StreamCheck(const StreamSpec& spec) : spec_(spec) {}

  /// @param delays  takes, for each whole event, `time` less the time it was sent
  void feed(std::string_view piece, Nanos time, Histogram& delays);

  /// Call at the end of the body: an error event that is the last thing counts as one.
  State finish();

  State state() const noexcept { return state_; }
  std::uint32_t events() const noexcept { return events_; }
  /// Which backend sent it; -1 before the first event.
  int backend() const noexcept { return backend_; }
  /// What the error event said, or what was wrong.
  const std::string& detail() const noexcept { return detail_; }

 private:
  void take(std::string_view unit, Nanos time, Histogram& delays);
  bool take_event(std::string_view event, Nanos time, Histogram& delays);
  void corrupt(std::string_view unit);

  StreamSpec spec_;
  std::string carry_;  ///< the beginning of a unit that came in pieces
  std::string detail_;
  std::uint32_t events_ = 0;
  int backend_ = -1;
  State state_ = State::Events;
};

}  // namespace kthena::bench
