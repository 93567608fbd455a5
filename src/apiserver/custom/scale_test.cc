#include "apiserver/custom/scale.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

json::Value read(std::string_view text) { return json::parse(text).value(); }

Kind built_in(std::string kind, std::string plural) {
  return {.group = "apps",
          .version = "v1",
          .kind = std::move(kind),
          .list_kind = {},
          .plural = std::move(plural),
          .singular = {}};
}

Kind custom() {
  Kind kind = built_in("Thing", "things");
  kind.custom_scale = CustomScale{.spec_replicas_path = ".spec.size.replicas",
                                  .status_replicas_path = ".status.replicas",
                                  .label_selector_path = ".status.selector"};
  return kind;
}

// As kube-apiserver 1.34.2 answers.
TEST(Scale, OfABuiltInKindHasItsSelectorAsText) {
  const json::Value object = read(
      R"({"metadata":{"name":"d","namespace":"n","uid":"u","resourceVersion":"6","labels":{"a":"b"},
      "creationTimestamp":"2026-11-24T20:25:06Z"},"spec":{"replicas":2,"selector":{"matchLabels":{"c":"d","a":"b"},
      "matchExpressions":[{"key":"b","operator":"NotIn","values":["q","p"]},{"key":"z","operator":"Exists"}]}},
      "status":{"replicas":1}})");
  EXPECT_EQ(
      json::print(scale_of(built_in("Deployment", "deployments"), object).value()),
      R"({"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"d","namespace":"n","uid":"u",)"
      R"("resourceVersion":"6","creationTimestamp":"2026-11-24T20:25:06Z"},"spec":{"replicas":2},)"
      R"("status":{"replicas":1,"selector":"a=b,b notin (p,q),c=d,z"}})");
}

TEST(Scale, OfAReplicationControllerHasItsLabels) {
  const json::Value object = read(
      R"({"metadata":{"name":"r"},"spec":{"replicas":0,"selector":{"c":"d","a":"b"}},"status":{"replicas":0}})");
  EXPECT_EQ(
      json::print(
          scale_of(built_in("ReplicationController", "replicationcontrollers"), object).value()),
      R"({"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"r"},"spec":{},)"
      R"("status":{"replicas":0,"selector":"a=b,c=d"}})");
}

TEST(Scale, OfACustomResourceStandsWhereItsDefinitionSays) {
  json::Value object = read(
      R"({"metadata":{"name":"t"},"spec":{"size":{"replicas":3}},"status":{"replicas":1,"selector":"a=b"}})");
  const json::Value scale = scale_of(custom(), object).value();
  EXPECT_EQ(json::print(*scale.find("spec")), R"({"replicas":3})");
  EXPECT_EQ(json::print(*scale.find("status")), R"({"replicas":1,"selector":"a=b"})");
  ASSERT_TRUE(set_scale(custom(), object,
                        read(R"({"metadata":{"resourceVersion":"7"},"spec":{"replicas":5}})"))
                  .has_value());
  EXPECT_EQ(json::print(*object.find("spec")), R"({"size":{"replicas":5}})");
  EXPECT_EQ(json::print(*object.find("metadata")), R"({"name":"t","resourceVersion":"7"})");
}

TEST(Scale, ThatIsNotThereIsAnErrorButCanBeSet) {
  json::Value object = read(R"({"metadata":{"name":"t"}})");
  const auto scale = scale_of(custom(), object);
  ASSERT_FALSE(scale.has_value());
  EXPECT_EQ(scale.error().code, 500);
  EXPECT_EQ(
      scale.error().message,
      R"(Internal error occurred: the spec replicas field ".spec.size.replicas" does not exist)");
  const json::Value base = scale_to_patch(custom(), object).value();
  const auto untouched = set_scale(custom(), object, base);
  ASSERT_FALSE(untouched.has_value());
  EXPECT_EQ(untouched.error().message,
            R"(the spec replicas field ".spec.size.replicas" cannot be empty)");
  ASSERT_TRUE(set_scale(custom(), object, read(R"({"spec":{"replicas":1}})")).has_value());
  EXPECT_EQ(json::print(*object.find("spec")), R"({"size":{"replicas":1}})");
}

TEST(Scale, ThatIsNoNumberIsAnError) {
  const auto scale = scale_of(custom(), read(R"({"spec":{"size":"x"}})"));
  ASSERT_FALSE(scale.has_value());
  EXPECT_EQ(scale.error().message,
            ".spec.size.replicas accessor error: x is of the type string, expected "
            "map[string]interface{}");
}

TEST(Scale, OfABuiltInKindIsCheckedAtOnce) {
  json::Value object =
      read(R"({"metadata":{"name":"d","uid":"u","resourceVersion":"6"},"spec":{"replicas":2}})");
  const Kind kind = built_in("Deployment", "deployments");
  EXPECT_EQ(set_scale(kind, object, read(R"({"spec":{"replicas":-1}})")).error().message,
            "Scale.autoscaling \"d\" is invalid: spec.replicas: Invalid value: -1: must be greater "
            "than or equal to 0");
  EXPECT_EQ(set_scale(kind, object, read(R"({"metadata":{"uid":"v"},"spec":{"replicas":1}})"))
                .error()
                .code,
            409);
  ASSERT_TRUE(set_scale(kind, object, read("{}")).has_value());
  EXPECT_EQ(json::print(object), R"({"metadata":{"name":"d","uid":"u"},"spec":{"replicas":0}})");
}

}  // namespace
}  // namespace kthena::apiserver
