#include "kube/client/rate_limiter.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;

async::Task<void> take(RateLimiter& limiter, Flow flow, char name, std::string& order) {
  if (co_await limiter.acquire(flow)) {
    order += name;
  }
}

struct RateLimiterTest : testing::Test {
  async::SimulatedLoop loop{0};
  RateLimiter limiter{loop, {.per_second = 10, .burst = 5, .kept_for_leases = 2}};
  async::TaskScope tasks{loop};
  std::string order;

  void ask(Flow flow, char name) { tasks.spawn(take(limiter, flow, name, order)); }
};

TEST_F(RateLimiterTest, LetsABurstGoAndThenSoManyASecond) {
  for (int i = 0; i < 10; ++i) {
    ask(Flow::Normal, 'n');
  }
  loop.run_ready();
  EXPECT_EQ(order.size(), 3U);  // two are kept for leases
  loop.run_for(310ms);
  EXPECT_EQ(order.size(), 6U);
  loop.run_for(400ms);
  EXPECT_EQ(order.size(), 10U);
  EXPECT_EQ(limiter.stats().granted, 10U);
  EXPECT_EQ(limiter.stats().waited, 7U);
}

TEST_F(RateLimiterTest, LetsLeasesGoFirst) {
  for (int i = 0; i < 5; ++i) {
    ask(Flow::Normal, 'n');
  }
  ask(Flow::Lease, 'L');
  ask(Flow::Lease, 'L');
  loop.run_ready();
  EXPECT_EQ(order, "nnnLL");
  ask(Flow::Lease, 'L');
  loop.run_for(110ms);
  EXPECT_EQ(order, "nnnLLL");
  loop.run_for(10s);
  EXPECT_EQ(order, "nnnLLLnn");
}

async::Task<void> stop(async::TaskScope& scope) { co_await scope.stop(); }

TEST_F(RateLimiterTest, ForgetsWhoIsCancelled) {
  for (int i = 0; i < 5; ++i) {
    ask(Flow::Normal, 'n');
  }
  loop.run_ready();
  async::run_until_done(loop, stop(tasks));
  EXPECT_EQ(order, "nnn");
}

}  // namespace
}  // namespace kthena::kube
