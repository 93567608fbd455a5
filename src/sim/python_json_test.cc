#include "sim/python_json.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>

namespace kthena::sim {
namespace {

struct Case {
  std::string_view text;
  std::string_view message;
  std::size_t position;
};

// Printed by CPython 3.11.7.
constexpr Case kCases[] = {
    {"", "Expecting value", 0},
    {"{\"model\": \"tiny\", ", "Expecting property name enclosed in double quotes", 18},
    {"{\"a\" 1}", "Expecting ':' delimiter", 5},
    {"{\"a\":}", "Expecting value", 5},
    {"[1 2]", "Expecting ',' delimiter", 3},
    {"[1,]", "Expecting value", 3},
    {"\"abc", "Unterminated string starting at", 0},
    {"\"a\nb\"", "Invalid control character at", 2},
    {"\"\\x\"", "Invalid \\escape", 1},
    {"\"\\u12g4\"", "Invalid \\uXXXX escape", 2},
    {"{} x", "Extra data", 3},
    {"{\"\u00e4\":\"\u00f6\",}", "Expecting property name enclosed in double quotes", 9},
    {"-", "Expecting value", 0},
    {"01", "Extra data", 1},
    {"1.", "Extra data", 1},
    {"1e", "Extra data", 1},
    {"nul", "Expecting value", 0},
    {"{\"a\":1 \"b\":2}", "Expecting ',' delimiter", 7},
    {"{1:2}", "Expecting property name enclosed in double quotes", 1},
    {"[", "Expecting value", 1},
    {"{", "Expecting property name enclosed in double quotes", 1},
    {"{\"a\"", "Expecting ':' delimiter", 4},
    {"{\"a\":\"b", "Unterminated string starting at", 5},
    {"\"\\", "Unterminated string starting at", 0},
    {"\"\\u12", "Invalid \\uXXXX escape", 2},
};

TEST(PythonJson, SaysWhatPythonSays) {
  for (const Case& expected : kCases) {
    const auto error = find_python_json_error(expected.text);
    ASSERT_TRUE(error) << expected.text;
    EXPECT_EQ(error->message, expected.message) << expected.text;
    EXPECT_EQ(error->position, expected.position) << expected.text;
  }
}

TEST(PythonJson, TakesWhatPythonTakes) {
  for (const std::string_view text :
       {" {\"a\": [1, -2.5e3, true, null, NaN, -Infinity], \"b\": \"\\u00e4\\n\"} ", "[]", "{}",
        "0"}) {
    EXPECT_FALSE(find_python_json_error(text)) << text;
  }
}

TEST(PythonJson, DepthIsBounded) { EXPECT_TRUE(find_python_json_error(std::string(100'000, '['))); }

}  // namespace
}  // namespace kthena::sim
