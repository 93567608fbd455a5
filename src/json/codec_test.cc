#include "json/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "json/parse.h"
#include "json/print.h"

namespace kthena::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

enum class Color : std::uint8_t { Red, Green };
constexpr auto enum_names(Color) {
  return std::array{EnumName{Color::Red, "red"}, EnumName{Color::Green, "green"}};
}

struct Inner {
  std::string name;
  std::optional<std::int32_t> port;

  static constexpr auto fields() {
    using namespace field;
    return std::tuple{Field{"name", &Inner::name, "Its name.", required, min_length(1)},
                      Field{"port", &Inner::port, "Its port.", minimum(1), maximum(65535)}};
  }
  friend bool operator==(const Inner&, const Inner&) = default;
};

struct Shared {
  std::string team;
  static constexpr auto fields() { return std::tuple{Field{"team", &Shared::team}}; }
  friend bool operator==(const Shared&, const Shared&) = default;
};

/// A struct with one field of every sort, and one that contains itself.
struct Everything {
  bool flag = false;
  std::int32_t count = 3;
  std::uint32_t size = 0;
  std::int64_t big = 0;
  double ratio = 0;
  std::string text;
  Color color = Color::Green;
  std::optional<bool> maybe;
  std::optional<std::uint32_t> weight;
  std::optional<std::vector<std::string>> words;
  std::vector<Inner> inners;
  std::map<std::string, Inner> named;
  std::map<std::string, std::string> labels;
  std::optional<Inner> one;
  Shared shared;
  Value anything;
  std::vector<Everything> children;

  static constexpr auto fields() {
    using namespace field;
    using E = Everything;
    return std::tuple{
        Constant{"kind", "Everything"},
        Field{"flag", &E::flag},
        Field{"count", &E::count, "How many.", defaulted, minimum(0), maximum(10)},
        Field{"size", &E::size},
        Field{"big", &E::big},
        Field{"ratio", &E::ratio},
        Field{"text", &E::text, max_length(5), pattern("^[a-zäöü]*$")},
        Field{"color", &E::color, defaulted},
        Field{"maybe", &E::maybe},
        Field{"weight", &E::weight, default_integer(100), maximum(100)},
        Field{"words", &E::words, max_items(2), set_list},
        Field{"inners", &E::inners, map_list("name")},
        Field{"named", &E::named, max_properties(1), min_properties(1)},
        Field{"labels", &E::labels, old_name("tags")},
        Field{"one", &E::one, immutable("one is immutable")},
        Field{"", &E::shared, inlined},
        Field{"anything", &E::anything},
        Field{"children", &E::children},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{ObjectRule<Everything>{"!self.flag || has(self.one)", "flag needs one",
                                             [](const Everything& e) { return !e.flag || e.one; }}};
  }
  friend bool operator==(const Everything&, const Everything&) = default;
};

Value value_of(std::string_view text) { return parse(text).value(); }

std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> out;
  for (const Problem& problem : problems) {
    out.push_back((problem.severity == Severity::Warning ? "warning: " : "") + problem.to_string());
  }
  return out;
}

std::vector<std::string> problems_of(std::string_view text, const DecodeOptions& options = {}) {
  return texts(decode<Everything>(value_of(text), options).problems);
}

constexpr std::string_view kFull = R"({
  "kind": "Everything", "flag": true, "count": 0, "size": 4294967295, "big": -9223372036854775808,
  "ratio": 0.25, "text": "grüß", "color": "red", "maybe": false, "weight": 0, "words": [],
  "inners": [{"name": "a", "port": 80}, {"name": "b"}], "named": {"x": {"name": "c"}},
  "labels": {"app": "web"}, "one": {"name": "d"}, "team": "blue", "anything": {"free": [1, null]},
  "children": [{"children": [{"big": 7}]}]})";

