// What the programs say to each other, all of it computable at both ends, so that every byte that
// comes through a proxy can be checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bench/common/clock.h"

struct XXH3_state_s;

namespace kthena::bench {

/// Where a client says what it wants to be answered; without it the fixed reply comes.
inline constexpr std::string_view kSpecHeader = "x-bench";

/// A stream of server-sent events, as asked for in the header
/// `x-bench: id=7,events=20,interval_us=20000,first_us=0,size=240`.
struct StreamSpec {
  std::uint32_t id = 0;           ///< below 100,000,000; decides the content
  std::uint32_t events = 1;       ///< without the final [DONE]
  std::uint32_t interval_us = 0;  ///< between two events; 0: all at once
  std::uint32_t first_us = 0;     ///< before the head and the first event
  std::uint32_t size = 240;       ///< bytes of one event, its blank line included

  friend bool operator==(const StreamSpec&, const StreamSpec&) = default;
};
inline constexpr std::uint32_t kSmallestEvent = 220;
inline constexpr std::uint32_t kLargestEvent = 65'536;

Result<StreamSpec> parse_stream_spec(std::string_view header_value);
std::string to_string(const StreamSpec& spec);

/// Event number `index` of a stream, in the shape of a chat completion chunk. All events of a
/// stream have spec.size bytes; they differ in the stamp, the index and the text.
/// @param backend  which backend speaks, below 1000
/// @param sent     when; the receiver computes the delay from it
void append_event(std::string& out, const StreamSpec& spec, std::uint32_t index, int backend,
                  Nanos sent);

/// Where append_event puts what the receiver cannot know.
struct EventField {
  std::size_t offset;
  std::size_t size;
};
extern const EventField kBackendInEvent;
extern const EventField kStampInEvent;

inline constexpr std::string_view kDone = "data: [DONE]\n\n";

/// The fixed reply to a call that is not streamed: 363 bytes.
std::string plain_reply(int backend);
extern const EventField kBackendInReply;

/// A chat call as client libraries write it, exactly `size` bytes (at least 256): system prompt,
/// turns of user and assistant with prose, code, escapes and UTF-8, the model's name at the end.
std::string chat_body(std::size_t size, bool stream);

/// A hash of a body that does not depend on how it was cut into pieces (XXH3, 64 bits).
class BodyHash {
 public:
  BodyHash();
  void add(std::string_view piece) noexcept;
  std::uint64_t value() const noexcept;
  void reset() noexcept;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const noexcept;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace kthena::bench
