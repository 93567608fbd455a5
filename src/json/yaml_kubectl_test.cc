// What kubectl makes of YAML: every row was printed by sigs.k8s.io/yaml 1.6.0, which is what
// kubectl 1.32 reads files with. Floats and integers beyond 64 bits are rounded there and keep
// their digits here, so both sides are compared as doubles where they are no integers.
#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/print.h"
#include "json/yaml.h"

namespace kthena::json {
namespace {

struct Row {
  std::string_view yaml;
  std::string_view json;
};

/// The value with each number that is no 64-bit integer rounded to a double.
Value rounded(Value value) {
  if (value.is_number() && !value.to_int64() && !value.to_uint64()) {
    return value.as_double();
  }
  if (value.is_array()) {
    for (Value& item : value.as_array()) {
      item = rounded(std::move(item));
    }
  } else if (value.is_object()) {
    for (Member& member : value.as_object()) {
      member.value = rounded(std::move(member.value));
    }
  }
  return value;
}

std::string printed(const Value& value) { return print_canonical(rounded(value)); }

std::string read_one(std::string_view yaml) {
  const auto documents = parse_yaml_documents(yaml);
  if (!documents) {
    return documents.error().to_string();
  }
  return documents->size() == 1 ? printed(documents->front().value)
                                : std::to_string(documents->size()) + " documents";
}

constexpr Row kScalars[] = {
    Row{"0644", "420"},
    Row{"0o644", "420"},
    Row{"0O17", "15"},
    Row{"0x1F", "31"},
    Row{"0X1f", "31"},
    Row{"-0x1f", "-31"},
    Row{"+0x1f", "31"},
    Row{"0b101", "5"},
    Row{"-0b101", "-5"},
    Row{"+0b11", "3"},
    Row{"0b2", "\"0b2\""},
    Row{"08", "8"},
    Row{"09.5", "9.5"},
    Row{"1_000", "1000"},
    Row{"1_000.5", "1000.5"},
    Row{"_1", "\"_1\""},
    Row{"1_", "1"},
    Row{"0_7", "7"},
    Row{"1:30", "\"1:30\""},
    Row{"190:20:30", "\"190:20:30\""},
    Row{"+12", "12"},
    Row{"-0", "0"},
    Row{"-00", "0"},
    Row{"00", "0"},
    Row{"+", "\"+\""},
    Row{".", "\".\""},
    Row{".5", "0.5"},
    Row{"5.", "5"},
    Row{"-.5", "-0.5"},
    Row{"+.5", "0.5"},
    Row{"1e3", "1000"},
    Row{"1E3", "1000"},
    Row{"1e+3", "1000"},
    Row{"1.e3", "1000"},
    Row{".5e3", "500"},
    Row{"1e", "\"1e\""},
    Row{"1.0", "1"},
    Row{"1.10", "1.1"},
    Row{"-1.0", "-1"},
    Row{"0.1", "0.1"},
    Row{"1e21", "1e+21"},
    Row{"1e20", "100000000000000000000"},
    Row{"123456789012345678901234567890", "1.2345678901234568e+29"},
    Row{"9223372036854775807", "9223372036854775807"},
    Row{"9223372036854775808", "9223372036854775808"},
    Row{"18446744073709551615", "18446744073709551615"},
    Row{"18446744073709551616", "18446744073709552000"},
    Row{"-9223372036854775808", "-9223372036854775808"},
    Row{"-9223372036854775809", "-9223372036854776000"},
    Row{"9007199254740993", "9007199254740993"},
    Row{"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
    Row{"0x1FFFFFFFFFFFFFFFF", "\"0x1FFFFFFFFFFFFFFFF\""},
    Row{"0777777777777777777777", "9223372036854775807"},
    Row{"y", "true"},
    Row{"Y", "true"},
    Row{"n", "false"},
    Row{"N", "false"},
    Row{"yes", "true"},
    Row{"Yes", "true"},
    Row{"YES", "true"},
    Row{"yEs", "\"yEs\""},
    Row{"no", "false"},
    Row{"No", "false"},
    Row{"NO", "false"},
    Row{"on", "true"},
    Row{"On", "true"},
    Row{"ON", "true"},
    Row{"off", "false"},
    Row{"Off", "false"},
    Row{"OFF", "false"},
    Row{"true", "true"},
    Row{"True", "true"},
    Row{"TRUE", "true"},
    Row{"tRUE", "\"tRUE\""},
    Row{"false", "false"},
    Row{"False", "false"},
    Row{"FALSE", "false"},
    Row{"t", "\"t\""},
    Row{"f", "\"f\""},
    Row{"null", "null"},
    Row{"Null", "null"},
    Row{"NULL", "null"},
    Row{"nUll", "\"nUll\""},
    Row{"~", "null"},
    Row{"nan", "\"nan\""},
    Row{"inf", "\"inf\""},
    Row{"infinity", "\"infinity\""},
    Row{"Infinity", "\"Infinity\""},
    Row{"2001-01-01", "\"2001-01-01\""},
    Row{"2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\""},
    Row{"2001-12-14 21:59:43.10 -5", "\"2001-12-14 21:59:43.10 -5\""},
    Row{"=", "\"=\""},
    Row{"1.2.3", "\"1.2.3\""},
    Row{"0x", "\"0x\""},
    Row{"0b", "\"0b\""},
    Row{"0o", "\"0o\""},
    Row{"1__0", "10"},
    Row{"0x_1", "1"},
    Row{"0x1_0", "16"},
    Row{"0b1_1", "3"},
    Row{"1e1_0", "10000000000"},
    Row{"!!str 123", "\"123\""},
    Row{"!!int \"123\"", "123"},
    Row{"!!float 1", "1"},
    Row{"!!float \"1.5\"", "1.5"},
    Row{"!!bool \"yes\"", "true"},
    Row{"!!bool yes", "true"},
    Row{"!!bool y", "true"},
    Row{"!!null \"\"", "null"},
    Row{"!!binary aGVsbG8=", "\"hello\""},
    Row{"!!timestamp 2001-01-01", "\"2001-01-01\""},
    Row{"!foo 1", "\"1\""},
    Row{"!foo bar", "\"bar\""},
    Row{"!!foo 1", "\"1\""},
    Row{"!!map {a: 1}", "{\"a\":1}"},
    Row{"!!seq [1]", "[1]"},
    Row{"!!set {a, b}", "{\"a\":null,\"b\":null}"},
    Row{"!!omap [a: 1]", "[{\"a\":1}]"},
    Row{"!!str [1]", "[1]"},
    Row{"!!str", "\"\""},
    Row{"!!str ~", "\"~\""},
    Row{"\"yes\"", "\"yes\""},
    Row{"'0644'", "\"0644\""},
    Row{"1e400", "\"1e400\""},
    Row{"1e-400", "0"},
    Row{"-1e400", "\"-1e400\""},
    Row{"0.30000000000000004", "0.30000000000000004"},
    Row{"12345678.9", "12345678.9"},
    Row{"1e-7", "1e-7"},
    Row{"0.000001", "0.000001"},
    Row{"123456789.123456789123", "123456789.12345679"},
    Row{"1e100", "1e+100"},
    Row{"0x1p4", "\"0x1p4\""},
    Row{"0x1.8p1", "\"0x1.8p1\""},
    Row{"1_e3", "1000"},
    Row{"1_000_000", "1000000"},
    Row{"0_", "0"},
    Row{"__", "\"__\""},
    Row{"0__1", "1"},
    Row{"+_1", "1"},
    Row{"._5", "\"._5\""},
    Row{"1._5", "1.5"},
    Row{"+.", "\"+.\""},
    Row{"-.e3", "\"-.e3\""},
    Row{"١", "\"١\""},
    Row{"0b", "\"0b\""},
    Row{"0b_1", "1"},
    Row{"-0b_1", "-1"},
    Row{"-0o7", "-7"},
    Row{"0o8", "\"0o8\""},
    Row{"0o_7", "7"},
    Row{"007", "7"},
    Row{"-07", "-7"},
    Row{"-010", "-8"},
    Row{"+010", "8"},
    Row{"09", "9"},
    Row{"0b102", "\"0b102\""},
    Row{"-0x", "\"-0x\""},
    Row{"0xg", "\"0xg\""},
};

TEST(YamlAsKubectl, ReadsScalars) {
  for (const auto& [yaml, json] : kScalars) {
    const Value expected(Object{{"a", parse(json).value()}});
    EXPECT_EQ(read_one("a: " + std::string(yaml)), printed(expected)) << yaml;
  }
}

constexpr Row kDocuments[] = {
    Row{"1: a", "{\"1\":\"a\"}"},
    Row{"1.5: a", "{\"1.5\":\"a\"}"},
    Row{"true: a", "{\"true\":\"a\"}"},
    Row{"yes: a", "{\"true\":\"a\"}"},
    Row{"0x10: a", "{\"16\":\"a\"}"},
    Row{"1e3: a", "{\"1000\":\"a\"}"},
    Row{"\"1\": a", "{\"1\":\"a\"}"},
    Row{"? a\n: b", "{\"a\":\"b\"}"},
    Row{".nan: a", "{\".nan\":\"a\"}"},
    Row{"2001-01-01: a", "{\"2001-01-01\":\"a\"}"},
    Row{"1.10: a", "{\"1.1\":\"a\"}"},
    Row{"1e21: a", "{\"1e+21\":\"a\"}"},
    Row{"9999999999999999999999: a", "{\"1e+22\":\"a\"}"},
    Row{"0.00001: x", "{\"1e-05\":\"x\"}"},
    Row{"1e-7: x", "{\"1e-07\":\"x\"}"},
    Row{"-1: x", "{\"-1\":\"x\"}"},
    Row{"<<: {a: 1}\nb: 2", "{\"a\":1,\"b\":2}"},
    Row{"a: 1\n<<: {a: 2, c: 3}", "{\"a\":2,\"c\":3}"},
    Row{"<<: {a: 2, c: 3}\na: 1", "{\"a\":1,\"c\":3}"},
    Row{"<<: [{a: 1, b: 1}, {a: 2, c: 2}]\nd: 1", "{\"a\":1,\"b\":1,\"c\":2,\"d\":1}"},
    Row{"\"<<\": {a: 1}", "{\"<<\":{\"a\":1}}"},
    Row{"!!merge <<: {a: 1}", "{\"a\":1}"},
    Row{"!!str <<: {a: 1}", "{\"<<\":{\"a\":1}}"},
    Row{"x: &x {a: 1}\ny:\n  <<: *x\n  b: 2", "{\"true\":{\"a\":1,\"b\":2},\"x\":{\"a\":1}}"},
    Row{"x: &x [1,2]\ny: *x", "{\"true\":[1,2],\"x\":[1,2]}"},
    Row{"a: &a 1\nb: *a\nc: &a 2\nd: *a", "{\"a\":1,\"b\":1,\"c\":2,\"d\":2}"},
    Row{"&k a: 1\nb: *k", "{\"a\":1,\"b\":\"a\"}"},
    Row{"<<: {a: 1}\n<<: {b: 2}", "{\"a\":1,\"b\":2}"},
    Row{"<<:\n  <<: {a: 1}\n  b: 2", "{\"a\":1,\"b\":2}"},
    Row{"a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}"},
    Row{"a: |-\n  x\n", "{\"a\":\"x\"}"},
    Row{"a: |+\n  x\n\n", "{\"a\":\"x\\n\\n\"}"},
    Row{"a: >\n  x\n  y\n\n  z\n", "{\"a\":\"x y\\nz\\n\"}"},
    Row{"a: >-\n  x\n  y\n", "{\"a\":\"x y\"}"},
    Row{"a: |2\n   x\n", "{\"a\":\" x\\n\"}"},
    Row{"a: |\n 0644\n", "{\"a\":\"0644\\n\"}"},
    Row{"a: x\n  y", "{\"a\":\"x y\"}"},
    Row{"a: \"x\n  y\"", "{\"a\":\"x y\"}"},
    Row{"a: 'it''s'", "{\"a\":\"it's\"}"},
    Row{"a: \"\\x41\\u00e9\\U0001F600\\n\\t\\0\\e\\_\\N\\L\\P\\ \"",
        "{\"a\":\"Aé😀\\n\\t\\u0000\\u001b\302\240\302\205\\u2028\\u2029 \"}"},
    Row{"--- 1", "1"},
    Row{"a: 1\n...\n", "{\"a\":1}"},
    Row{"%YAML 1.1\n---\na: 1", "{\"a\":1}"},
    Row{"%TAG ! tag:x,2000:\n---\na: !foo 1", "{\"a\":\"1\"}"},
    Row{"- 1\n- 2", "[1,2]"},
    Row{"a", "\"a\""},
    Row{"\"a\"", "\"a\""},
    Row{"123", "123"},
    Row{"a: [1, 2,]", "{\"a\":[1,2]}"},
    Row{"a: {b, c: }", "{\"a\":{\"b\":null,\"c\":null}}"},
    Row{"a: [b: c]", "{\"a\":[{\"b\":\"c\"}]}"},
    Row{"a: [b: c, d]", "{\"a\":[{\"b\":\"c\"},\"d\"]}"},
    Row{"a: {x: 1,}", "{\"a\":{\"x\":1}}"},
    Row{"- - 1\n  - 2\n- \n  - 3", "[[1,2],[3]]"},
    Row{"a: \n- 1\n- 2", "{\"a\":[1,2]}"},
    Row{"a: #c", "{\"a\":null}"},
    Row{"a: x#y", "{\"a\":\"x#y\"}"},
    Row{"a: x #y", "{\"a\":\"x\"}"},
    Row{"a: !x", "{\"a\":\"\"}"},
    Row{"a: &x", "{\"a\":null}"},
    Row{"a: \"\302\205\"", "{\"a\":\" \"}"},
    Row{"a: \357\273\277x", "{\"a\":\"\357\273\277x\"}"},
    Row{"\357\273\277a: 1", "{\"a\":1}"},
    Row{"a: \"\\0\"", "{\"a\":\"\\u0000\"}"},
    Row{"a: !!binary \"/w==\"", "{\"a\":\"\\ufffd\"}"},
    Row{"!!binary \"YQ==\": 1", "{\"a\":1}"},
    Row{"!!str 1: a", "{\"1\":\"a\"}"},
    Row{"!!int \"1\": a", "{\"1\":\"a\"}"},
    Row{"!foo 1: a", "{\"1\":\"a\"}"},
    Row{"a: !!float 0x10", "{\"a\":16}"},
    Row{"a: !!str yes", "{\"a\":\"yes\"}"},
    Row{"a: !!null ~", "{\"a\":null}"},
    Row{"a: !!int 0644", "{\"a\":420}"},
    Row{"a: !<tag:yaml.org,2002:str> 12", "{\"a\":\"12\"}"},
    Row{"a: !<tag:yaml.org,2002:int> \"12\"", "{\"a\":12}"},
    Row{"a: !!int 010", "{\"a\":8}"},
    Row{"a: !!str |\n  x\n", "{\"a\":\"x\\n\"}"},
    Row{"a: \"\\\n  x\"", "{\"a\":\"x\"}"},
    Row{"a: \r\n  b\r\n", "{\"a\":\"b\"}"},
    Row{"a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}"},
    Row{"a: \"x\r\ny\"", "{\"a\":\"x y\"}"},
    Row{"- a: 1\n  b: 2\n- c", "[{\"a\":1,\"b\":2},\"c\"]"},
    Row{"{a: 1, ? b, ? c : d}", "{\"a\":1,\"b\":null,\"c\":\"d\"}"},
    Row{"{\"a\":1}", "{\"a\":1}"},
    Row{"{\"a\":1,\"b\":[1,2]}", "{\"a\":1,\"b\":[1,2]}"},
    Row{"{\"a\" : \"b\"}", "{\"a\":\"b\"}"},
    Row{"a: -1", "{\"a\":-1}"},
    Row{"a: -x", "{\"a\":\"-x\"}"},
    Row{"a: :x", "{\"a\":\":x\"}"},
    Row{"a: x:y", "{\"a\":\"x:y\"}"},
    Row{"a: http://x:80/", "{\"a\":\"http://x:80/\"}"},
    Row{"a:b", "\"a:b\""},
    Row{"{a:1}", "{\"a:1\":null}"},
    Row{"{\"a\":yes}", "{\"a\":true}"},
    Row{"[a:1]", "[\"a:1\"]"},
    Row{"a: 12:30:45", "{\"a\":\"12:30:45\"}"},
    Row{"a: 1e3s", "{\"a\":\"1e3s\"}"},
    Row{"a: 100m", "{\"a\":\"100m\"}"},
    Row{"a: 1Gi", "{\"a\":\"1Gi\"}"},
    Row{"a: 0.5", "{\"a\":0.5}"},
    Row{"a: .5s", "{\"a\":\".5s\"}"},
    Row{"a: 1_", "{\"a\":1}"},
    Row{"a: 1,000", "{\"a\":\"1,000\"}"},
    Row{"a: $x", "{\"a\":\"$x\"}"},
    Row{"a: ${x}", "{\"a\":\"${x}\"}"},
    Row{"a: \"{{ x }}\"", "{\"a\":\"{{ x }}\"}"},
};

TEST(YamlAsKubectl, ReadsDocuments) {
  for (const auto& [yaml, json] : kDocuments) {
    EXPECT_EQ(read_one(yaml), printed(parse(json).value())) << yaml;
  }
}

TEST(YamlAsKubectl, ReadsWhatPrintYamlPrints) {
  for (const auto& [yaml, json] : kDocuments) {
    const Value value = parse(json).value();
    const std::string text = print_yaml(value);
    const auto again = parse_yaml_documents(text);
    ASSERT_TRUE(again) << again.error().message() << "\n" << text;
    ASSERT_EQ(again->size(), 1U) << text;
    EXPECT_EQ(again->front().value, value) << text;
  }
}

}  // namespace
}  // namespace kthena::json
