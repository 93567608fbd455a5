// What goes wrong in the in-memory API server.
#pragma once

#include <cstdint>

namespace kthena::kube::testing {

/// Chances in a thousand, by request or by event; the loop's seed decides. All zero: nothing does.
struct Faults {
  std::uint32_t refuse = 0;        ///< answers 429, 500 or 503 instead of doing it
  std::uint32_t conflict = 0;      ///< answers 409 to a write instead of doing it
  std::uint32_t lose_request = 0;  ///< closes the connection instead of doing it
  std::uint32_t lose_answer = 0;   ///< does it, and closes the connection instead of answering
  std::uint32_t slow = 0;          ///< takes up to three seconds
  std::uint32_t forget = 0;        ///< forgets all events before a list or watch: 410
  std::uint32_t cut_watch = 0;     ///< at an event: cuts the watch within it, at any byte
  std::uint32_t end_watch = 0;     ///< at an event: ends the watch in order, before it
  std::uint32_t repeat = 0;        ///< sends an event twice
  std::uint32_t delay = 0;         ///< holds an event, and what follows, for up to a second
};

}  // namespace kthena::kube::testing
