// What an update of a ModelServing may do, and what its users are warned of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "api/testing/objects.h"
#include "api/workload/v1alpha1/model_serving.h"
#include "json/codec.h"

namespace kthena::api::workload {
namespace {

using api::testing::errors;
using api::testing::object_of;
using api::testing::texts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ModelServing by_role() {
  return object_of<ModelServing>(R"({
    "metadata": {"name": "m"},
    "spec": {"replicas": 4, "rolloutStrategy": {"type": "RoleRollingUpdate"}, "template": {
      "gangPolicy": {"minRoleReplicas": {"a": 2}},
      "roles": [{"name": "a", "replicas": 4, "maxUnavailable": 2, "workerReplicas": 0,
                 "entryTemplate": {}}]}}})");
}

ModelServing by_group() {
  return object_of<ModelServing>(R"({
    "metadata": {"name": "m"},
    "spec": {"replicas": 4, "rolloutStrategy": {"rollingUpdateConfiguration":
      {"maxUnavailable": "25%"}}, "template": {"roles": [
        {"name": "a", "workerReplicas": 0, "entryTemplate": {}}]}}})");
}

TEST(ModelServingUpdate, MayShrinkARoleBelowLimitsThatStay) {
  const ModelServing before = by_role();
  ModelServing after = before;
  after.spec.group.roles[0].replicas = 1;
  EXPECT_EQ(errors(validate(after)).size(), 2U);
  EXPECT_THAT(
      texts(validate_update(before, after)),
      ElementsAre("warning: spec.template.roles[0].maxUnavailable: Invalid value: 2: "
                  "maxUnavailable cannot be greater than replicas (1) (unchanged: it is clamped "
                  "when it is used)",
                  "warning: spec.template.gangPolicy.minRoleReplicas[a]: Invalid value: 2: "
                  "minRoleReplicas (2) for role a cannot exceed replicas (1) (unchanged: it is "
                  "clamped when it is used)"));
  after.spec.group.roles[0].max_unavailable = kube::IntOrString{3};
  EXPECT_THAT(errors(validate_update(before, after)),
              ElementsAre("spec.template.roles[0].maxUnavailable: Invalid value: 3: maxUnavailable "
                          "cannot be greater than replicas (1)"));
}

TEST(ModelServingUpdate, MayShrinkToWhereAPercentageIsNothing) {
  const ModelServing before = by_group();
  ModelServing after = before;
  after.spec.replicas = 3;
  EXPECT_THAT(texts(validate_update(before, after)),
              ElementsAre("warning: spec.rolloutStrategy.rollingUpdateConfiguration: Invalid "
                          "value: \"\": maxUnavailable cannot be 0 (unchanged: it is clamped when "
                          "it is used)"));
  after.spec.rollout_strategy->rolling_update_configuration->max_unavailable =
      kube::IntOrString{"20%"};
  EXPECT_EQ(errors(validate_update(before, after)).size(), 1U);
}

TEST(ModelServingUpdate, KeepsItsGang) {
  const ModelServing before = by_role();
  ModelServing after = before;
  after.spec.group.gang_policy.reset();
  EXPECT_THAT(texts(validate_update(before, after)),
              ElementsAre("spec.template: Invalid value: gangPolicy is required once set"));
  after.spec.group.gang_policy.emplace();
  EXPECT_THAT(texts(validate_update(before, after)),
              ElementsAre("warning: spec.template.gangPolicy.minRoleReplicas: Required value: was "
                          "set and should stay; it is immutable but for this way out"));
  EXPECT_THAT(texts(json::check_update(before, after)), IsEmpty());
  after.spec.group.gang_policy->min_role_replicas = MinRoleReplicas{{"a", 1}};
  EXPECT_THAT(texts(json::check_update(before, after)),
              ElementsAre("spec.template.gangPolicy.minRoleReplicas: Invalid value: "
                          "minRoleReplicas is immutable"));
}

TEST(ModelServingUpdate, MayAddAGang) {
  const ModelServing before = by_group();
  ModelServing after = before;
  after.spec.group.gang_policy.emplace();
  EXPECT_THAT(texts(validate_update(before, after)), IsEmpty());
  ModelServing later = after;
  later.spec.group.gang_policy->min_role_replicas = MinRoleReplicas{{"a", 1}};
  EXPECT_THAT(texts(validate_update(after, later)), IsEmpty());
  EXPECT_THAT(texts(json::check_update(after, later)), IsEmpty());
}

std::vector<std::string> warned(const std::function<void(ModelServing&)>& change) {
  ModelServing serving = by_group();
  change(serving);
  return texts(validate(serving));
}

TEST(ModelServingWarnings, NameWhatMostLikelyIsNotMeant) {
  EXPECT_THAT(warned([](ModelServing& m) {
                m.metadata.annotations["modelserving.volcano.sh/role-update-max-groups"] = "0%";
                m.spec.group.restart_grace_period_seconds = -1;
                m.spec.group.network_topology =
                    NetworkTopology{.group_policy = TopologySpec{.highest_tier_allowed = 1,
                                                                 .highest_tier_name = "rack"}};
              }),
              ElementsAre("warning: metadata.annotations[modelserving.volcano.sh/"
                          "role-update-max-groups]: Invalid value: \"0%\": should be a number "
                          "above 0 or a percentage; 1 is used",
                          "warning: spec.template.restartGracePeriodSeconds: Invalid value: -1: "
                          "should not be negative; it counts as 0",
                          "warning: spec.template.networkTopology.groupPolicy.highestTierName: "
                          "Forbidden: set either highestTierAllowed or highestTierName"));
}

TEST(ModelServingWarnings, NamePluginsThatWouldNotRun) {
  EXPECT_THAT(
      warned([](ModelServing& m) {
        m.spec.plugins = {{.name = "demo"},
                          {.name = "demo-pod-tweaks",
                           .config = "text",
                           .scope = PluginScope{.roles = {"a", "b"}, .target = "Leader"}}};
      }),
      ElementsAre("warning: spec.plugins[0].name: Unsupported value: \"demo\": supported values: "
                  "\"demo-pod-tweaks\", \"lws-standard-labels\"",
                  "warning: spec.plugins[1].config: Invalid value: \"string\": should be an object",
                  "warning: spec.plugins[1].scope.target: Unsupported value: \"Leader\": supported "
                  "values: \"All\", \"Entry\", \"Worker\"",
                  "warning: spec.plugins[1].scope.roles[1]: Invalid value: \"b\": there is no such "
                  "role in template.roles"));
}

TEST(ModelServingWarnings, NameWhatTheControllerReplacesInPods) {
  EXPECT_THAT(
      warned([](ModelServing& m) {
        m.spec.group.roles[0].entry_template = object_of<PodTemplate>(R"({
          "metadata": {"labels": {"modelserving.volcano.sh/role": "mine", "app": "x"}},
          "spec": {"initContainers": [{"image": "a b"}],
                   "containers": [{"env": [{"name": "A"}, {"name": "GROUP_SIZE"}]}]}})");
      }),
      ElementsAre("warning: spec.template.roles[0].entryTemplate.metadata.labels"
                  "[modelserving.volcano.sh/role]: Forbidden: is set by the controller; this value "
                  "is not used",
                  "warning: spec.template.roles[0].entryTemplate.spec.initContainers[0].image: "
                  "Invalid value: \"a b\": invalid container image reference: image cannot contain "
                  "spaces",
                  "warning: spec.template.roles[0].entryTemplate.spec.containers[0].env[1].name: "
                  "Forbidden: is set by the controller; this value is not used"));
}

}  // namespace
}  // namespace kthena::api::workload
