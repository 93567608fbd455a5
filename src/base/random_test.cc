#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace kthena {
namespace {

// The values come from a second implementation, in Python.
TEST(Random, GivesTheSameSequenceEverywhere) {
  Random random(42);
  EXPECT_EQ(random.next(), 1546998764402558742U);
  EXPECT_EQ(random.next(), 6990951692964543102U);
  EXPECT_EQ(random.next(), 12544586762248559009U);
  EXPECT_EQ(random.next(), 17057574109182124193U);
  EXPECT_EQ(Random(0).next(), 11091344671253066420U);
}

TEST(Random, DrawsEachNumberEquallyOften) {
  Random random(1);
  constexpr int kDraws = 60'000;
  std::array<int, 6> seen{};
  for (int i = 0; i < kDraws; ++i) {
    ++seen.at(random.uniform(6));
  }
  const double expected = kDraws / 6.0;
  double chi_square = 0;
  for (const int count : seen) {
    chi_square += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_square, 20.5);  // 5 degrees of freedom, p = 0.001
}

TEST(Random, HasNoBiasWhereTheRangeDoesNotDivideTheWord) {
  // A plain product would give multiples of 3 twice as often as other numbers.
  Random random(2);
  const std::uint64_t n = (std::uint64_t{3} << 62);
  int multiples = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t drawn = random.uniform(n);
    ASSERT_LT(drawn, n);
    multiples += drawn % 3 == 0 ? 1 : 0;
  }
  EXPECT_NEAR(multiples, 3333, 200);
}

TEST(Random, DrawsBothEndsOfARange) {
  Random random(3);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) {
    seen.insert(random.uniform_between(-1, 1));
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{-1, 0, 1}));
  EXPECT_EQ(random.uniform_between(5, 5), 5);
  random.uniform_between(INT64_MIN, INT64_MAX);
}

TEST(Random, DoublesLieBelowOneAndAverageAHalf) {
  Random random(4);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double drawn = random.uniform_double();
    ASSERT_GE(drawn, 0.0);
    ASSERT_LT(drawn, 1.0);
    sum += drawn;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

TEST(Random, ShuffleKeepsTheEntriesAndReachesEveryOrder) {
  Random random(5);
  std::map<std::vector<int>, int> orders;
  for (int i = 0; i < 6'000; ++i) {
    std::vector<int> items = {1, 2, 3};
    random.shuffle(items);
    ++orders[items];
  }
  ASSERT_EQ(orders.size(), 6U);
  for (const auto& [order, count] : orders) {
    EXPECT_TRUE(std::is_permutation(order.begin(), order.end(), std::vector{1, 2, 3}.begin()));
    EXPECT_NEAR(count, 1'000, 150);
  }
}

TEST(Random, PicksFromContainersAndSpans) {
  Random random(6);
  std::vector<int> items = {7, 8};
  random.pick(items) = 9;
  EXPECT_TRUE(items[0] == 9 || items[1] == 9);
  const std::vector<int> one = {5};
  EXPECT_EQ(random.pick(std::span(one)), 5);
}

TEST(Random, AForkGoesItsOwnWay) {
  Random random(7);
  Random fork = random.fork();
  EXPECT_NE(random.next(), fork.next());
}

TEST(SecureRandom, FillsEveryByteOfALongBuffer) {
  std::vector<std::byte> bytes(4096);
  secure_random_bytes(bytes);
  std::set<std::byte> distinct(bytes.end() - 256, bytes.end());
  EXPECT_GT(distinct.size(), 100U);
  secure_random_bytes({});
}

TEST(Uuid, HasTheFormOfVersionFour) {
  const std::string uuid = uuid_v4();
  ASSERT_EQ(uuid.size(), 36U);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      EXPECT_EQ(uuid[i], '-');
    } else {
      EXPECT_NE(std::string_view("0123456789abcdef").find(uuid[i]), std::string_view::npos);
    }
  }
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
  EXPECT_NE(uuid, uuid_v4());
}

TEST(Uuid, IsRepeatableFromASeed) {
  Random a(8);
  Random b(8);
  EXPECT_EQ(uuid_v4(a), uuid_v4(b));
}

}  // namespace
}  // namespace kthena
