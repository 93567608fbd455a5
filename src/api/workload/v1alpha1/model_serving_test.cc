#include "api/workload/v1alpha1/model_serving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::workload {
namespace {

using api::testing::object_of;
using api::testing::texts;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every field once, in the order of the schema.
constexpr std::string_view kFull = R"({
  "apiVersion": "workload.serving.volcano.sh/v1alpha1", "kind": "ModelServing",
  "metadata": {"name": "sample", "namespace": "default", "annotations":
    {"modelserving.volcano.sh/role-update-max-groups": "50%"}},
  "spec": {
    "plugins": [{"config": {"runtimeClassName": "x"}, "name": "demo-pod-tweaks", "type": "BuiltIn",
                 "scope": {"roles": ["prefill"], "target": "Entry"}}],
    "recoveryPolicy": "None", "replicas": 0, "schedulerName": "volcano",
    "rolloutStrategy": {"type": "ServingGroupRollingUpdate", "rollingUpdateConfiguration":
      {"maxSurge": "25%", "maxUnavailable": 0, "partition": "50%"}},
    "template": {
      "gangPolicy": {"minRoleReplicas": {"prefill": 1}},
      "networkTopology": {"groupPolicy": {"highestTierAllowed": 2, "mode": "hard"},
                          "rolePolicy": {"highestTierName": "rack", "mode": "soft"}},
      "restartGracePeriodSeconds": 60,
      "roles": [
        {"name": "prefill", "replicas": 2, "maxUnavailable": 1, "workerReplicas": 1,
         "entryTemplate": {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
                           "spec": {"containers": [{"name": "leader", "image": "img:1"}],
                                    "aFieldOfTomorrow": [1, 2.50, null]}},
         "workerTemplate": {"spec": {"containers": [{"name": "worker", "image": "img:1"}]}}}]}},
  "status": {
    "availableReplicas": 1, "currentReplicas": 2, "updatedReplicas": 3, "replicas": 4,
    "currentRevision": "a", "updateRevision": "b", "labelSelector": "x=y", "observedGeneration": 5,
    "conditions": [{"type": "Available", "status": "True", "reason": "AllGroupsReady",
                    "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
})";

/// The manifest of the reference's introduction.
constexpr std::string_view kSample = R"({
  "apiVersion": "workload.serving.volcano.sh/v1alpha1", "kind": "ModelServing",
  "metadata": {"name": "sample", "namespace": "default"},
  "spec": {
    "replicas": 2,
    "rolloutStrategy": {"type": "ServingGroupRollingUpdate",
      "rollingUpdateConfiguration": {"maxUnavailable": 1, "partition": 0}},
    "template": {
      "restartGracePeriodSeconds": 60,
      "gangPolicy": {"minRoleReplicas": {"prefill": 1, "decode": 1}},
      "roles": [
        {"name": "prefill", "replicas": 2, "workerReplicas": 1,
         "entryTemplate": {"spec": {"containers": [{"name": "leader", "image": "img:1"}]}},
         "workerTemplate": {"spec": {"containers": [{"name": "worker", "image": "img:1"}]}}},
        {"name": "decode", "workerReplicas": 0,
         "entryTemplate": {"spec": {"containers": [{"name": "leader", "image": "img:1"}]}}}]}}
})";

ModelServing sample() { return object_of<ModelServing>(kSample); }

/// What is found in the sample once it was changed.
std::vector<std::string> found(const std::function<void(ModelServing&)>& change) {
  ModelServing serving = sample();
  change(serving);
  return texts(validate(serving));
}

std::vector<std::string> found_in_config(kube::IntOrString down, kube::IntOrString partition,
                                         std::optional<kube::IntOrString> surge = {}) {
  return found([&](ModelServing& m) {
    m.spec.replicas = 3;
    auto& config = *m.spec.rollout_strategy->rolling_update_configuration;
    config = {.max_unavailable = down, .max_surge = surge, .partition = partition};
  });
}

void use_role_update(ModelServing& m) {
  m.spec.rollout_strategy = RolloutStrategy{.type = RolloutType::RoleRollingUpdate};
  m.spec.group.roles[0].replicas = 3;
}

std::vector<std::string> found_in_role(std::optional<kube::IntOrString> down,
                                       std::optional<kube::IntOrString> partition) {
  return found([&](ModelServing& m) {
    use_role_update(m);
    m.spec.group.roles[0].max_unavailable = down;
    m.spec.group.roles[0].partition = partition;
  });
}

