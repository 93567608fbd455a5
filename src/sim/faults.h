// Faults on demand: how a simulated engine misbehaves, for whom and how often.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "json/value.h"

namespace kthena::sim {

enum class FaultKind : std::uint8_t {
  Refuse,          ///< answers `status` (503), or closes the connection unanswered with status 0
  Hang,            ///< never answers; a stream with `after_tokens` stalls there
  SlowFirstToken,  ///< the first token comes `delay` late
  SlowTokens,      ///< every token comes `delay` after the one before, or later
  Close,           ///< closes the connection after `after_tokens`, without a proper end
  Reset,           ///< the same with a TCP reset
  Truncate,        ///< ends the body properly after `after_tokens`, without its last events
  Status,          ///< answers `status` (500)
  MalformedSse,    ///< after `after_tokens`, one event that is not JSON
  Crash,           ///< the process aborts, after `after_tokens` of the request that is hit
  StuckMetrics,    ///< /metrics says for ever what it says first
  Drain,           ///< new requests are refused with 503, what runs is finished
};

std::string_view to_string(FaultKind kind) noexcept;

struct Fault {
  std::uint64_t id = 0;
  FaultKind kind = FaultKind::Refuse;
  double share = 1;                    ///< of requests that are hit, by a seeded choice
  std::optional<std::uint64_t> count;  ///< how many more are hit; none: no limit
  std::uint64_t after_tokens = 0;
  Duration delay{};
  int status = 0;
  std::string path;  ///< only requests with this path; empty: those that generate

  json::Value to_json() const;
};

/// Reads {"kind": …, "share": …, "count": …, "after_tokens": …, "delay_ms": …, "status": …,
/// "path": …}. Errors: InvalidArgument naming the field.
Result<Fault> parse_fault(const json::Value& value);

/// What happens to one request.
struct RequestFaults {
  std::optional<int> status;  ///< answered at once; 0: the connection is closed instead
  bool hang = false;          ///< before any byte
  Duration first_token_delay{};
  Duration token_delay{};

  /// How a stream ends before its time.
  enum class Cut : std::uint8_t { None, Stall, Close, Reset, Truncate, Crash };
  Cut cut = Cut::None;
  std::uint64_t cut_after = 0;
  std::optional<std::uint64_t> malformed_after;

  bool changes_body() const noexcept {
    return cut != Cut::None || malformed_after || first_token_delay != Duration::zero() ||
           token_delay != Duration::zero();
  }
};

/// The faults of one engine. One shard.
class FaultSet {
 public:
  explicit FaultSet(std::uint64_t seed) : random_(seed) {}

  /// Returns the fault's id. Errors: TooLarge beyond 100 faults.
  Result<std::uint64_t> add(Fault fault);
  void clear() { faults_.clear(); }
  bool empty() const noexcept { return faults_.empty(); }
  json::Value to_json() const;

  /// Decides for one request; counts down.
  /// @param generates  the path is one that generates text
  RequestFaults hit(std::string_view path, bool generates);

  bool has(FaultKind kind) const noexcept;

 private:
  std::vector<Fault> faults_;
  std::uint64_t next_id_ = 1;
  Random random_;
};

}  // namespace kthena::sim