TEST(Codec, ReadsEverySortOfField) {
  const Value full = [] {
    Value v = value_of(kFull);
    v.set("text", "gruen");
    return v;
  }();
  const auto [e, problems] = decode<Everything>(full);
  EXPECT_THAT(texts(problems), IsEmpty());
  EXPECT_TRUE(e.flag);
  EXPECT_EQ(e.count, 0);
  EXPECT_EQ(e.size, 4294967295U);
  EXPECT_EQ(e.big, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(e.ratio, 0.25);
  EXPECT_EQ(e.color, Color::Red);
  EXPECT_EQ(e.maybe, false);
  EXPECT_EQ(e.weight, 0U);
  EXPECT_EQ(e.words, std::vector<std::string>{});
  EXPECT_THAT(e.inners,
              ElementsAre(Inner{.name = "a", .port = 80}, Inner{.name = "b", .port = {}}));
  EXPECT_EQ(e.named.at("x").name, "c");
  EXPECT_EQ(e.labels.at("app"), "web");
  EXPECT_EQ(e.one->name, "d");
  EXPECT_EQ(e.shared.team, "blue");
  EXPECT_EQ(print(e.anything), R"({"free":[1,null]})");
  EXPECT_EQ(e.children.at(0).children.at(0).big, 7);
}

TEST(Codec, WritesWhatItReads) {
  const auto decoded = decode<Everything>(value_of(kFull), DecodeOptions::trusted());
  const Value again = encode(decoded.value);
  EXPECT_EQ(decode<Everything>(again, DecodeOptions::trusted()).value, decoded.value);
  Value expected = value_of(kFull);
  Value& child = expected.find("children")->as_array()[0];
  for (Value* v : {&child, &child.find("children")->as_array()[0]}) {
    v->set("kind", "Everything");
    v->set("count", 3);
    v->set("color", "green");
    v->set("weight", 100);
  }
  EXPECT_EQ(print_canonical(again), print_canonical(expected));
}

TEST(Codec, LeavesOutWhatIsAbsentOrZero) {
  EXPECT_EQ(print(encode(Everything{})), R"({"kind":"Everything","count":3,"color":"green"})");
  EXPECT_EQ(print(encode(Inner{})), R"({"name":""})");
}

TEST(Codec, TellsAbsentFromZero) {
  EXPECT_EQ(decode<Everything>(value_of("{}"), {.defaults = false}).value.weight, std::nullopt);
  EXPECT_EQ(decode<Everything>(value_of("{}")).value.weight, 100U);
  EXPECT_EQ(decode<Everything>(value_of(R"({"weight": 0})")).value.weight, 0U);
  EXPECT_EQ(decode<Everything>(value_of("{}")).value.count, 3);
}

TEST(Codec, TakesNullForAbsent) {
  EXPECT_THAT(problems_of(R"({"weight": null, "one": null, "count": null, "text": null})"),
              IsEmpty());
  EXPECT_EQ(decode<Everything>(value_of(R"({"weight": null})")).value.weight, 100U);
}

struct Case {
  std::string_view json;
  std::vector<std::string> problems;
};

TEST(Codec, SaysWhatIsWrongAndWhere) {
  const std::vector<Case> cases = {
      {"[]", {R"(Invalid value: "array": document in body must be of type object: "array")"}},
      {R"({"count": "3"})",
       {R"(count: Invalid value: "string": count in body must be of type integer: "string")"}},
      {R"({"count": 1.5})",
       {R"(count: Invalid value: "number": count in body must be of type integer: "number")"}},
      {R"({"count": 3000000000})",
       {"count: Invalid value: 3000000000: count in body should be between -2147483648 and "
        "2147483647"}},
      {R"({"size": -1})",
       {"size: Invalid value: -1: size in body should be between 0 and 4294967295"}},
      {R"({"count": 11})",
       {"count: Invalid value: 11: count in body should be less than or equal to 10"}},
      {R"({"count": -1})",
       {"count: Invalid value: -1: count in body should be greater than or equal to 0"}},
      {R"({"flag": 1})",
       {R"(flag: Invalid value: "integer": flag in body must be of type boolean: "integer")"}},
      {R"({"text": "abcdef"})", {"text: Too long: may not be more than 5 bytes"}},
      {R"({"text": "A"})",
       {R"(text: Invalid value: "A": text in body should match '^[a-zäöü]*$')"}},
      {R"({"text": "äöüäö"})", {}},
      {R"({"color": "blue"})",
       {R"(color: Unsupported value: "blue": supported values: "red", "green")"}},
      {R"({"words": ["a", "b", "a"]})",
       {"words: Too many: 3: must have at most 2 items", R"(words[2]: Duplicate value: "a")"}},
      {R"({"words": ["a", 1]})",
       {R"(words[1]: Invalid value: "integer": words[1] in body must be of type string: "integer")"}},
      {R"({"inners": [{"name": "a"}, {}, {"name": "a", "port": 0}]})",
       {"inners[1].name: Required value",
        "inners[2].port: Invalid value: 0: inners[2].port in body should be greater than or equal "
        "to 1"}},
      {R"({"inners": [{"name": "a"}, {"name": "a"}]})",
       {R"(inners[1]: Duplicate value: {"name":"a"})"}},
      {R"({"inners": [null]})",
       {R"(inners[0]: Invalid value: "null": inners[0] in body must be of type object: "null")"}},
      {R"({"inners": [{"name": ""}]})",
       {R"(inners[0].name: Invalid value: "": inners[0].name in body should be at least 1 chars long)"}},
      {R"({"named": {}})",
       {"named: Invalid value: 0: named in body should have at least 1 properties"}},
      {R"({"named": {"a/b": {"nme": "x"}, "c": {"name": "x"}}})",
       {R"(warning: unknown field "named[a/b].nme"; did you mean "name"?)",
        "named[a/b].name: Required value"}},
      {R"({"labels": {"a": 1}})",
       {R"(labels[a]: Invalid value: "integer": labels[a] in body must be of type string: "integer")"}},
      {R"({"flag": true})", {"Invalid value: flag needs one"}},
      {R"({"children": [{"flag": true}]})", {"children[0]: Invalid value: flag needs one"}},
      {R"({"kind": "Other"})", {R"(kind: Invalid value: "Other": must be "Everything")"}},
      {R"({"tags": {"a": "b"}})", {"warning: tags: deprecated: the field is now called labels"}},
      {R"({"tags": {"a": "b"}, "labels": {}})",
       {"warning: tags: ignored: the field is now called labels and is set"}},
      {R"({"Flag": true, "": 1})",
       {R"(warning: unknown field "Flag"; did you mean "flag"?)", R"(warning: unknown field "")"}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(problems_of(c.json), c.problems) << c.json;
  }
}

TEST(Codec, ReadsIntegersWrittenWithAPoint) {
  EXPECT_EQ(decode<Everything>(value_of(R"({"count": 3.0, "big": 1e3})")).value.big, 1000);
}

TEST(Codec, ReadsAnOldNameWhereTheNewOneIsAbsent) {
  EXPECT_EQ(decode<Everything>(value_of(R"({"tags": {"a": "b"}})")).value.labels.at("a"), "b");
  EXPECT_THAT(decode<Everything>(value_of(R"({"tags": {"a": "b"}, "labels": {}})")).value.labels,
              IsEmpty());
}

TEST(Codec, TakesWhatAServerAdmittedAsItIs) {
  EXPECT_THAT(problems_of(R"({"count": 99, "text": "LONGER THAN FIVE", "new": 1, "flag": true})",
                          DecodeOptions::trusted()),
              IsEmpty());
}

TEST(Codec, RefusesUnknownFieldsWhenTold) {
  EXPECT_THAT(problems_of(R"({"nw": 1})", {.unknown = UnknownFields::Refuse}),
              ElementsAre(R"(unknown field "nw")"));
}

TEST(Codec, KeepsWhatCouldBeRead) {
  const auto decoded = decode<Everything>(value_of(R"({"count": "x", "size": 7, "one": 1})"));
  EXPECT_EQ(decoded.value.count, 3);
  EXPECT_EQ(decoded.value.size, 7U);
  EXPECT_FALSE(decoded.value.one.has_value());
  EXPECT_EQ(decoded.problems.size(), 2U);
}

TEST(Codec, StopsCollectingAtTheLimitAndStillRefuses) {
  Array many(1000, Value(1));
  Value doc;
  doc.set("words", many);
  const auto decoded = decode<Everything>(doc, {.max_problems = 3});
  EXPECT_EQ(decoded.problems.size(), 3U);
  EXPECT_FALSE(decoded.ok());
}

TEST(Codec, CutsLongValuesInMessages) {
  Value doc;
  doc.set("text", std::string(100'000, 'A'));
  const auto decoded = decode<Everything>(doc);
  ASSERT_EQ(decoded.problems.size(), 2U);
  EXPECT_LT(decoded.problems[1].message.size(), 400U);
}

TEST(Codec, JoinsErrorsIntoOne) {
  EXPECT_EQ(decode_or_error<Inner>(value_of(R"({"port": 0, "x": 1})")).error().message(),
            "port: Invalid value: 0: port in body should be greater than or equal to 1; "
            "name: Required value");
  EXPECT_EQ(decode_or_error<Inner>(value_of(R"({"name": "a"})")).value().name, "a");
}

TEST(Codec, ChecksObjectsBuiltInCode) {
  EXPECT_THAT(check(Everything{.one = Inner{.name = "a", .port = {}}}), IsEmpty());
  EXPECT_THAT(
      texts(check(Everything{.count = 12, .inners = {Inner{}}})),
      ElementsAre("count: Invalid value: 12: count in body should be less than or equal to 10",
                  R"(inners[0].name: Invalid value: "": inners[0].name in body should be at )"
                  "least 1 chars long"));
}

TEST(Codec, GivesDefaultsAtEveryDepth) {
  Everything e{.children = {Everything{}}};
  apply_defaults(e);
  EXPECT_EQ(e.weight, 100U);
  EXPECT_EQ(e.children[0].weight, 100U);
  e.weight = 0;
  apply_defaults(e);
  EXPECT_EQ(e.weight, 0U);
}

TEST(Codec, RefusesAChangeOfAnImmutableField) {
  const Everything before{.one = Inner{.name = "a", .port = {}}};
  Everything after = before;
  EXPECT_THAT(check_update(before, after), IsEmpty());
  after.one->name = "b";
  EXPECT_THAT(texts(check_update(before, after)),
              ElementsAre("one: Invalid value: one is immutable"));
  after.one.reset();
  EXPECT_THAT(check_update(before, after), IsEmpty());
  EXPECT_THAT(check_update(after, before), IsEmpty());
}

struct HiddenDefault {
  std::int32_t count = 3;  // absent would read as 3, and 0 would not be written
  static constexpr auto fields() { return std::tuple{Field{"count", &HiddenDefault::count}}; }
};

struct EmptySpelling {
  std::int32_t count = 3;
  static constexpr auto fields() {
    return std::tuple{Field{"count", &EmptySpelling::count, field::default_integer(3)}};
  }
};

TEST(CodecDeathTest, RefusesAFieldListThatContradictsItsStruct) {
  EXPECT_DEATH(type_of<HiddenDefault>(), "CHECK failed");
  EXPECT_DEATH(type_of<EmptySpelling>(), "CHECK failed");
}

TEST(Codec, DescribesItsFieldsForASchema) {
  const TypeInfo& type = type_of<Everything>();
  const FieldInfo* count = type.find_field("count");
  ASSERT_NE(count, nullptr);
  EXPECT_EQ(count->rules.help, "How many.");
  EXPECT_EQ(count->default_value, Value(3));
  EXPECT_EQ(count->rules.maximum, 10);
  EXPECT_EQ(type.find_field("color")->default_value, Value("green"));
  EXPECT_EQ(type.find_field("weight")->default_value, Value(100));
  EXPECT_EQ(type.find_field("inners")->rules.list_type, ListType::Map);
  EXPECT_EQ(&type.find_field("children")->type().element(), &type);
  EXPECT_EQ(type.rules.at(0).rule, "!self.flag || has(self.one)");
  ASSERT_NE(type.find_field("team"), nullptr);
  EXPECT_EQ(type.find_field("shared"), nullptr);
}

}  // namespace
}  // namespace kthena::json
