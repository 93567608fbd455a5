#include "router/connectors/retry_budget.h"

#include <gtest/gtest.h>

namespace kthena::router {
namespace {

using namespace std::chrono_literals;

int take_all(RetryBudget& budget, Instant now) {
  int taken = 0;
  while (taken < 10'000 && budget.try_take(now)) {
    ++taken;
  }
  return taken;
}

TEST(RetryBudget, AQuietModelMayFailOverTenTimes) {
  RetryBudget budget;
  const Instant now = Instant{} + 1h;
  budget.count_call(now);
  EXPECT_EQ(take_all(budget, now), 10);
}

TEST(RetryBudget, BeyondThatRetriesAreAFifthOfTheCalls) {
  RetryBudget budget;
  const Instant now = Instant{} + 1h;
  for (int i = 0; i < 1000; ++i) {
    budget.count_call(now);
  }
  EXPECT_EQ(take_all(budget, now), 200);
  for (int i = 0; i < 5; ++i) {
    budget.count_call(now);
  }
  EXPECT_EQ(take_all(budget, now), 1);
}

TEST(RetryBudget, OnlyTheLastTenSecondsCount) {
  RetryBudget budget;
  Instant now = Instant{} + 1h;
  for (int i = 0; i < 1000; ++i) {
    budget.count_call(now);
  }
  EXPECT_EQ(take_all(budget, now), 200);
  now += 9s;
  EXPECT_EQ(take_all(budget, now), 0);
  now += 1s;
  EXPECT_EQ(take_all(budget, now), 10) << "calls and retries are both forgotten";
  now += 24h;
  EXPECT_EQ(take_all(budget, now), 10);
}

TEST(RetryBudget, TheWindowSlides) {
  RetryBudget budget;
  Instant now = Instant{} + 1h;
  for (int second = 0; second < 30; ++second, now += 1s) {
    for (int i = 0; i < 100; ++i) {
      budget.count_call(now);
    }
    int taken = take_all(budget, now);
    if (second >= 10) {
      EXPECT_EQ(taken, 20) << second;
    }
  }
}

}  // namespace
}  // namespace kthena::router
