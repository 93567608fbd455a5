// How one call ended, and the count of all of them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/common/clock.h"

namespace kthena::bench {

enum class OutcomeKind : std::uint8_t {
  Exact,           ///< status 200 and every byte as sent
  ErrorThenAbort,  ///< exact events, an error event, then the connection was cut
  ErrorThenEnd,    ///< exact events, an error event, then a clean end: clients may miss it
  TruncatedClean,  ///< a clean end before the last event: nobody notices the loss
  Cut,             ///< the connection was cut without an error event
  Corrupted,       ///< bytes that were never sent
  WrongStatus,     ///< a status other than 200
  NoReply,         ///< the connection ended before a reply began
  NotConnected,    ///< connect failed
  Unfinished,      ///< still under way when the run gave up
};
inline constexpr std::size_t kOutcomeKinds = 10;
std::string_view to_string(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::Unfinished;
  int status = 0;
  int backend = -1;      ///< -1 when no byte told
  Nanos intended = 0;    ///< when the call was to be sent
  Nanos sent = 0;        ///< when its first byte was sent
  Nanos first_byte = 0;  ///< of the body
  Nanos end = 0;
  std::uint32_t events = 0;  ///< exact ones
  std::string detail{};      ///< why it was not exact
  bool reusable = false;     ///< whether the connection can carry another call
};

/// Counts outcomes, in all and per backend, and keeps the first few complaints.
class Tally {
 public:
  void add(const Outcome& outcome);
  std::uint64_t total() const noexcept;
  std::uint64_t of(OutcomeKind kind) const { return kinds_.at(static_cast<std::size_t>(kind)); }
  bool all_exact() const noexcept { return total() == of(OutcomeKind::Exact); }
  /// `"outcomes":{…},"by_backend":{…},"by_status":{…},"complaints":[…]` without the outer braces.
  std::string to_json_fields() const;

 private:
  using Counts = std::array<std::uint64_t, kOutcomeKinds>;
  static std::string describe(const Counts& counts);

  Counts kinds_{};
  std::map<int, Counts> backends_;
  std::map<int, std::uint64_t> statuses_;
  std::vector<std::string> complaints_;
};

/// `text` as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace kthena::bench
