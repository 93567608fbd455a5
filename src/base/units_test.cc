#include "base/units.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>

namespace kthena {
namespace {

TEST(Bytes, AddAndCompare) {
  EXPECT_EQ(1_KiB + 24_B, Bytes(1048));
  EXPECT_EQ(3 * 2_MiB - 1_MiB, 5_MiB);
  EXPECT_LT(1023_B, 1_KiB);
  EXPECT_EQ(10_KiB / 3_KiB, 3);
  EXPECT_EQ(10_KiB % 3_KiB, 1_KiB);
  EXPECT_EQ(-(1_B), Bytes(-1));
}

TEST(Tokens, MayBeOverdrawn) {
  Tokens budget = 100_tokens;
  budget -= 150_tokens;
  EXPECT_EQ(budget, Tokens(-50));
  EXPECT_LT(budget, Tokens::zero());
  EXPECT_EQ(to_string(budget), "-50");
}

TEST(Bytes, PrintTheShortestExactText) {
  EXPECT_EQ(to_string(0_B), "0B");
  EXPECT_EQ(to_string(1500_B), "1500B");
  EXPECT_EQ(to_string(1536_B), "1536B");
  EXPECT_EQ(to_string(64_MiB), "64MiB");
  EXPECT_EQ(to_string(Bytes(-1024)), "-1KiB");
  EXPECT_EQ(to_string(2048_GiB), "2TiB");
}

struct SizeCase {
  const char* text;
  std::int64_t bytes;
};

TEST(Bytes, AreReadWithBinaryAndDecimalUnits) {
  for (const auto& [text, bytes] :
       std::initializer_list<SizeCase>{{"0", 0},
                                       {"512", 512},
                                       {"512B", 512},
                                       {"10kB", 10'000},
                                       {"10K", 10'000},
                                       {"64MiB", 64 << 20},
                                       {"64Mi", 64 << 20},
                                       {"1.5GiB", 3LL << 29},
                                       {"0.1KiB", 102},
                                       {"0.3333333333333333333333333KiB", 341},
                                       {"8191PiB", 8191LL << 50},
                                       {"9223372036854775807", INT64_MAX}}) {
    const auto parsed = parse_bytes(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message();
    EXPECT_EQ(parsed->count(), bytes) << text;
  }
}

TEST(Bytes, RefuseWhatIsNoSize) {
  for (const char* text :
       {"", "B", "-1", "+1", " 1", "1 ", "1 MiB", "1mib", "1.MiB", ".5MiB", "1.5.5MiB", "1e3",
        "0x10", "8192PiB", "9223372036854775808", "99999999999999999999"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
}

TEST(Bytes, ErrorsQuoteTheText) {
  EXPECT_EQ(parse_bytes("5parsecs").error().message(), "invalid size \"5parsecs\": unknown unit");
}

TEST(Bytes, AreReadBackFromTheirText) {
  for (const Bytes size : {0_B, 1_B, 1023_B, 1_KiB, 1025_B, 3_MiB, Bytes::max()}) {
    EXPECT_EQ(parse_bytes(to_string(size)), size);
  }
}

}  // namespace
}  // namespace kthena
