#include "apiserver/patch/json_patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

json::Value read(std::string_view text) { return json::parse(text).value(); }

/// The document afterwards, or "CODE message".
std::string patched(std::string_view document, std::string_view patch) {
  const auto result = apply_json_patch(read(document), read(patch));
  return result ? json::print(*result)
                : std::to_string(result.error().code) + " " + result.error().message;
}

constexpr std::string_view kRefused =
    "422 the server rejected our request due to an error in our request";

struct Case {
  std::string_view document;
  std::string_view patch;
  std::string_view result;
};

class JsonPatch : public testing::TestWithParam<Case> {};

TEST_P(JsonPatch, AnswersAsTheRealServer) {
  EXPECT_EQ(patched(GetParam().document, GetParam().patch), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    Operations, JsonPatch,
    testing::Values(
        Case{R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})"},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/1","value":9}])", R"({"a":[1,9,2]})"},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/2","value":9}])", R"({"a":[1,2,9]})"},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/-","value":9}])", R"({"a":[1,2,9]})"},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/3","value":9}])", kRefused},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/x","value":9}])", kRefused},
        Case{R"({"a":{}})", R"([{"op":"add","path":"/a/b/c","value":9}])", kRefused},
        Case{R"({"a":3})", R"([{"op":"add","path":"/a/b","value":9}])", kRefused},
        Case{R"({"a":null})", R"([{"op":"add","path":"/a/b","value":9}])", kRefused},
        Case{R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
        Case{R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/1"}])", R"({"a":[1,3]})"},
        Case{R"({"a":[1]})", R"([{"op":"remove","path":"/a/-"}])", kRefused},
        Case{R"({"a":1})", R"([{"op":"remove","path":"/b"}])", kRefused},
        Case{R"({"a":1})", R"([{"op":"replace","path":"/a","value":[]}])", R"({"a":[]})"},
        Case{R"({"a":1,"b":2})", R"([{"op":"move","from":"/a","path":"/c"}])", R"({"b":2,"c":1})"},
        Case{R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/c"}])", kRefused},
        Case{R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/a/c"}])",
             R"({"a":{"b":1,"c":{"b":1}}})"},
        Case{R"({"a":{"x":[1]}})", R"([{"op":"test","path":"/a","value":{"x":[1]}}])",
             R"({"a":{"x":[1]}})"},
        Case{R"({"a":1})", R"([{"op":"test","path":"/a","value":2}])", kRefused},
        Case{R"({"a":1})", R"([{"op":"test","path":"/b","value":null}])", R"({"a":1})"},
        Case{R"({"a":1})", R"([{"op":"test","path":"","value":{"a":1}}])", R"({"a":1})"},
        Case{R"({"a/b":1,"m~n":2})",
             R"([{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/m~0n"}])", "{}"},
        Case{R"({"~1":1,"~2":2})",
             R"([{"op":"remove","path":"/~01"},{"op":"remove","path":"/~2"}])", "{}"},
        Case{R"({"":1})", R"([{"op":"replace","path":"/","value":2}])", R"({"":2})"},
        Case{"{}", "[]", "{}"}));

// Of kube-apiserver 1.34.
INSTANTIATE_TEST_SUITE_P(
    Habits, JsonPatch,
    testing::Values(
        Case{R"({"a":1})", R"([{"op":"replace","path":"/b","value":2}])", R"({"a":1,"b":2})"},
        Case{R"({"a":1})", R"([{"op":"copy","from":"/no","path":"/b"}])", R"({"a":1,"b":null})"},
        Case{R"({"a":{}})", R"([{"op":"add","path":"foo/a/b","value":2}])", R"({"a":{"b":2}})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"a","value":2}])", kRefused},
        Case{R"({"a":[1,2]})", R"([{"op":"replace","path":"/a/-1","value":9}])", R"({"a":[1,9]})"},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/-1","value":9}])", R"({"a":[1,2,9]})"},
        Case{R"({"a":[1,2]})", R"([{"op":"add","path":"/a/+01","value":9}])", R"({"a":[1,9,2]})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"/b"}])", R"({"a":1,"b":null})"},
        Case{R"({"a":1})", R"([{"op":"replace","path":"","value":3}])", R"({"a":1})"},
        Case{R"({"a":1})", R"([{"op":"replace","path":"","value":{"b":2}}])", R"({"b":2})"},
        Case{R"({"a":1})", R"([{"op":"add","path":"","value":{"b":2}}])", kRefused},
        Case{R"({"a":1})", "null", R"({"a":1})"}, Case{R"({"a":1})", "[null]", kRefused},
        Case{R"({"a":1})", R"([{"path":"/a"}])", kRefused},
        Case{R"({"a":1})", R"([{"op":"jump","path":"/a"}])", kRefused},
        Case{R"({"a":1})", R"([{"op":"test","path":"/a"}])", kRefused},
        Case{R"({"a":1})", R"({"op":"add"})",
             "400 error decoding patch: json: cannot unmarshal object into Go value of type "
             "[]handlers.jsonPatchOp"},
        Case{R"({"a":1})", "[1]",
             "400 error decoding patch: json: cannot unmarshal number into Go value of type "
             "handlers.jsonPatchOp"},
        Case{R"({"a":1})", R"([{"op":"add","path":7}])",
             "400 error decoding patch: json: cannot unmarshal number into Go struct field "
             "jsonPatchOp.path of type string"}));

TEST(JsonPatchLimits, RefusesTenThousandAndOneOperations) {
  std::string patch = "[";
  for (int i = 0; i < 10'001; ++i) {
    patch += std::string(i == 0 ? "" : ",") + R"({"op":"test","path":"/a","value":1})";
  }
  EXPECT_EQ(patched(R"({"a":1})", patch + "]"),
            "413 Request entity is too large: The allowed maximum operations in a JSON patch is "
            "10000, got 10001");
}

TEST(JsonPatchLimits, RefusesCopiesThatDoubleTheDocumentWithoutEnd) {
  std::string patch = "[";
  for (int i = 0; i < 40; ++i) {
    patch += std::string(i == 0 ? "" : ",") +
             R"({"op":"copy","from":"/a","path":"/b"},{"op":"move","from":"/b","path":"/a/)" +
             std::to_string(i) + "\"}";
  }
  EXPECT_EQ(patched(R"({"a":{"text":"0123456789"}})", patch + "]"), kRefused);
}

TEST(JsonPatchLimits, RefusesToNestWithoutEnd) {
  std::string patch = "[";
  for (int i = 0; i < 3'000; ++i) {
    patch += std::string(i == 0 ? "" : ",") +
             R"({"op":"add","path":"/b","value":{}},{"op":"move","from":"/a","path":"/b/x"},)"
             R"({"op":"move","from":"/b","path":"/a"})";
  }
  EXPECT_EQ(patched(R"({"a":{}})", patch + "]"), kRefused);
}

TEST(JsonPatchLimits, RefusesWorkWithoutEnd) {
  std::string document = R"({"a":[0)";
  for (int i = 0; i < 50'000; ++i) {
    document += ",0";
  }
  std::string patch = "[";
  for (int i = 0; i < 10'000; ++i) {
    patch += std::string(i == 0 ? "" : ",") + R"({"op":"add","path":"/a/0","value":1})";
  }
  EXPECT_EQ(patched(document + "]}", patch + "]"), kRefused);
}

}  // namespace
}  // namespace kthena::apiserver
