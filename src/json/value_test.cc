#include "json/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "json/parse.h"
#include "json/path.h"
#include "json/print.h"

namespace kthena::json {
namespace {

Value read(std::string_view text) { return parse(text).value(); }

TEST(Value, IsBuiltFromWhatCodeHasAtHand) {
  EXPECT_EQ(print(Value()), "null");
  EXPECT_EQ(print(Value(true)), "true");
  EXPECT_EQ(print(Value(-7)), "-7");
  EXPECT_EQ(print(Value(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(print(Value(0.1)), "0.1");
  EXPECT_EQ(print(Value(1e21)), "1e+21");
  EXPECT_EQ(Value(1e17).to_int64(), 100'000'000'000'000'000);
  EXPECT_EQ(print(Value("text")), "\"text\"");
  EXPECT_EQ(print(Value(Array{1, "two", nullptr})), "[1,\"two\",null]");
  EXPECT_EQ(print(Value(Object{{"b", 1}, {"a", false}})), "{\"b\":1,\"a\":false}");
}

TEST(Value, HasNoNumberForNaNAndInfinity) {
  EXPECT_TRUE(Value(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(Value(std::numeric_limits<double>::infinity()).is_null());
}

TEST(Value, KeepsNumbersExactly) {
  for (const char* text : {"0", "-0", "1.10", "1e3", "1E+2", "9007199254740993123456",
                           "-9223372036854775808", "18446744073709551615", "0.000000000000000001",
                           "3.14159265358979323846264338327950288", "1e-400"}) {
    EXPECT_EQ(print(read(text)), text);
  }
}

TEST(Value, ReadsIntegersOnlyWhereTheyAreWrittenAsSuchAndFit) {
  EXPECT_EQ(read("-9223372036854775808").to_int64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read("9223372036854775808").to_int64(), std::nullopt);
  EXPECT_EQ(read("9223372036854775808").to_uint64(), 9223372036854775808U);
  EXPECT_EQ(read("18446744073709551616").to_uint64(), std::nullopt);
  EXPECT_EQ(read("-1").to_uint64(), std::nullopt);
  EXPECT_EQ(read("1.0").to_int64(), std::nullopt);
  EXPECT_EQ(read("\"1\"").to_int64(), std::nullopt);
  EXPECT_EQ(Value(7.0).to_int64(), 7);
}

TEST(Value, ComparesNumbersByTheirExactValue) {
  EXPECT_EQ(read("1"), read("1.0"));
  EXPECT_EQ(read("100"), read("1e2"));
  EXPECT_EQ(read("0"), read("-0.0e7"));
  EXPECT_EQ(read("0.1"), read("1E-1"));
  EXPECT_EQ(read("18446744073709551615"), read("18446744073709551615.0"));
  EXPECT_NE(read("9007199254740993123456"), read("9007199254740993123457"));
  EXPECT_NE(read("9007199254740993"), read("9007199254740992.0"));
  EXPECT_NE(read("1"), read("-1"));
  EXPECT_NE(read("1"), read("\"1\""));
  EXPECT_NE(read("0"), read("false"));
}

TEST(Value, ComparesObjectsWhateverTheOrderOfMembers) {
  EXPECT_EQ(read(R"({"a":1,"b":[1,2]})"), read(R"({"b":[1,2],"a":1})"));
  EXPECT_NE(read(R"({"a":1,"b":[1,2]})"), read(R"({"b":[2,1],"a":1})"));
  EXPECT_NE(read(R"({"a":1})"), read(R"({"a":1,"b":null})"));
  EXPECT_NE(read(R"({"a":null})"), read(R"({"b":null})"));
}

TEST(Value, ComparesLargeObjectsWhateverTheOrderOfMembers) {
  Object up;
  Object down;
  for (int i = 0; i < 100; ++i) {
    up.set(std::to_string(i), i);
    down.set(std::to_string(99 - i), 99 - i);
  }
  EXPECT_EQ(up, down);
  down.set("50", "other");
  EXPECT_NE(up, down);
}

TEST(Object, KeepsThePlaceOfAMemberThatIsSetAgain) {
  Value value = read(R"({"a":1,"b":2,"c":3})");
  value.set("b", "new");
  EXPECT_EQ(print(value), R"({"a":1,"b":"new","c":3})");
  EXPECT_TRUE(value.erase("a"));
  EXPECT_FALSE(value.erase("a"));
  value.set("a", 9);
  EXPECT_EQ(print(value), R"({"b":"new","c":3,"a":9})");
}

TEST(Value, BecomesAnObjectOrArrayWhenNullIsFilled) {
  Value value;
  value.set("list", nullptr).push_back(1);
  EXPECT_EQ(print(value), R"({"list":[1]})");
}

TEST(Value, CopiesDeeplyAndLeavesNothingBehindWhenMoved) {
  Value a = read(R"({"x":[1]})");
  const Value b = a;
  a.find("x")->push_back(2);
  EXPECT_EQ(print(a), R"({"x":[1,2]})");
  EXPECT_EQ(print(b), R"({"x":[1]})");
  const Value c = std::move(a);
  EXPECT_EQ(print(c), R"({"x":[1,2]})");
}

TEST(Path, LeadsThroughObjectsAndArrays) {
  const Value root = read(R"({
    "spec": {"rules": [{"name": "a"}, {"name": "b"}]},
    "metadata": {"labels": {"app.io/name": "x", "app": {"io/name": "y"}, "l[0]": "z"}}
  })");
  const auto at = [&](std::string_view path) {
    const Value* value = find_path(root, path);
    return value != nullptr ? print(*value) : "nothing";
  };
  EXPECT_EQ(at("spec.rules[1].name"), "\"b\"");
  EXPECT_EQ(at("metadata.labels[app.io/name]"), "\"x\"");
  EXPECT_EQ(at("metadata.labels.app.io/name"), "\"x\"");
  EXPECT_EQ(at("metadata.labels[app]"), R"({"io/name":"y"})");
  EXPECT_EQ(at("metadata.labels.l[0]"), "\"z\"");
  EXPECT_EQ(at("metadata.labels[l[0]]"), "\"z\"");
  EXPECT_EQ(find_path(root, ""), &root);
  for (const char* path : {"spec.rules[2]", "spec.rules[-1]", "spec.rules[1x]", "spec.rules[0",
                           "spec.rules.0", "spec.none", "spec.rules[0].name.more", "."}) {
    EXPECT_EQ(at(path), "nothing") << path;
  }
}

}  // namespace
}  // namespace kthena::json