const std::string kConfig = "spec.rolloutStrategy.rollingUpdateConfiguration";
const std::string kPercent =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')";
const std::string kLabelRule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

TEST(ModelServing, WritesWhatItReads) {
  const json::Value full = json::parse(kFull).value();
  const auto decoded = json::decode<ModelServing>(full);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), full);
  EXPECT_THAT(texts(validate(decoded.value)), IsEmpty());
}

TEST(ModelServing, HasTheDefaultsOfItsSchema) {
  const ModelServing m = object_of<ModelServing>(R"({"spec": {
    "plugins": [{"name": "lws-standard-labels"}],
    "rolloutStrategy": {"rollingUpdateConfiguration": {}},
    "template": {"networkTopology": {"rolePolicy": {}}, "roles": [
      {"name": "r", "workerReplicas": 0, "entryTemplate": {}}]}}})");
  EXPECT_EQ(m.spec.replicas, 1);
  EXPECT_EQ(m.spec.scheduler_name, "volcano");
  EXPECT_EQ(m.spec.recovery_policy, RecoveryPolicy::RoleRecreate);
  EXPECT_EQ(m.spec.group.restart_grace_period_seconds, 0);
  EXPECT_EQ(m.spec.group.network_topology->role_policy->mode, TopologyMode::Hard);
  EXPECT_EQ(m.spec.group.gang_policy, std::nullopt);
  const Role& role = m.spec.group.roles[0];
  EXPECT_EQ(role.replicas, 1);
  EXPECT_EQ(role.max_unavailable, kube::IntOrString{1});
  EXPECT_EQ(role.partition, std::nullopt);
  EXPECT_EQ(m.spec.rollout_strategy->type, RolloutType::ServingGroupRollingUpdate);
  const auto& config = *m.spec.rollout_strategy->rolling_update_configuration;
  EXPECT_EQ(config.max_unavailable, kube::IntOrString{1});
  EXPECT_EQ(config.partition, std::nullopt);
  EXPECT_EQ(config.max_surge, std::nullopt);
  EXPECT_EQ(m.spec.plugins[0].type, PluginType::BuiltIn);
}

TEST(ModelServing, IsHeldAgainstItsSchema) {
  const auto schema = [](std::string_view spec) {
    json::Value value;
    value.set("spec", json::parse(spec).value());
    return texts(json::decode<ModelServing>(value).problems);
  };
  EXPECT_THAT(schema("{}"), ElementsAre("spec.template: Required value"));
  EXPECT_THAT(schema(R"({"recoveryPolicy": "Never", "template": {"roles": []}})"),
              ElementsAre("spec.recoveryPolicy: Unsupported value: \"Never\": supported values: "
                          "\"ServingGroupRecreate\", \"RoleRecreate\", \"None\"",
                          "spec.template.roles: Invalid value: 0: spec.template.roles in body "
                          "should have at least 1 items"));
  EXPECT_THAT(
      schema(R"({"template": {"networkTopology": {"groupPolicy": {"highestTierAllowed": -1}},
                  "roles": [{}, {"name": "-prefill-decode", "workerReplicas": 0,
                             "entryTemplate": {}}]}})"),
      ElementsAre("spec.template.networkTopology.groupPolicy.highestTierAllowed: Invalid value: "
                  "-1: spec.template.networkTopology.groupPolicy.highestTierAllowed in body should "
                  "be greater than or equal to 0",
                  "spec.template.roles[0].entryTemplate: Required value",
                  "spec.template.roles[0].name: Required value",
                  "spec.template.roles[0].workerReplicas: Required value",
                  "spec.template.roles[1].name: Too long: may not be more than 12 bytes",
                  "spec.template.roles[1].name: Invalid value: \"-prefill-decode\": "
                  "spec.template.roles[1].name in body should match "
                  "'^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$'"));
  const std::string role = R"({"name": "r", "workerReplicas": 0, "entryTemplate": {}})";
  EXPECT_THAT(schema(R"({"template": {"roles": [)" + role + "," + role + "," + role + "," + role +
                     "," + role + "]}}"),
              ElementsAre("spec.template.roles: Too many: 5: must have at most 4 items"));
}

