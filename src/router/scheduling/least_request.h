// Chooses endpoints by calls in flight.
#pragma once

#include "base/clock.h"
#include "router/call.h"
#include "router/rejection.h"

namespace kthena::router::scheduling {

/// How many endpoints a call may be tried on.
inline constexpr std::size_t kMaxCandidates = 5;

/// Fills the call's candidates, best first: fewest calls in flight over all shards, among equals
/// the one that was chosen least recently, so that ties are spread evenly. Ejected endpoints come
/// last, and at most half of all are held back. Does not suspend. Cost: O(endpoints).
Stage<> place(Call& call, Instant now);

/// Tells that an endpoint was chosen: the next equal choice falls on another.
void note_chosen(Endpoint& endpoint) noexcept;

/// How an attempt went, for ejection: three connect errors or 5xx in a row eject for 1 s, doubling
/// to 30 s.
void note_success(Endpoint& endpoint) noexcept;
void note_failure(Endpoint& endpoint, Instant now) noexcept;

}  // namespace kthena::router::scheduling
