#include "kube/client/rate_limiter.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/check.h"
#include "base/clock.h"

namespace kthena::kube {

RateLimiter::RateLimiter(async::Loop& loop, RateLimit limit)
    : loop_(loop), limit_(limit), tokens_(limit.burst), refilled_(loop.now()), timer_(loop, *this) {
  CHECK_GT(limit.per_second, 0);
  CHECK_GT(limit.burst, limit.kept_for_leases);
}

RateLimiter::~RateLimiter() { CHECK(leases_.empty() && others_.empty()); }

void RateLimiter::refill() noexcept {
  const Instant now = loop_.now();
  const double seconds = std::chrono::duration<double>(now - refilled_).count();
  tokens_ = std::min<double>(limit_.burst, tokens_ + seconds * limit_.per_second);
  refilled_ = now;
}

bool RateLimiter::may_go(Flow flow) const noexcept {
  return tokens_ >= (flow == Flow::Lease ? 1 : 1 + limit_.kept_for_leases);
}

bool RateLimiter::try_take(Flow flow) noexcept {
  refill();
  if (!lane(flow).empty() || !may_go(flow)) {
    return false;
  }
  tokens_ -= 1;
  ++stats_.granted;
  return true;
}

void RateLimiter::enqueue(Acquire& waiter, Flow flow) {
  lane(flow).push_back(waiter);
  ++stats_.waited;
  set_timer();
}

void RateLimiter::serve() noexcept {
  refill();
  for (const Flow flow : {Flow::Lease, Flow::Normal}) {
    List<async::Runnable>& waiting = lane(flow);
    while (!waiting.empty() && may_go(flow)) {
      tokens_ -= 1;
      ++stats_.granted;
      auto& next = static_cast<Acquire&>(waiting.pop_front());
      next.granted_ = true;
      next.wake();
    }
  }
  set_timer();
}

/// Wakes this object when the first of those that wait may go.
void RateLimiter::set_timer() {
  Instant at = Instant::max();
  const auto when = [this](double wanted) {
    const double seconds = std::max(0.0, wanted - tokens_) / limit_.per_second;
    // Rounded up, so that the token is there then.
    return loop_.now() + Duration(static_cast<std::int64_t>(seconds * 1e9) + 1000);
  };
  if (!leases_.empty()) {
    at = when(1);
  }
  if (!others_.empty()) {
    at = std::min(at, when(1 + limit_.kept_for_leases));
  }
  if (at != Instant::max()) {
    timer_.set(at);
  }
}

}  // namespace kthena::kube
