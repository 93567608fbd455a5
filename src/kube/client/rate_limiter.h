// The client's own limit on requests, so that a fault of ours does not become the API server's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "async/context.h"
#include "async/loop.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/result.h"
#include "kube/client/request.h"

namespace kthena::kube {

/// Servers guard themselves (API priority and fairness), and who is sent away waits as long as they
/// say. So this is only for what runs away: at these numbers the pods, services and statuses of
/// 1,000 ModelServings are written in less than a minute, which etcd bears.
struct RateLimit {
  double per_second = 300;
  std::uint32_t burst = 600;
  /// Of the burst, what only leases may use: a renewal never waits behind other requests.
  std::uint32_t kept_for_leases = 20;
};

/// A token bucket with two lanes. One for a process; one shard.
class RateLimiter {
 public:
  RateLimiter(async::Loop& loop, RateLimit limit);
  ~RateLimiter();
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  /// `CO_TRY(co_await limiter.acquire(flow))`: waits for a turn. In order, leases before others.
  /// Errors: Cancelled, DeadlineExceeded.
  class [[nodiscard]] Acquire final : public async::Waiter {
   public:
    Acquire(RateLimiter& limiter, Flow flow) noexcept : limiter_(limiter), flow_(flow) {}
    bool await_ready() noexcept {
      granted_ = limiter_.try_take(flow_);
      return granted_;
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      if (!begin(handle)) {
        return false;
      }
      limiter_.enqueue(*this, flow_);
      return true;
    }
    Result<> await_resume() const {
      if (!granted_) {
        return fail(async::cancel_error(outcome()));
      }
      return {};
    }

   private:
    friend class RateLimiter;
    RateLimiter& limiter_;
    Flow flow_;
    bool granted_ = false;
  };
  Acquire acquire(Flow flow) noexcept { return {*this, flow}; }

  struct Stats {
    std::uint64_t granted = 0;
    std::uint64_t waited = 0;  ///< of those, not at once
  };
  const Stats& stats() const noexcept { return stats_; }

 private:
  class WakeTimer final : public async::Timer {
   public:
    WakeTimer(async::Loop& loop, RateLimiter& owner) : Timer(loop), owner_(owner) {}

   private:
    void on_timer() noexcept override { owner_.serve(); }
    RateLimiter& owner_;
  };

  List<async::Runnable>& lane(Flow flow) noexcept {
    return flow == Flow::Lease ? leases_ : others_;
  }
  void refill() noexcept;
  bool may_go(Flow flow) const noexcept;
  bool try_take(Flow flow) noexcept;
  void enqueue(Acquire& waiter, Flow flow);
  void serve() noexcept;
  void set_timer();

  async::Loop& loop_;
  RateLimit limit_;
  double tokens_;
  Instant refilled_;
  List<async::Runnable> leases_;
  List<async::Runnable> others_;
  Stats stats_;
  WakeTimer timer_;
};

}  // namespace kthena::kube