TEST(ModelServing, TakesTheSampleOfItsReference) {
  EXPECT_THAT(texts(validate(sample())), IsEmpty());
  EXPECT_THAT(found([](ModelServing& m) { m.spec.group.gang_policy.reset(); }), IsEmpty());
  EXPECT_THAT(found([](ModelServing& m) { m.spec.group.gang_policy.emplace(); }), IsEmpty());
  EXPECT_THAT(found([](ModelServing& m) { m.spec.rollout_strategy.reset(); }), IsEmpty());
}

TEST(ModelServing, WantsRolesToBeNamedOnce) {
  EXPECT_THAT(found([](ModelServing& m) {
                m.spec.group.gang_policy.reset();
                m.spec.group.roles[1].name = "prefill";
              }),
              ElementsAre("spec.template.roles: Invalid value: roles name must be unique"));
}

TEST(ModelServing, WantsTheLongestNameMadeOfItToFit) {
  const auto named = [](std::string name) {
    return found([&](ModelServing& m) {
      m.metadata.name = std::move(name);
      m.spec.replicas = 3;
      m.spec.group.gang_policy.reset();
      m.spec.group.roles.erase(m.spec.group.roles.begin() + 1);
      m.spec.group.roles[0].name = "role1";
      m.spec.group.roles[0].replicas = 3;
      m.spec.group.roles[0].worker_replicas = 2;
    });
  };
  EXPECT_THAT(named("valid-name"), IsEmpty());
  EXPECT_THAT(named(std::string(51, 'a')), IsEmpty());  // 51 + "-3-role1-3-2" are 63
  const std::string long_name(75, 'a');
  EXPECT_THAT(named(long_name),
              ElementsAre("metadata.name: Invalid value: \"" + long_name +
                          "\": invalid name: must be no more than 63 characters"));
  EXPECT_THAT(named("1a"),
              ElementsAre("metadata.name: Invalid value: \"1a\": invalid name: " + kLabelRule));
  EXPECT_THAT(named(std::string(75, 'A')),
              ElementsAre("metadata.name: Invalid value: \"" + std::string(75, 'A') +
                          "\": invalid name: must be no more than 63 characters; " + kLabelRule));
}

TEST(ModelServing, WantsRoleNamesThatFitIntoHostNames) {
  for (const std::string name : {"Prefill", "1role", "role-"}) {
    EXPECT_THAT(found([&](ModelServing& m) {
                  m.spec.group.gang_policy.reset();
                  m.spec.group.roles[1].name = name;
                }),
                ::testing::Contains("spec.template.roles[1].name: Invalid value: \"" + name +
                                    "\": role name must be a valid DNS-1035 label (lowercase "
                                    "alphanumeric characters or '-', must start with a letter): " +
                                    kLabelRule))
        << name;
  }
}

TEST(ModelServing, WantsImagesWithoutBlanks) {
  const auto with_image = [](std::string image) {
    return found([&](ModelServing& m) {
      for (PodTemplate* pod :
           {&m.spec.group.roles[0].entry_template, &*m.spec.group.roles[0].worker_template}) {
        pod->spec.find("containers")->as_array()[0].set("image", image);
      }
    });
  };
  EXPECT_THAT(with_image(""), IsEmpty());
  const std::string entry =
      "spec.template.roles[0].entryTemplate.spec.containers[0].image: Invalid value: ";
  const std::string worker =
      "spec.template.roles[0].workerTemplate.spec.containers[0].image: Invalid value: ";
  const std::string spaces =
      "\"a b\": invalid container image reference: image cannot contain spaces";
  const std::string blank =
      R"(" \t": invalid container image reference: image cannot be empty or whitespace only)";
  EXPECT_THAT(with_image("a b"), ElementsAre(entry + spaces, worker + spaces));
  EXPECT_THAT(with_image(" \t"), ElementsAre(entry + blank, worker + blank));
}

TEST(ModelServing, WantsReplicasThatAreCounts) {
  EXPECT_THAT(found([](ModelServing& m) {
                m.metadata.name = std::string(75, 'a');
                m.spec.replicas.reset();
                m.spec.group.gang_policy.reset();
                m.spec.group.roles[0].replicas.reset();
                m.spec.group.roles[1].replicas = -1;
              }),
              ElementsAre(HasSubstr("invalid name: must be no more than 63 characters"),
                          HasSubstr("invalid name: must be no more than 63 characters"),
                          "spec.replicas: Invalid value: null: replicas must be a non-negative "
                          "integer",
                          "spec.template.roles[0].replicas: Invalid value: null: role replicas "
                          "must be a non-negative integer",
                          "spec.template.roles[1].replicas: Invalid value: -1: role replicas must "
                          "be a non-negative integer"));
  EXPECT_THAT(found([](ModelServing& m) {
                m.spec.group.gang_policy.reset();
                m.spec.group.roles.clear();
              }),
              ElementsAre("spec.template.roles: Invalid value: null: roles must be specified"));
  EXPECT_THAT(texts(validate(ModelServing{})),
              ::testing::Contains("spec.replicas: Invalid value: null: replicas must be a "
                                  "non-negative integer"));
}

