#include "api/workload/v1alpha1/autoscaling_policy_binding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::workload {
namespace {

using api::testing::object_of;
using api::testing::texts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kRole = R"({
  "apiVersion": "workload.serving.volcano.sh/v1alpha1", "kind": "AutoscalingPolicyBinding",
  "metadata": {"name": "b", "namespace": "prod"},
  "spec": {
    "policyRef": {"name": "p"},
    "homogeneousTarget": {"minReplicas": 1, "maxReplicas": 4, "target": {
      "targetRef": {"kind": "ModelServing", "name": "llm"},
      "subTargets": {"kind": "Role", "name": "decode"},
      "metricEndpoint": {"uri": "/m", "port": 9000, "labelSelector": {"matchLabels": {"a": "b"}}}}}}
})";

constexpr std::string_view kSeveral = R"({
  "metadata": {"name": "b"},
  "spec": {"policyRef": {"name": "p"}, "heterogeneousTarget": {"costExpansionRatePercent": 150,
    "params": [{"cost": 3, "minReplicas": 0, "maxReplicas": 2, "target": {"targetRef": {"name": "x"}}},
               {"minReplicas": 1, "maxReplicas": 5, "target": {"targetRef": {"name": "y"}}}]}}
})";

AutoscalingPolicySpec old_policy() {
  json::Value value = json::parse(R"({"tolerancePercent": 5, "metrics": [
    {"metricName": "load", "targetValue": 10}], "behavior": {"scaleDown": {}}})")
                          .value();
  return json::decode<AutoscalingPolicySpec>(value).value;
}

TEST(AutoscalingPolicyBinding, WritesWhatItReads) {
  const json::Value full = json::parse(kRole).value();
  const auto binding = object_of<AutoscalingPolicyBinding>(kRole);
  EXPECT_EQ(json::encode(binding), full);
  EXPECT_THAT(validate(binding), IsEmpty());
  EXPECT_THAT(validate(object_of<AutoscalingPolicyBinding>(kSeveral)), IsEmpty());
}

TEST(AutoscalingPolicyBinding, NeedsExactlyOneTarget) {
  const auto decoded = json::decode<AutoscalingPolicyBinding>(
      json::parse(R"({"spec": {"policyRef": {"name": "p"}}})").value());
  EXPECT_THAT(texts(decoded.problems),
              ElementsAre("spec: Invalid value: Either heterogeneousTarget or homogeneousTarget "
                          "must be set, but not both."));
  EXPECT_THAT(texts(validate(decoded.value)),
              ElementsAre("spec: Invalid value: 0: Either heterogeneousTarget or homogeneousTarget "
                          "must be set, but not both."));
}

TEST(AutoscalingPolicyBinding, NeedsGoodReferences) {
  auto binding = object_of<AutoscalingPolicyBinding>(kRole);
  binding.spec.policy_ref.name.clear();
  BindingTarget& target = binding.spec.homogeneous_target->target;
  target.target_ref.kind = "Deployment";
  target.target_ref.name.clear();
  target.sub_target = SubTarget{.kind = "Group"};
  const std::string at = "spec.homogeneousTarget.target.";
  EXPECT_THAT(texts(validate(binding)),
              ElementsAre("spec.policyRef.name: Required value: the name of an AutoscalingPolicy "
                          "must be set",
                          at + "targetRef.kind: Invalid value: \"Deployment\": targetRef.kind must "
                               "be ModelServing, but got Deployment",
                          at + "targetRef.name: Invalid value: \"\": targetRef.name must be set, "
                               "but got empty",
                          at + "subTargets.kind: Invalid value: \"Group\": subTargets.kind must be "
                               "Role, but got Group",
                          at + "subTargets.name: Invalid value: \"\": subTargets.name must be set, "
                               "but got empty"));
  auto several = object_of<AutoscalingPolicyBinding>(kSeveral);
  several.spec.heterogeneous_target->params[1].target.sub_target.emplace();
  EXPECT_THAT(texts(validate(several)),
              ElementsAre("spec.heterogeneousTarget.params[1].target.subTargets: Forbidden: "
                          "subTargets is not allowed in heterogeneousTarget"));
  ASSERT_EQ(references(several).size(), 1U);
  EXPECT_EQ(references(several)[0].missing.to_string(),
            "spec.policyRef.name: Invalid value: \"p\": autoscaling policy resource p does not "
            "exist");
}

TEST(AutoscalingPolicyBinding, PutsItsTargetIntoThePolicy) {
  auto binding = object_of<AutoscalingPolicyBinding>(kRole);
  binding.spec.homogeneous_target->target.sub_target.reset();
  const AutoscalingPolicySpec bound = bind(binding, old_policy());
  EXPECT_EQ(bound.tolerance_percent, 5);
  EXPECT_TRUE(bound.behavior->scale_down.has_value());
  EXPECT_EQ(json::encode(*bound.homogeneous_target), json::parse(R"({
    "minReplicas": 1, "maxReplicas": 4, "target": {
      "targetRef": {"kind": "ModelServing", "name": "llm"},
      "metricSources": {"load": {"pod": {"name": "load", "uri": "/m", "port": 9000,
        "labelSelector": {"matchLabels": {"a": "b"}}}}}}})")
                                                         .value());
  EXPECT_THAT(texts(validate(AutoscalingPolicy{.spec = bound})), IsEmpty());
}

TEST(AutoscalingPolicyBinding, MakesADisaggregatedTargetOfARole) {
  const AutoscalingPolicySpec bound =
      bind(object_of<AutoscalingPolicyBinding>(kRole), old_policy());
  EXPECT_FALSE(bound.homogeneous_target.has_value());
  ASSERT_EQ(bound.disaggregated_target->roles.size(), 1U);
  EXPECT_EQ(bound.disaggregated_target->roles.at("decode").max_replicas, 4);
  EXPECT_THAT(texts(validate(AutoscalingPolicy{.spec = bound})), IsEmpty());
}

TEST(AutoscalingPolicyBinding, KeepsTheOrderAndCostsOfSeveralTargets) {
  const AutoscalingPolicySpec bound =
      bind(object_of<AutoscalingPolicyBinding>(kSeveral), old_policy());
  const HeterogeneousTarget& target = *bound.heterogeneous_target;
  EXPECT_EQ(target.cost_expansion_rate_percent, 150);
  ASSERT_EQ(target.params.size(), 2U);
  EXPECT_EQ(target.params[0].cost, 3);
  EXPECT_EQ(target.params[1].target.target_ref.name, "y");
  EXPECT_EQ(target.params[1].target.metric_sources.at("load").pod->uri, "/metrics");
  EXPECT_THAT(texts(validate(AutoscalingPolicy{.spec = bound})), IsEmpty());
}

}  // namespace
}  // namespace kthena::api::workload
