#include "apiserver/apply/field_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/apply/path_element.h"
#include "json/parse.h"
#include "json/print.h"

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;

FieldSet set_of(std::string_view text) { return parse_fields(json::parse(text).value()).value(); }
std::string text_of(const FieldSet& set) { return json::print(print_fields(set)); }

// As kube-apiserver prints the managedFields of a Deployment.
constexpr std::string_view kCanonical =
    R"({"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},)"
    R"("f:name":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},)"
    R"("f:containerPort":{}}}}},"f:x":{"v:\"a\"":{},"v:\"b\"":{}},"f:y":{"i:3":{}}}}}})";

TEST(FieldSet, PrintsWhatItRead) { EXPECT_EQ(text_of(set_of(kCanonical)), kCanonical); }

TEST(FieldSet, PrintsInTheServersOrder) {
  EXPECT_EQ(
      text_of(set_of(
          R"({"v:true":{},"i:2":{},"v:\"a b\"":{},"v:\"a!\"":{},"v:10":{},"v:9":{},)"
          R"("k:{\"p\":80}":{},"k:{\"p\":9}":{},"k:{\"a\":1,\"p\":9}":{},"f:b":{},"f:a":{}})")),
      R"({"f:a":{},"f:b":{},"k:{\"a\":1,\"p\":9}":{},"k:{\"p\":9}":{},"k:{\"p\":80}":{},"v:9":{},)"
      R"("v:10":{},"v:\"a b\"":{},"v:\"a!\"":{},"v:true":{},"i:2":{}})");
}

TEST(FieldSet, EscapesKeysAsGoDoes) {
  EXPECT_EQ(text_of(set_of(R"({"k:{\"b\":\"<\",\"a\":1}":{}})")),
            R"({"k:{\"a\":1,\"b\":\"\\u003c\"}":{}})");
}

TEST(FieldSet, DropsKindsOfElementsThatItDoesNotKnow) {
  EXPECT_EQ(text_of(set_of(R"({"f:a":{"z:new":{}},"y:b":{"f:c":{}}})")), R"({"f:a":{}})");
}

TEST(FieldSet, JoinsWhatStandsTwice) {
  EXPECT_EQ(text_of(set_of(R"({"k:{\"a\":1}":{"f:x":{}},"f:q":{},"k:{ \"a\": 1 }":{"f:y":{}}})")),
            R"({"f:q":{},"k:{\"a\":1}":{"f:x":{},"f:y":{}}})");
}

TEST(FieldSet, RefusesWhatIsNone) {
  for (const std::string_view text : {"[]", "3", R"({"f":{}})", R"({"fx:a":{}})", R"({"f:a":[]})",
                                      R"({"k:[]":{}})", R"({"k:{":{}})", R"({"i:x":{}})"}) {
    EXPECT_FALSE(parse_fields(json::parse(text).value()).has_value()) << text;
  }
}

TEST(FieldSet, CombinesAsSetsOfPaths) {
  const FieldSet a = set_of(R"({"f:a":{".":{},"f:x":{},"f:y":{}},"f:b":{}})");
  const FieldSet b = set_of(R"({"f:a":{".":{},"f:y":{},"f:z":{}},"f:c":{}})");
  EXPECT_EQ(text_of(unite(a, b)),
            R"({"f:a":{".":{},"f:x":{},"f:y":{},"f:z":{}},"f:b":{},"f:c":{}})");
  EXPECT_EQ(text_of(intersect(a, b)), R"({"f:a":{".":{},"f:y":{}}})");
  EXPECT_EQ(text_of(subtract(a, b)), R"({"f:a":{"f:x":{}},"f:b":{}})");
  EXPECT_EQ(text_of(subtract_whole(a, b)), R"({"f:b":{}})");
  EXPECT_TRUE(is_subset(intersect(a, b), a));
  EXPECT_FALSE(is_subset(a, b));
}

TEST(FieldSet, NamesPathsAsMessagesDo) {
  std::vector<std::string> paths;
  set_of(kCanonical).for_each([&paths](std::span<const PathElement> path) {
    paths.push_back(describe(path));
  });
  EXPECT_THAT(
      paths,
      ElementsAre(
          ".spec.replicas", R"(.spec.template.spec.containers[name="c"])",
          R"(.spec.template.spec.containers[name="c"].name)",
          R"(.spec.template.spec.containers[name="c"].ports)",
          R"(.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"])",
          R"(.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].containerPort)",
          R"(.spec.template.spec.x[="a"])", R"(.spec.template.spec.x[="b"])",
          ".spec.template.spec.y[3]"));
}

TEST(FieldSet, KnowsItsMembers) {
  FieldSet set = FieldSet::of({{"a", "b"}, {"a"}});
  EXPECT_EQ(set.size(), 2);
  const Path path{PathElement::field("a"), PathElement::field("b")};
  EXPECT_TRUE(set.contains(path));
  set = subtract(std::move(set), FieldSet::of({{"a", "b"}}));
  EXPECT_FALSE(set.contains(path));
  EXPECT_FALSE(set.contains({}));
}

}  // namespace
}  // namespace kthena::apiserver
