#include "base/duration.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>

#include "base/random.h"

namespace kthena {
namespace {

using namespace std::chrono_literals;

struct DurationCase {
  const char* text;
  std::int64_t nanoseconds;
  const char* printed;
};

// What Go 1.26 reads and prints.
TEST(Duration, IsReadAndPrintedAsGoDoes) {
  for (const auto& [text, nanoseconds, printed] : std::initializer_list<DurationCase>{
           {"0", 0, "0s"},
           {"-0", 0, "0s"},
           {"0h", 0, "0s"},
           {"1h2m3.5s", 3'723'500'000'000, "1h2m3.5s"},
           {"5m", 300'000'000'000, "5m0s"},
           {"100ms", 100'000'000, "100ms"},
           {"1.5ms", 1'500'000, "1.5ms"},
           {"12us", 12'000, "12\u00b5s"},
           {"12\u00b5s", 12'000, "12\u00b5s"},
           {"12\u03bcs", 12'000, "12\u00b5s"},
           {"1ns", 1, "1ns"},
           {"-1.5h", -5'400'000'000'000, "-1h30m0s"},
           {"+3s", 3'000'000'000, "3s"},
           {".5s", 500'000'000, "500ms"},
           {"5.s", 5'000'000'000, "5s"},
           {"1s1s", 2'000'000'000, "2s"},
           {"3m2h", 7'380'000'000'000, "2h3m0s"},
           {"0.3333333333333333333h", 1'200'000'000'000, "20m0s"},
           {"0.9223372036854775807h", 3'320'413'933'267, "55m20.413933267s"},
           {"0.100000000000000000000h", 360'000'000'000, "6m0s"},
           {"0.830103483285477580700h", 2'988'372'539'827, "49m48.372539827s"},
           {"9223372036854775807ns", INT64_MAX, "2562047h47m16.854775807s"},
           {"-9223372036854775808ns", INT64_MIN, "-2562047h47m16.854775808s"},
           {"-2562047h47m16.854775808s", INT64_MIN, "-2562047h47m16.854775808s"}}) {
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message();
    EXPECT_EQ(parsed->count(), nanoseconds) << text;
    EXPECT_EQ(print_duration(*parsed), printed) << text;
  }
}

TEST(Duration, RefusesWhatGoRefuses) {
  for (const char* text : {"",
                           "3",
                           "-",
                           "s",
                           ".",
                           "-.",
                           ".s",
                           "+.s",
                           "1d",
                           "1S",
                           "1 s",
                           " 1s",
                           "1s ",
                           "1e3s",
                           "--1s",
                           "3000000h",
                           "9223372036854775808ns",
                           "-9223372036854775809ns",
                           "9223372036854ms775us808ns",
                           "9223372036854775.808us",
                           "18446744073709551616s",
                           "\x85\x85",
                           "1\xffs",
                           "1s-1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, RefusesASumThatWrapsToZero) {
  EXPECT_FALSE(parse_duration("-9223372036854775808ns9223372036854775808ns"));
}

TEST(Duration, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(parse_duration("1d").error().message(), "invalid duration \"1d\": unknown unit \"d\"");
  EXPECT_EQ(parse_duration("15").error().message(), "invalid duration \"15\": a unit is missing");
}

TEST(Duration, IsReadBackFromItsText) {
  Random random(7);
  for (int i = 0; i < 10'000; ++i) {
    // Spread over the magnitudes.
    const Duration duration(static_cast<std::int64_t>(random.next()) >> random.uniform(64));
    EXPECT_EQ(parse_duration(print_duration(duration)), duration) << duration.count();
  }
}

TEST(Duration, ConvertsToSeconds) { EXPECT_EQ(to_seconds(1500ms), 1.5); }

}  // namespace
}  // namespace kthena
