#include "apiserver/patch/strategic_merge.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "json/parse.h"
#include "json/print.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {
namespace {

/// Both are PodSpecs.
std::string patched(std::string_view document, std::string_view patch,
                    std::string_view type = "PodSpec") {
  const auto result = apply_strategic_merge(
      json::parse(document).value(), json::parse(patch).value(), *kube::shapes::find_type(type));
  return result ? json::print(*result)
                : std::to_string(result.error().code) + " " + result.error().message;
}

struct Case {
  std::string_view name;
  std::string_view document;
  std::string_view patch;
  std::string_view result;
};

class StrategicMerge : public testing::TestWithParam<Case> {};

TEST_P(StrategicMerge, AnswersAsTheRealServer) {
  EXPECT_EQ(patched(GetParam().document, GetParam().patch), GetParam().result);
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.name);
}

constexpr std::string_view kTwo = R"({"containers":[{"name":"a","image":"1"},{"name":"b"}]})";

INSTANTIATE_TEST_SUITE_P(
    Lists, StrategicMerge,
    testing::Values(
        Case{"MergesByKey", kTwo, R"({"containers":[{"name":"b","image":"2"}]})",
             R"({"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]})"},
        Case{"PutsNewItemsFirst", kTwo, R"({"containers":[{"name":"c"}]})",
             R"({"containers":[{"name":"c"},{"name":"a","image":"1"},{"name":"b"}]})"},
        Case{"FollowsTheOrderOfThePatch", kTwo, R"({"containers":[{"name":"b"},{"name":"a"}]})",
             R"({"containers":[{"name":"b"},{"name":"a","image":"1"}]})"},
        Case{"DeletesAnItem", kTwo, R"({"containers":[{"name":"a","$patch":"delete"}]})",
             R"({"containers":[{"name":"b"}]})"},
        Case{"ReplacesAList", kTwo,
             R"({"containers":[{"$patch":"replace"},{"name":"z","image":"9"}]})",
             R"({"containers":[{"name":"z","image":"9"}]})"},
        Case{
            "OrdersByDirective", kTwo,
            R"({"$setElementOrder/containers":[{"name":"b"},{"name":"c"},{"name":"a"}],"containers":[{"name":"c"}]})",
            R"({"containers":[{"name":"b"},{"name":"c"},{"name":"a","image":"1"}]})"},
        Case{"OrdersWithoutChange", kTwo,
             R"({"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]})",
             R"({"containers":[{"name":"b"},{"name":"a","image":"1"}]})"},
        Case{
            "AddsAWholeList", "{}",
            R"({"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a","x":null},{"name":"b","$patch":"delete"}]})",
            R"({"containers":[{"name":"a","x":null}]})"},
        Case{"ReplacesAtomicLists", R"({"readinessGates":[{"conditionType":"a"}]})",
             R"({"readinessGates":[{"conditionType":"b"}]})",
             R"({"readinessGates":[{"conditionType":"b"}]})"},
        Case{"TakesNullAsDeletion", kTwo, R"({"containers":null,"nodeName":null})", "{}"},
        Case{"DropsNullsOfWhatIsNew", "{}", R"({"securityContext":{"runAsUser":null}})",
             R"({"securityContext":{}})"},
        Case{"DeletesAnObject", R"({"securityContext":{"runAsUser":1}})",
             R"({"securityContext":{"$patch":"delete"}})", R"({"securityContext":{}})"},
        Case{"ReplacesAnObject", R"({"securityContext":{"runAsUser":1}})",
             R"({"securityContext":{"$patch":"replace","runAsGroup":2}})",
             R"({"securityContext":{"runAsGroup":2}})"},
        Case{
            "RetainsKeys", R"({"volumes":[{"name":"v","emptyDir":{}}]})",
            R"({"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"hostPath":{"path":"/x"}}]})",
            R"({"volumes":[{"name":"v","hostPath":{"path":"/x"}}]})"}),
    name_of);

// Messages of kube-apiserver 1.34.
INSTANTIATE_TEST_SUITE_P(
    Refusals, StrategicMerge,
    testing::Values(
        Case{"NoObject", kTwo, "[]",
             "400 json: cannot unmarshal array into Go value of type map[string]interface {}"},
        Case{"NoKey", kTwo, R"({"containers":[{"image":"x"}]})",
             "500 map: map[image:x] does not contain declared merge key: name"},
        Case{"DeletionWithoutKey", kTwo, R"({"containers":[{"$patch":"delete"}]})",
             "500 map: map[$patch:delete] does not contain declared merge key: name"},
        Case{"MixedTypes", kTwo, R"({"containers":["x"]})",
             "500 list element types are not identical: [[map[image:1 name:a] map[name:b]] [x]]"},
        Case{
            "WrongOrder", kTwo,
            R"({"$setElementOrder/containers":[{"name":"z"}],"containers":[{"name":"a","image":"k"}]})",
            "500 The order in patch list:\n[map[image:k name:a]]\n doesn't match "
            "$setElementOrder list:\n[map[name:z]]\n"},
        Case{"OrderOfAnUnknownField", kTwo, R"({"$setElementOrder/nope":[{"name":"z"}]})",
             R"(500 unable to find api field in struct PodSpec for the json field "nope")"},
        Case{"OrderOfAScalar", kTwo, R"({"$setElementOrder/nodeName":[{"name":"z"}]})",
             "500 expected slice or array type, but got: struct"},
        Case{"UnknownDirective", kTwo, R"({"$patch":"foo"})",
             "500 unknown patch type: foo in map: map[$patch:foo]"},
        Case{"NumberAsDirective", kTwo, R"({"$patch":3})",
             "500 unknown patch type: %!s(int64=3) in map: map[$patch:3]"},
        Case{"RetainKeysWithoutList", R"({"securityContext":{}})",
             R"({"securityContext":{"$retainKeys":3}})", "400 invalid patch format of retainKeys"},
        Case{"RetainKeysWithoutAKeyThatIsSet", R"({"securityContext":{}})",
             R"({"securityContext":{"$retainKeys":["a"],"runAsUser":1}})",
             "400 invalid patch format of retainKeys"},
        Case{"DeletionWithoutList", kTwo, R"({"$deleteFromPrimitiveList":["a"]})",
             "400 invalid patch format of primitive list"},
        Case{"MergeDirective", kTwo, R"({"containers":[{"name":"q","$patch":"merge"}]})",
             "500 merging lists cannot yet be specified in the patch"}),
    name_of);

TEST(StrategicMergeOfScalars, AddsAndDeletes) {
  EXPECT_EQ(patched(R"({"finalizers":["a","b"]})", R"({"finalizers":["c","a"]})", "ObjectMeta"),
            R"({"finalizers":["c","a","b"]})");
  EXPECT_EQ(patched(R"({"finalizers":["a","b"]})",
                    R"({"$deleteFromPrimitiveList/finalizers":["b","z"]})", "ObjectMeta"),
            R"({"finalizers":["a"]})");
  EXPECT_EQ(patched(R"({"finalizers":["a","b"]})",
                    R"({"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"],)"
                    R"("$setElementOrder/finalizers":["b","c"]})",
                    "ObjectMeta"),
            R"({"finalizers":["b","c"]})");
}

}  // namespace
}  // namespace kthena::apiserver
