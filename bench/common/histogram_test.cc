#include "bench/common/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace kthena::bench {
namespace {

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (Nanos value = 1; value <= 50; ++value) {
    histogram.record(value);
  }
  EXPECT_EQ(histogram.quantile(0.5), 25);
  EXPECT_EQ(histogram.quantile(1), 50);
  EXPECT_EQ(histogram.quantile(0), 1);
}

TEST(Histogram, QuantilesAreAtMostASixtyFourthAboveTheTrueOnes) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> durations(11, 2);
  Histogram histogram;
  std::vector<Nanos> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<Nanos>(durations(random)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * 20'000)) - 1;
    const auto truth = static_cast<double>(values.at(rank));
    EXPECT_GE(static_cast<double>(histogram.quantile(q)), truth);
    EXPECT_LE(static_cast<double>(histogram.quantile(q)), truth * (1 + (1.0 / 64)) + 1);
  }
}

TEST(Histogram, MergingIsTheSameAsRecordingAll) {
  Histogram left;
  Histogram right;
  Histogram both;
  for (Nanos value = 1; value < 1'000'000; value = (value * 3) + 1) {
    (value % 2 == 0 ? left : right).record(value);
    both.record(value);
  }
  left.merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.max(), both.max());
  EXPECT_EQ(left.quantile(0.7), both.quantile(0.7));
}

TEST(Histogram, TakesValuesOutOfRange) {
  Histogram histogram;
  histogram.record(-5);
  histogram.record(INT64_MAX);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_EQ(histogram.count(), 2U);
}

}  // namespace
}  // namespace kthena::bench
