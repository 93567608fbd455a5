#include "router/scheduling/least_request.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace kthena::router::scheduling {
namespace {

constexpr std::uint32_t kFailuresToEject = 3;
constexpr std::int64_t kFirstEjection = std::chrono::nanoseconds(std::chrono::seconds(1)).count();
constexpr std::int64_t kLongestEjection =
    std::chrono::nanoseconds(std::chrono::seconds(30)).count();

/// Placements of this process, so that "least recently" has an order.
std::atomic<std::uint64_t> placements = 0;

struct Candidate {
  const std::shared_ptr<Endpoint>* endpoint = nullptr;
  bool ejected = false;
  std::int32_t in_flight = 0;
  std::uint64_t last_chosen = 0;

  bool better_than(const Candidate& other) const noexcept {
    if (ejected != other.ejected) {
      return !ejected;
    }
    return in_flight != other.in_flight ? in_flight < other.in_flight
                                        : last_chosen < other.last_chosen;
  }
};

}  // namespace

Stage<> place(Call& call, Instant now) {
  const auto& endpoints = call.server->endpoints;
  const std::int64_t now_ns = now.time_since_epoch().count();
  std::size_t may_eject = endpoints.size() / 2;
  std::array<Candidate, kMaxCandidates> best;
  std::size_t count = 0;
  for (const auto& endpoint : endpoints) {
    Candidate candidate{.endpoint = &endpoint,
                        .ejected = endpoint->ejected_until.load(std::memory_order_relaxed) > now_ns,
                        .in_flight = endpoint->in_flight.load(std::memory_order_relaxed),
                        .last_chosen = endpoint->last_chosen.load(std::memory_order_relaxed)};
    if (candidate.ejected && may_eject == 0) {
      candidate.ejected = false;
    }
    may_eject -= candidate.ejected ? 1 : 0;
    std::size_t at = count < best.size() ? count++ : best.size();
    // Insertion into a sorted handful.
    while (at > 0 && candidate.better_than(best[at - 1])) {
      if (at < best.size()) {
        best[at] = best[at - 1];
      }
      --at;
    }
    if (at < best.size()) {
      best[at] = candidate;
    }
  }
  call.candidates.clear();
  call.candidates.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    call.candidates.push_back(*best[i].endpoint);
  }
  return {};
}

void note_chosen(Endpoint& endpoint) noexcept {
  endpoint.last_chosen.store(placements.fetch_add(1, std::memory_order_relaxed) + 1,
                             std::memory_order_relaxed);
}

void note_success(Endpoint& endpoint) noexcept {
  if (endpoint.failures_in_row.load(std::memory_order_relaxed) != 0) {
    endpoint.failures_in_row.store(0, std::memory_order_relaxed);
    endpoint.next_ejection_ns.store(0, std::memory_order_relaxed);
    endpoint.ejected_until.store(0, std::memory_order_relaxed);
  }
}

void note_failure(Endpoint& endpoint, Instant now) noexcept {
  if (endpoint.failures_in_row.fetch_add(1, std::memory_order_relaxed) + 1 < kFailuresToEject) {
    return;
  }
  const std::int64_t now_ns = now.time_since_epoch().count();
  if (endpoint.ejected_until.load(std::memory_order_relaxed) > now_ns) {
    return;  // calls that were under way when it was ejected say nothing new
  }
  const std::int64_t previous = endpoint.next_ejection_ns.load(std::memory_order_relaxed);
  const std::int64_t length = previous == 0 ? kFirstEjection : std::min(previous, kLongestEjection);
  endpoint.next_ejection_ns.store(std::min(2 * length, kLongestEjection),
                                  std::memory_order_relaxed);
  endpoint.ejected_until.store(now_ns + length, std::memory_order_relaxed);
}

}  // namespace kthena::router::scheduling
