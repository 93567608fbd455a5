#include "json/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/parse.h"

namespace kthena::json {
namespace {

using testing::HasSubstr;

enum class Color : std::uint8_t { Red, Green };
constexpr auto enum_names(Color) {
  return std::array{EnumName{Color::Red, "red"}, EnumName{Color::Green, "green"}};
}

/// A text that must not be "soon", and is unset then.
struct Mood {
  std::string text;
  static constexpr ScalarSchema kSchema{.int_or_string = true, .lenient = true};
  static Result<Mood> from_json(const Value& value) {
    if (value.is_number()) {
      return Mood{value.number_text()};
    }
    if (value.as_string() == "soon") {
      return fail(ErrorCode::InvalidArgument, "not a mood");
    }
    return Mood{value.as_string()};
  }
  Value to_json() const { return text; }
  friend bool operator==(const Mood&, const Mood&) = default;
};

struct Leaf {
  std::string name;
  std::optional<std::int32_t> port;
  static constexpr auto fields() {
    return std::tuple{Field{"name", &Leaf::name, field::required}, Field{"port", &Leaf::port}};
  }
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

struct Shared {
  std::string team;
  static constexpr auto fields() { return std::tuple{Field{"team", &Shared::team}}; }
  friend bool operator==(const Shared&, const Shared&) = default;
};

/// A field of every sort.
struct Tree {
  bool flag = false;
  std::int8_t tiny = 3;
  std::uint32_t size = 0;
  std::int64_t big = 0;
  double ratio = 0;
  std::string text;
  Color color = Color::Green;
  std::optional<bool> maybe;
  std::optional<std::uint32_t> weight;
  std::optional<Mood> mood;
  std::vector<std::string> words;
  std::map<std::string, std::string> labels;
  std::map<std::string, Leaf> leaves;
  std::optional<Leaf> one;
  Shared shared;
  Value anything;
  std::vector<Tree> children;

  static constexpr auto fields() {
    using namespace field;
    using T = Tree;
    return std::tuple{Constant{"kind", "Tree"},
                      Field{"flag", &T::flag},
                      Field{"tiny", &T::tiny, defaulted},
                      Field{"size", &T::size},
                      Field{"big", &T::big},
                      Field{"ratio", &T::ratio},
                      Field{"text", &T::text},
                      Field{"color", &T::color, defaulted},
                      Field{"maybe", &T::maybe},
                      Field{"weight", &T::weight, default_integer(100)},
                      Field{"mood", &T::mood},
                      Field{"words", &T::words},
                      Field{"labels", &T::labels, old_name("tags")},
                      Field{"leaves", &T::leaves},
                      Field{"one", &T::one},
                      Field{"", &T::shared, inlined},
                      Field{"anything", &T::anything},
                      Field{"children", &T::children}};
  }
  friend bool operator==(const Tree&, const Tree&) = default;
};

/// What read_object() says must be what the slow way says. Whether the fast way was enough.
bool reads_fast(std::string_view text) {
  const auto parsed = parse(text);
  const auto read = read_object<Tree>(text);
  if (!parsed) {
    EXPECT_FALSE(read.has_value()) << text;
    return false;
  }
  const auto decoded = decode<Tree>(*parsed, DecodeOptions::trusted());
  EXPECT_EQ(read.has_value(), decoded.ok()) << text;
  if (read && decoded.ok()) {
    EXPECT_EQ(*read, decoded.value) << text;
  }
  Tree tree;
  return detail::read_into(type_of<Tree>(), text, &tree);
}

TEST(ReadObject, ReadsWhatServersSendWithoutValues) {
  EXPECT_TRUE(reads_fast("{}"));
  EXPECT_TRUE(
      reads_fast(R"( {"flag": true, "tiny": -128, "size": 4294967295, "big": -9223372036854775808,
    "ratio": 1e-3, "text": "a\nb\u00e9", "color": "red", "maybe": false, "weight": 0, "mood": "good",
    "words": ["a", "", "long enough to be allocated"], "labels": {"a": "b", "c\"d": "e"},
    "leaves": {"x": {"name": "l", "port": 1}}, "one": {"name": "n"}, "team": "blue", "kind": "Tree",
    "anything": {"a": [1, 2.50, null]}, "children": [{"children": [{}]}, {}],
    "unknown": {"deep": [{}, [], "\ud83d\ude00", true, null, -1.5e9]}} )"));
  EXPECT_TRUE(
      reads_fast(R"({"flag": null, "maybe": null, "words": null, "labels": null, "one": null,
                             "anything": null, "text": null, "unknown": null})"));
  EXPECT_TRUE(reads_fast(R"({"mood": 7, "maybe": true, "words": [], "labels": {}})"));
}

TEST(ReadObject, LeavesWhatIsUnusualToTheSlowWay) {
  for (const char* text : {R"({"big": 1.0})",
                           R"({"big": 1e3})",
                           R"({"tiny": 128})",
                           R"({"size": -1})",
                           R"({"flag": 1})",
                           R"({"ratio": "1"})",
                           R"({"text": 1})",
                           R"({"color": "blue"})",
                           R"({"one": {}})",
                           R"({"mood": "soon"})",
                           R"({"mood": 1.0})",
                           R"({"mood": 1.5})",
                           R"({"mood": true})",
                           R"({"words": {}})",
                           R"({"words": [null]})",
                           R"({"labels": []})",
                           R"({"labels": {"a": null}})",
                           R"({"tags": {"a": "b"}})",
                           R"({"kind": "Bush"})",
                           R"({"\u0074ext": "a"})",
                           "[]",
                           "null",
                           "7",
                           "",
                           "{",
                           "{} {}",
                           R"({"text": "a", "text": "b"})",
                           R"({"labels": {"a": "b", "a": "c"}})",
                           R"({"text": "\x"})",
                           R"({"anything": {"a": 1, "a": 2}})",
                           R"({"children": [{"big": []}]})",
                           "{\"text\": \"\xff\"}",
                           R"({"ratio": 1e999})"}) {
    EXPECT_FALSE(reads_fast(text)) << text;
  }
}

TEST(ReadObject, SaysWhatIsWrongAndWhere) {
  const auto read = read_object<Tree>(R"({"children": [{"big": []}, {"one": {}}]})");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code(), ErrorCode::InvalidArgument);
  EXPECT_THAT(read.error().message(), HasSubstr("children[0].big: Invalid value"));
  EXPECT_THAT(read.error().message(), HasSubstr("children[1].one.name: Required value"));
}

TEST(ReadObject, EndsWhereATextNestsTooDeeply) {
  std::string text = "{}";
  for (int i = 0; i < 300; ++i) {
    text = R"({"children": [)" + text + "]}";
  }
  EXPECT_FALSE(read_object<Tree>(text).has_value());
}

}  // namespace
}  // namespace kthena::json
