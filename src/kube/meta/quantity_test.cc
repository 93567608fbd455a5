#include "kube/meta/quantity.h"

#include <gtest/gtest.h>

#include "json/codec.h"

namespace kthena::kube {
namespace {

Quantity quantity(std::string_view text) { return Quantity::parse(text).value(); }

TEST(Quantity, WritesTheCanonicalForm) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"1", "1"},
      {"+1", "1"},
      {"0.1", "100m"},
      {"100m", "100m"},
      {"1000m", "1"},
      {"1500m", "1500m"},
      {"1.5", "1500m"},
      {"1000", "1k"},
      {"1500", "1500"},
      {"1k", "1k"},
      {"12e6", "12e6"},
      {"1e3", "1e3"},
      {"1E3", "1e3"},
      {"100e-3", "100e-3"},
      {"1.5e3", "1500"},
      {"1Ki", "1Ki"},
      {"1024Mi", "1Gi"},
      {"1.5Gi", "1536Mi"},
      {"0.5Ki", "512"},
      {"1023", "1023"},
      {".5", "500m"},
      {"5.", "5"},
      {"1u", "1u"},
      {"1n", "1n"},
      {"0.1n", "1n"},
      {"-0.1n", "-1n"},
      {"1E", "1E"},
      {"-2.5", "-2500m"},
      {"0.0001Ki", "102400u"},
      {"0.00000000000000000000000001Ei", "12n"},  // 11.5…
      {"100E", "9223372036854775807"},
      {"-100E", "-9223372036854775807"},
      {"1e400", "9223372036854775807"},
  };
  for (const auto& [text, canonical] : cases) {
    EXPECT_EQ(quantity(text).canonical(), canonical) << text;
  }
}

TEST(Quantity, ComparesByValue) {
  EXPECT_EQ(quantity("0.1"), quantity("100m"));
  EXPECT_EQ(quantity("1Ki"), quantity("1024"));
  EXPECT_LT(quantity("999m"), quantity("1"));
  EXPECT_LT(quantity("-1"), quantity("0"));
  EXPECT_LT(quantity("1G"), quantity("1Gi"));
  EXPECT_EQ(quantity("1e-400"), quantity("1n"));
  EXPECT_EQ(quantity("-3").sign(), -1);
  EXPECT_EQ(quantity("0.000").sign(), 0);
  EXPECT_DOUBLE_EQ(quantity("1.25").to_double(), 1.25);
  EXPECT_EQ(quantity("1.2").ceiling(), 2);
  EXPECT_EQ(quantity("-1.2").ceiling(), -1);
  EXPECT_EQ(Quantity::from_integer(-7), quantity("-7"));
  EXPECT_EQ(quantity("9223372036854775807000000000.1n"), quantity("1e400"));
  EXPECT_EQ(quantity("1e400").ceiling(), INT64_MAX);
}

TEST(Quantity, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "-", ".", "a", "1.2.3", "1 ", " 1", "1K", "1kk", "1ki", "1e", "1e1.5", "1e+-3", "--1",
        "0x10", "1e99999", "inf", "NaN"}) {
    EXPECT_FALSE(Quantity::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Quantity::parse(std::string(1000, '1')).has_value());
}

TEST(Quantity, KeepsTheTextItWasWrittenIn) {
  const auto read = [](json::Value value) { return json::decode<Quantity>(value); };
  EXPECT_EQ(json::encode(read("0.10").value), json::Value("0.10"));
  EXPECT_EQ(json::encode(read(10).value), json::Value("10"));
  const auto fraction = read(json::Value(0.5));
  ASSERT_EQ(fraction.problems.size(), 1U);
  EXPECT_EQ(
      fraction.problems[0].message,
      "Invalid value: \"number\": document in body must be of type integer or string: \"number\"");
}

}  // namespace
}  // namespace kthena::kube