TEST(ModelServing, TakesLimitsOfARollingUpdateOfGroups) {
  for (const kube::IntOrString& partition :
       std::vector<kube::IntOrString>{{1}, {3}, {5}, {0}, {"50%"}, {"0%"}, {"100%"}}) {
    EXPECT_THAT(found_in_config({1}, partition), IsEmpty());
  }
  for (const kube::IntOrString& down :
       std::vector<kube::IntOrString>{{1}, {4}, {"34%"}, {"100%"}}) {
    EXPECT_THAT(found_in_config(down, {0}), IsEmpty());
  }
}

TEST(ModelServing, RefusesLimitsOfGroupsThatAreNoCounts) {
  EXPECT_THAT(found_in_config({"invalid"}, {0}),
              ElementsAre(kConfig + ".maxUnavailable: Invalid value: \"invalid\": " + kPercent,
                          kConfig + ".maxUnavailable: Invalid value: \"invalid\": invalid "
                                    "maxUnavailable: invalid value for IntOrString: invalid type: "
                                    "string is not a percentage"));
  EXPECT_THAT(
      found_in_config({-1}, {-1}),
      ElementsAre(kConfig + ".maxUnavailable: Invalid value: -1: must be a non-negative integer",
                  kConfig + ".partition: Invalid value: -1: must be a non-negative integer"));
  EXPECT_THAT(
      found_in_config({"101%"}, {"110%"}),
      ElementsAre(
          kConfig + ".maxUnavailable: Invalid value: \"101%\": must be a valid percent value "
                    "(0-100)",
          kConfig + ".partition: Invalid value: \"110%\": must be a valid percent value (0-100)"));
  EXPECT_THAT(found_in_config({1}, {"half"}),
              ElementsAre(kConfig + ".partition: Invalid value: \"half\": " + kPercent));
  const std::string zero = kConfig + ": Invalid value: \"\": maxUnavailable cannot be 0";
  EXPECT_THAT(found_in_config({0}, {0}), ElementsAre(zero));
  EXPECT_THAT(found_in_config({"33%"}, {0}), ElementsAre(zero));
}

TEST(ModelServing, MayKeepAllGroupsUpWithASurge) {
  EXPECT_THAT(found_in_config({0}, {0}, kube::IntOrString{1}), IsEmpty());
  EXPECT_THAT(found_in_config({"0%"}, {0}, kube::IntOrString{"1%"}), IsEmpty());
  EXPECT_THAT(found_in_config({1}, {0}, kube::IntOrString{"200%"}), IsEmpty());
  EXPECT_THAT(found_in_config({0}, {0}, kube::IntOrString{"0%"}),
              ElementsAre(kConfig + ": Invalid value: \"\": maxUnavailable cannot be 0"));
  EXPECT_THAT(found_in_config({1}, {0}, kube::IntOrString{-1}),
              ElementsAre(kConfig + ".maxSurge: Invalid value: -1: must be a non-negative "
                                    "integer"));
  EXPECT_THAT(found_in_config({0}, {0}, kube::IntOrString{"some"}),
              ElementsAre(kConfig + ".maxSurge: Invalid value: \"some\": " + kPercent,
                          kConfig + ".maxSurge: Invalid value: \"some\": invalid maxSurge: invalid "
                                    "value for IntOrString: invalid type: string is not a "
                                    "percentage"));
}

TEST(ModelServing, KeepsTheLimitsOfTheTwoStrategiesApart) {
  EXPECT_THAT(found([](ModelServing& m) {
                m.spec.rollout_strategy->type = RolloutType::RoleRollingUpdate;
              }),
              ElementsAre(kConfig + ": Forbidden: rollingUpdateConfiguration is only valid when "
                                    "rolloutStrategy.type is ServingGroupRollingUpdate"));
  EXPECT_THAT(found([](ModelServing& m) {
                m.spec.group.roles[1].partition = kube::IntOrString{1};
                m.spec.group.roles[1].max_unavailable = kube::IntOrString{9};  // not read
              }),
              ElementsAre("spec.template.roles[1].partition: Forbidden: partition is only valid "
                          "when rolloutStrategy.type is RoleRollingUpdate"));
}

