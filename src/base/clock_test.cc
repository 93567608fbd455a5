#include "base/clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/rfc3339.h"

namespace kthena {
namespace {

using namespace std::chrono_literals;

WallTime at(std::int64_t nanoseconds) { return WallTime(Duration(nanoseconds)); }

std::string print(WallTime time, Rfc3339Fraction fraction = Rfc3339Fraction::Shortest) {
  return std::string(print_rfc3339(time, fraction).view());
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock;
  const Instant start = clock.now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(5s);
  EXPECT_EQ(clock.now() - start, 5s);
  EXPECT_EQ(print(clock.wall_now()), "2026-01-01T00:00:05Z");
}

TEST(ManualClock, JumpsOfTheWallClockLeaveTheMonotonicOneAlone) {
  ManualClock clock;
  const Instant start = clock.now();
  clock.jump_wall(-1h);
  EXPECT_EQ(clock.now(), start);
  EXPECT_EQ(print(clock.wall_now()), "2025-12-31T23:00:00Z");
}

TEST(RealClock, DoesNotGoBackwards) {
  const RealClock clock;
  const Instant first = clock.now();
  EXPECT_LE(first, clock.now());
}

TEST(Rfc3339, PrintsFractionsAsAsked) {
  const WallTime time = at(1'776'324'788'435'627'146);
  EXPECT_EQ(print(time), "2026-04-16T07:33:08.435627146Z");
  EXPECT_EQ(print(time, Rfc3339Fraction::None), "2026-04-16T07:33:08Z");
  EXPECT_EQ(print(time, Rfc3339Fraction::Micro), "2026-04-16T07:33:08.435627Z");
  EXPECT_EQ(print(at(45'120'000'000)), "1970-01-01T00:00:45.12Z");
  EXPECT_EQ(print(at(0), Rfc3339Fraction::Micro), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(print(at(-1)), "1969-12-31T23:59:59.999999999Z");
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T01:00:00+01:00"), at(0));
  EXPECT_EQ(parse_rfc3339("1969-12-31T19:30:00.5-04:30"), at(500'000'000));
  EXPECT_EQ(parse_rfc3339("2024-02-29t00:00:00.1234567899z"), at(1'709'164'800'123'456'789));
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00Zx", "226-01-01T00:00:00Z",
        "1500-01-01T00:00:00Z", "2300-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, IsReadBackFromItsText) {
  Random random(9);
  for (int i = 0; i < 10'000; ++i) {
    const WallTime time =
        at(random.uniform_between(-9'000'000'000'000'000'000, 9'000'000'000'000'000'000));
    EXPECT_EQ(parse_rfc3339(print(time)), time);
  }
}

}  // namespace
}  // namespace kthena
