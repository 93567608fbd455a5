#include "json/yaml.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/print.h"

namespace kthena::json {
namespace {

std::string read_all(std::string_view text, const YamlOptions& options = {}) {
  const auto documents = parse_yaml_documents(text, options);
  if (!documents) {
    return documents.error().message();
  }
  std::string out;
  for (const YamlDocument& document : *documents) {
    out += fmt::format("{}@{} ", print(document.value), document.first_line);
  }
  return out;
}

TEST(Yaml, ReadsSeveralDocumentsAndSkipsEmptyOnes) {
  EXPECT_EQ(read_all("# head\n---\n---\na: 1\n---\n# nothing\n---\n~\n...\n---\n- b\n"),
            R"({"a":1}@4 ["b"]@11 )");
  EXPECT_EQ(read_all(""), "");
  EXPECT_EQ(read_all("# only a comment"), "");
  EXPECT_EQ(read_all("a: |\n  x\n  ---\n  y\n---\nb: 2\n"), R"({"a":"x\n---\ny\n"}@1 {"b":2}@6 )");
}

TEST(Yaml, ReadsAFileOfJsonAsJson) {
  EXPECT_EQ(read_all("\n{\"a\":\"\\ud83d\\ude00\",\n\t\"b\":1.10}"),
            "{\"a\":\"😀\",\"b\":1.10}@2 ");
  EXPECT_EQ(read_all("{a: yes}"), "{\"a\":true}@1 ") << "begins alike, but is none";
}

TEST(Yaml, KeepsTheDigitsThatKubectlRounds) {
  EXPECT_EQ(read_all("[9007199254740993123456, 0.1000000000000000000001, 1.10, 2.0]"),
            "[9.007199254740993123456e+21,0.1000000000000000000001,1.1,2]@1 ");
  EXPECT_EQ(parse_yaml_documents("[2.0, 1e3]").value()[0].value.as_array()[1].to_int64(), 1000);
}

TEST(Yaml, RefusesNonFiniteNumbersUnlessAskedToKeepTheirText) {
  EXPECT_EQ(read_all("a: 1\nb: .NaN"), "line 2: .NaN is no number in JSON");
  EXPECT_EQ(read_all("a: [.nan, -.inf, !!float .Inf]", {.non_finite = NonFinite::String}),
            R"({"a":[".nan","-.inf",".Inf"]}@1 )");
}

struct BadText {
  std::string_view text;
  std::string_view message;
};

class YamlRefuses : public testing::TestWithParam<BadText> {};

TEST_P(YamlRefuses, WithTheLine) { EXPECT_EQ(read_all(GetParam().text), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    Texts, YamlRefuses,
    testing::Values(
        BadText{"a: 1\nb: 2\na: 3", "line 3: the name \"a\" is repeated"},
        BadText{"x:\n- {a: 1,\n   a: 2}", "line 3: the name \"a\" is repeated"},
        BadText{"yes: 1\ntrue: 2", "line 2: the name \"true\" is repeated"},
        BadText{"1: 1\n\"1\": 2", "line 2: the name \"1\" is repeated"},
        BadText{"{\"a\": 1,\n\"a\": 2}", "line 2: the name \"a\" is repeated"},
        BadText{"ok: 1\n---\na: 1\na: 2", "line 4: the name \"a\" is repeated"},
        BadText{"a: 1\n<<: {a: 2}\na: 3", "line 3: the name \"a\" is repeated"},
        BadText{"a: [1\nb: 2", "line 2: did not find expected ',' or ']'"},
        BadText{"a:\n\t- 1", "line 2: a tab stands where YAML wants spaces"},
        BadText{"a:\n  b: 1\n\tc: 2", "line 3: a tab stands where YAML wants spaces"},
        BadText{"é: \n\tc: 2", "line 2: a tab stands where YAML wants spaces"},
        BadText{"a: |\n\tx", "line 2: a tab stands where YAML wants spaces"},
        BadText{"a: 1\né: @x", "line 2: text that begins with '@' needs quotes"},
        BadText{"{\"a\":1}\n{\"b\":2}",
                "line 2: a document ended before this; another one begins with a line '---'"},
        BadText{std::string_view("\xff\xfe"
                                 "a\0",
                                 4),
                "line 1: this is UTF-16; save it as UTF-8"},
        BadText{"a: b: c", "line 1: mapping values are not allowed in this context"},
        BadText{"a: \"x\n", "line 2: found unexpected end of stream"},
        BadText{"a: 1\nb: \x01", "line 2: control characters are not allowed"},
        BadText{"a: 1\nb: \xff", "line 2: invalid UTF-8"},
        BadText{"a: 1\nb: *x", "line 2: unknown anchor 'x'"},
        BadText{"a: &x 1\n---\nb: *x", "line 3: unknown anchor 'x'"},
        BadText{"a:\n  &x\n  - *x", "line 3: the value of anchor 'x' contains itself"},
        BadText{"a: 1\n<<: 2", "line 2: << wants a mapping or a sequence of mappings"},
        BadText{"<<: [{a: 1}, 2]", "line 1: << wants a mapping or a sequence of mappings"},
        BadText{"a: 1\n~: 2", "line 2: null cannot be a name"},
        BadText{"18446744073709551615: 2", "line 1: 18446744073709551615 cannot be a name"},
        BadText{"a: {{ x }}",
                "line 1: a name must be a scalar; text that begins with '{' or '[' needs quotes"},
        BadText{"a: 1\nb: !!int x", "line 2: \"x\" is no !!int"},
        BadText{"a: !!bool 1", "line 1: \"1\" is no !!bool"},
        BadText{"a: !!binary $", "line 1: !!binary wants base64"}));

TEST(Yaml, BoundsSizeAndDepth) {
  EXPECT_EQ(read_all("a: 1", {.max_bytes = 3}), "4 bytes of YAML, at most 3 are read");
  EXPECT_EQ(read_all("a:\n  b:\n    - 1", {.max_depth = 2}), "line 3: nested deeper than 2 levels");
  EXPECT_EQ(read_all(std::string(100'000, '[')), "line 1: nested deeper than 256 levels");
  EXPECT_EQ(read_all(std::string(100'000, '{')), "line 1: nested deeper than 256 levels");
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) {
    dashes += "- ";
  }
  EXPECT_EQ(read_all(dashes), "line 1: nested deeper than 256 levels");
}

/// `lines` aliases, each of a sequence or mapping that holds the one before ten times.
std::string bomb(int lines, std::string_view first, std::string_view line) {
  std::string text = fmt::format("a0: &a0 {}\n", first);
  for (int i = 1; i <= lines; ++i) {
    text += fmt::format(fmt::runtime(line), fmt::arg("i", i), fmt::arg("j", i - 1));
  }
  return text;
}

TEST(Yaml, BoundsDirectives) {
  std::string text;
  for (int i = 0; i < 1001; ++i) {
    text += fmt::format("%TAG !a{}! tag:a\n", i);
  }
  EXPECT_EQ(read_all(text + "---\na"), "more than 1000 directives");
}

TEST(Yaml, BoundsTheNumberOfValues) {
  EXPECT_EQ(read_all("- a\n- b\n- c", {.max_expanded_bytes = 60}),
            "line 3: more than 60 bytes of values");
}

TEST(Yaml, BoundsWhatAliasesStandFor) {
  const YamlOptions small{.max_expanded_bytes = 1'000'000};
  EXPECT_EQ(read_all(bomb(30, "[x, x]", "a{i}: &a{i} [*a{j}, *a{j}, *a{j}, *a{j}]\n"), small),
            "line 1: more than 1000000 bytes of values");
  EXPECT_EQ(read_all(bomb(100, "{}", "a{i}: &a{i} {{<<: [*a{j}, *a{j}]}}\n"), small),
            "line 7: more than 1000000 bytes of values");
  EXPECT_EQ(read_all(bomb(300, "[]", "a{i}: &a{i} [*a{j}]\n")),
            "line 1: nested deeper than 256 levels");
  EXPECT_EQ(read_all(bomb(300, "{}", "a{i}: &a{i} {{<<: *a{j}}}\n")),
            "line 1: nested deeper than 256 levels");
}

TEST(Yaml, KnowsTheLineOfEveryPart) {
  const auto documents = parse_yaml_documents(R"(base: &base
  kind: x
---
spec:
  common: &common
    weight: 1

  rules:
  - name: a
    targets:
      - {m: 1}
  - <<: *common
    name: b
  again: *common
)");
  ASSERT_TRUE(documents) << documents.error().message();
  const YamlDocument& document = documents->at(1);
  const auto line = [&](std::string_view path) {
    return document.sources.line(document.value, path);
  };
  EXPECT_EQ(line(""), 4U);
  EXPECT_EQ(line("spec.rules"), 8U);
  EXPECT_EQ(line("spec.rules[0]"), 9U);
  EXPECT_EQ(line("spec.rules[0].targets"), 10U);
  EXPECT_EQ(line("spec.rules[0].targets[0].m"), 11U);
  EXPECT_EQ(line("spec.rules[1].weight"), 6U) << "where the merged member is written";
  EXPECT_EQ(line("spec.rules[1].name"), 13U);
  EXPECT_EQ(line("spec.again"), 14U);
  EXPECT_EQ(line("spec.again.weight"), 6U);
}

TEST(PrintYaml, LooksLikeKubectl) {
  const Value value =
      parse(R"({"kind":"Route","rules":[{"name":"a","list":[1,[2,3],[]]},{}],"empty":{},)"
            R"("text":"line\nnext\n","open":"a\nb","quoted":["yes","1","","a: b","#x","-"," x"],)"
            R"("url":"http://h:80/p","null":null,"n":1.10})")
          .value();
  EXPECT_EQ(print_yaml(value), R"(kind: Route
rules:
- name: a
  list:
  - 1
  - - 2
    - 3
  - []
- {}
empty: {}
text: |
  line
  next
open: |-
  a
  b
quoted:
- "yes"
- "1"
- ""
- "a: b"
- "#x"
- "-"
- " x"
url: http://h:80/p
"null": null
"n": 1.10
)");
}

TEST(PrintYaml, ReadsBackEqual) {
  for (const std::string_view text : {
           R"("just text")",
           R"("two\nlines")",
           R"("\n")",
           R"(" leading\nspace")",
           R"("blank lines\n\n\n")",
           R"("trailing space \n\tx")",
           R"("a\r\nb")",
           R"("\u0000\u0007\u001b\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffe")",
           R"("--- x")",
           R"("a\n---\nb")",
           R"("a\n...\nb\n")",
           R"(["y","n","on","0644","0o7","1:30",".nan","~","null","<<","=","1_0","2001-01-01"])",
           R"({"":1,"a b":2,"y":3,"?":4,"<<":{"a":1},"*x":5,"&y":6,"a:":7,": ":8,"a\nb":9})",
           R"([[],{},[[]],[{}],[[[1]]],{"a":[{"b":[{"c":1}]}]}])",
           R"([0,-0,1e300,1.5e-7,123456789012345678901234567890])",
           R"("😀 é")",
       }) {
    const auto value = parse(text);
    ASSERT_TRUE(value) << value.error().message();
    const std::string yaml = print_yaml(*value);
    const auto again = parse_yaml_documents(yaml);
    ASSERT_TRUE(again) << again.error().message() << "\n" << yaml;
    ASSERT_EQ(again->size(), 1U) << yaml;
    EXPECT_EQ(again->front().value, *value) << yaml;
  }
}

TEST(PrintYaml, WritesLongNamesSoThatTheyReadBack) {
  Value value;
  value.set(std::string(3000, 'k'), Array{1});
  value.set(std::string(3000, 'l'), "x");
  value.set(std::string(3000, 'm'), Object{{"a", 1}});
  const auto again = parse_yaml_documents(print_yaml(value));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->front().value, value);
}

}  // namespace
}  // namespace kthena::json