TEST(ModelServing, ChecksTheLimitsOfARollingUpdateOfRoles) {
  const std::string at = "spec.template.roles[0].";
  EXPECT_THAT(found_in_role(kube::IntOrString{3}, kube::IntOrString{"50%"}), IsEmpty());
  EXPECT_THAT(found_in_role(std::nullopt, kube::IntOrString{9}), IsEmpty());
  EXPECT_THAT(
      found_in_role(kube::IntOrString{"0%"}, std::nullopt),
      ElementsAre(at + "maxUnavailable: Invalid value: \"0%\": maxUnavailable cannot be 0"));
  EXPECT_THAT(found_in_role(kube::IntOrString{4}, kube::IntOrString{"110%"}),
              ElementsAre(at + "partition: Invalid value: \"110%\": must be a valid percent value "
                               "(0-100)",
                          at + "maxUnavailable: Invalid value: 4: maxUnavailable cannot be greater "
                               "than replicas (3)"));
  EXPECT_THAT(
      found_in_role(kube::IntOrString{"x"}, kube::IntOrString{-2}),
      ElementsAre(at + "partition: Invalid value: -2: must be a non-negative integer",
                  at + "maxUnavailable: Invalid value: \"x\": " + kPercent,
                  at + "maxUnavailable: Invalid value: \"x\": invalid maxUnavailable: invalid "
                       "value for IntOrString: invalid type: string is not a percentage"));
}

TEST(ModelServing, WantsAGangThatTheRolesCanForm) {
  const std::string at = "spec.template.gangPolicy.minRoleReplicas";
  EXPECT_THAT(
      found([](ModelServing& m) {
        m.spec.group.gang_policy->min_role_replicas =
            MinRoleReplicas{{"decode", -1}, {"other", 1}, {"prefill", 3}};
      }),
      ElementsAre(at + "[decode]: Invalid value: -1: minRoleReplicas for role decode must be "
                       "non-negative",
                  at + "[other]: Invalid value: \"other\": role other does not exist in "
                       "template.roles",
                  at + "[prefill]: Invalid value: 3: minRoleReplicas (3) for role prefill cannot "
                       "exceed replicas (2)"));
}

TEST(ModelServing, WantsATemplateForItsWorkers) {
  EXPECT_THAT(found([](ModelServing& m) {
                m.spec.group.roles[0].worker_replicas = -1;
                m.spec.group.roles[1].worker_replicas = 2;
              }),
              ElementsAre("spec.template.roles[0].workerReplicas: Invalid value: -1: "
                          "workerReplicas must be a non-negative integer",
                          "spec.template.roles[1].workerTemplate: Required value: workerTemplate "
                          "is required when workerReplicas is greater than 0"));
}

TEST(ModelServing, RefusesTheOnePairOfRecoveryAndRolloutThatDisagrees) {
  for (const RecoveryPolicy recovery :
       {RecoveryPolicy::ServingGroupRecreate, RecoveryPolicy::RoleRecreate, RecoveryPolicy::None}) {
    EXPECT_THAT(found([&](ModelServing& m) { m.spec.recovery_policy = recovery; }), IsEmpty());
    const auto by_role = found([&](ModelServing& m) {
      use_role_update(m);
      m.spec.recovery_policy = recovery;
    });
    if (recovery != RecoveryPolicy::ServingGroupRecreate) {
      EXPECT_THAT(by_role, IsEmpty());
      continue;
    }
    EXPECT_THAT(
        by_role,
        ElementsAre("spec.rolloutStrategy.type: Invalid value: \"RoleRollingUpdate\": incompatible "
                    "recoveryPolicy and rolloutStrategy.type after applying defaults: "
                    "recoveryPolicy=ServingGroupRecreate, rolloutStrategy.type=RoleRollingUpdate; "
                    "valid pairs: (ServingGroupRecreate,ServingGroupRollingUpdate) or "
                    "(RoleRecreate,RoleRollingUpdate)"));
  }
}

}  // namespace
}  // namespace kthena::api::workload
