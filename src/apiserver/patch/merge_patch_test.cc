#include "apiserver/patch/merge_patch.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

std::string patched(std::string_view document, std::string_view patch) {
  const auto result = apply_merge_patch(json::parse(document).value(), json::parse(patch).value());
  return result ? json::print(*result)
                : std::to_string(result.error().code) + " " + result.error().message;
}

struct Case {
  std::string_view document;
  std::string_view patch;
  std::string_view result;
};

class MergePatch : public testing::TestWithParam<Case> {};

TEST_P(MergePatch, AnswersAsTheRealServer) {
  EXPECT_EQ(patched(GetParam().document, GetParam().patch), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    All, MergePatch,
    testing::Values(
        Case{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        Case{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
        Case{R"({"a":"b"})", R"({"a":null})", "{}"},
        Case{R"({"a":"b"})", R"({"x":null})", R"({"a":"b"})"},
        Case{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        Case{R"({"a":{"b":"c","d":"e"}})", R"({"a":{"b":"x","d":null}})", R"({"a":{"b":"x"}})"},
        Case{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        Case{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
        Case{R"({"a":"text"})", R"({"a":{"b":null}})", R"({"a":{}})"},
        Case{R"({})", R"({"a":[{"b":null},null]})", R"({"a":[{},null]})"},
        Case{R"({"a":[]})", R"({"a":[{"b":null},null]})", R"({"a":[{},null]})"},
        Case{R"({"a":{"k":1}})", R"({"a":[{"b":null}]})", R"({"a":[{"b":null}]})"},
        Case{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
        Case{R"({"a":1})", "{}", R"({"a":1})"},
        Case{R"({"a":1})", "null", "400 Invalid JSON Patch"},
        Case{R"({"a":1})", "[]",
             "400 error decoding patch: json: cannot unmarshal array into Go value of type "
             "map[string]interface {}"},
        Case{R"({"a":1})", "3",
             "400 error decoding patch: json: cannot unmarshal number into Go value of type "
             "map[string]interface {}"}));

TEST(MergePatchOfManyMembers, GivesWhatOneOfFewGives) {
  json::Value document;
  json::Value patch;
  std::string by_few = R"({"k0":{"a":1}})";
  document = json::parse(by_few).value();
  for (int i = 1; i < 60; ++i) {
    document.set("k" + std::to_string(i), i);
  }
  json::Value expected = document;
  for (int i = 0; i < 40; ++i) {
    const std::string key = "k" + std::to_string(i * 2);
    json::Value value = i % 3 == 0 ? json::Value() : json::parse(R"({"b":null,"c":2})").value();
    patch.set(key, value);
    json::Value one;
    one.set(key, value);
    expected = apply_merge_patch(std::move(expected), std::move(one)).value();
  }
  EXPECT_EQ(json::print(apply_merge_patch(document, patch).value()), json::print(expected));
}

}  // namespace
}  // namespace kthena::apiserver
