// An engine replica, and the exact numbers that all shards share about it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "net/address.h"
#include "telemetry/gauge_hold.h"

namespace kthena::router {

enum class EngineKind : std::uint8_t { Vllm, Sglang, LlamaCpp };

/// One pod that runs an engine. The same object in every snapshot for as long as the pod keeps its
/// name and address, so that its numbers go on. All members but the atomics are fixed when it is
/// made.
struct Endpoint {
  std::string pod_namespace;
  std::string pod_name;
  net::IpAddress ip;

  /// Calls there now, over all shards.
  std::atomic<std::int32_t> in_flight = 0;
  /// Placements made before the last one here; orders equals so that the least recently chosen is
  /// next.
  std::atomic<std::uint64_t> last_chosen = 0;

  /// Connect errors and 5xx in a row.
  std::atomic<std::uint32_t> failures_in_row = 0;
  /// Not chosen before this time (nanoseconds of the monotonic clock), while enough others are
  /// left.
  std::atomic<std::int64_t> ejected_until = 0;
  /// The length of the next ejection.
  std::atomic<std::int64_t> next_ejection_ns = 0;
};

/// +1 on the endpoint's calls while it lives. Moves.
class InFlight {
 public:
  InFlight() = default;
  /// @param gauge  goes up and down with it
  explicit InFlight(std::shared_ptr<Endpoint> endpoint, telemetry::GaugeHold gauge = {}) noexcept
      : endpoint_(std::move(endpoint)), gauge_(std::move(gauge)) {
    endpoint_->in_flight.fetch_add(1, std::memory_order_relaxed);
  }
  InFlight(InFlight&&) noexcept = default;
  InFlight& operator=(InFlight&& other) noexcept {
    release();
    endpoint_ = std::move(other.endpoint_);
    gauge_ = std::move(other.gauge_);
    return *this;
  }
  ~InFlight() { release(); }

  /// Null after release().
  Endpoint* endpoint() const noexcept { return endpoint_.get(); }

  void release() noexcept {
    if (endpoint_ != nullptr) {
      endpoint_->in_flight.fetch_sub(1, std::memory_order_relaxed);
      endpoint_.reset();
    }
    gauge_.release();
  }

 private:
  std::shared_ptr<Endpoint> endpoint_;
  telemetry::GaugeHold gauge_;
};

}  // namespace kthena::router
