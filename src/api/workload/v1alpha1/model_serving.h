// ModelServing: equal groups of pods that answer requests together, each group made of roles such
// as prefill and decode.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "api/workload/v1alpha1/pod_template.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/condition.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::api::workload {

enum class PluginType : std::uint8_t { BuiltIn };
constexpr auto enum_names(PluginType) {
  return std::array{json::EnumName{PluginType::BuiltIn, "BuiltIn"}};
}

/// Which pods a plugin sees; all of them where nothing is said.
struct PluginScope {
  std::vector<std::string> roles;
  std::string target;  ///< "All", "Entry" or "Worker"; the schema takes any text

  static constexpr auto fields() {
    using P = PluginScope;
    return std::tuple{
        json::Field{"roles", &P::roles, "The roles whose pods the plugin sees; all if empty."},
        json::Field{"target", &P::target,
                    "All, Entry or Worker: which pods of a role the plugin sees; all if empty."},
    };
  }
  friend bool operator==(const PluginScope&, const PluginScope&) = default;
};

/// Changes pods before they are created, or acts when they are ready.
struct Plugin {
  std::string name;
  PluginType type = PluginType::BuiltIn;
  json::Value config;  ///< null if absent
  std::optional<PluginScope> scope;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"config", &Plugin::config, "Settings, as the plugin defines them."},
        json::Field{"name", &Plugin::name, "Which plugin: demo-pod-tweaks or lws-standard-labels.",
                    required},
        json::Field{"scope", &Plugin::scope, "Which pods the plugin sees; all if absent."},
        json::Field{"type", &Plugin::type, "Where the plugin comes from.", required, defaulted},
    };
  }
  friend bool operator==(const Plugin&, const Plugin&) = default;
};

/// The number of role replicas, by role, without which none of a group's pods is placed.
using MinRoleReplicas = std::map<std::string, std::int32_t, std::less<>>;

struct GangPolicy {
  std::optional<MinRoleReplicas> min_role_replicas;

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{json::Field{
        "minRoleReplicas", &GangPolicy::min_role_replicas,
        "How many replicas of each role must fit at once before any pod of a group is placed; all "
        "of them for roles that are not named.",
        immutable("minRoleReplicas is immutable")}};
  }
  friend bool operator==(const GangPolicy&, const GangPolicy&) = default;
};

enum class TopologyMode : std::uint8_t { Hard, Soft };
constexpr auto enum_names(TopologyMode) {
  return std::array{json::EnumName{TopologyMode::Hard, "hard"},
                    json::EnumName{TopologyMode::Soft, "soft"}};
}

/// How close pods are placed in the network; Volcano's terms.
struct TopologySpec {
  TopologyMode mode = TopologyMode::Hard;
  std::optional<std::int64_t> highest_tier_allowed;
  std::string highest_tier_name;

  static constexpr auto fields() {
    using namespace json::field;
    using T = TopologySpec;
    return std::tuple{
        json::Field{"highestTierAllowed", &T::highest_tier_allowed,
                    "The highest tier of switches the pods may be spread over.", minimum(0)},
        json::Field{"highestTierName", &T::highest_tier_name,
                    "The same by the tier's name; set one of the two.", max_length(253)},
        json::Field{"mode", &T::mode, "hard: the pods wait until they fit; soft: best effort.",
                    defaulted},
    };
  }
  friend bool operator==(const TopologySpec&, const TopologySpec&) = default;
};

struct NetworkTopology {
  std::optional<TopologySpec> group_policy;
  std::optional<TopologySpec> role_policy;

  static constexpr auto fields() {
    using N = NetworkTopology;
    return std::tuple{
        json::Field{"groupPolicy", &N::group_policy, "For all pods of a group together."},
        json::Field{"rolePolicy", &N::role_policy, "For the pods of each role replica."},
    };
  }
  friend bool operator==(const NetworkTopology&, const NetworkTopology&) = default;
};

/// One role of a group; each of its replicas is an entry pod and its workers.
struct Role {
  std::string name;
  std::optional<std::int32_t> replicas;  ///< 1 after defaulting
  PodTemplate entry_template;
  std::int32_t worker_replicas = 0;
  std::optional<PodTemplate> worker_template;
  std::optional<kube::IntOrString> max_unavailable;  ///< 1 after defaulting
  std::optional<kube::IntOrString> partition;

  std::int32_t replicas_or_default() const { return replicas.value_or(1); }

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"entryTemplate", &Role::entry_template,
                    "The pod that takes the requests of a role replica.", required},
        json::Field{"maxUnavailable", &Role::max_unavailable,
                    "How many replicas of the role a rolling update may hold down at a time: a "
                    "number or a percentage, rounded down. Counts with RoleRollingUpdate only.",
                    default_integer(1)},
        json::Field{"name", &Role::name, "The role's name, unique in the group.", required,
                    max_length(12), pattern("^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$")},
        json::Field{"partition", &Role::partition,
                    "How many of the role's first replicas a rolling update leaves as they are: a "
                    "number or a percentage, rounded up. With RoleRollingUpdate only."},
        json::Field{"replicas", &Role::replicas, "How often the role is there in each group.",
                    default_integer(1)},
        json::Field{"workerReplicas", &Role::worker_replicas,
                    "Worker pods beside the entry pod of each role replica.", required},
        json::Field{"workerTemplate", &Role::worker_template,
                    "The workers' pod; needed if there are workers."},
    };
  }
  friend bool operator==(const Role&, const Role&) = default;
};

struct ServingGroup {
  std::int64_t restart_grace_period_seconds = 0;
  std::optional<GangPolicy> gang_policy;
  std::optional<NetworkTopology> network_topology;
  std::vector<Role> roles;

  const Role* find_role(std::string_view name) const;

  static constexpr auto fields() {
    using namespace json::field;
    using G = ServingGroup;
    return std::tuple{
        json::Field{"gangPolicy", &G::gang_policy, "What must fit before any pod is placed."},
        json::Field{"networkTopology", &G::network_topology,
                    "How close to each other the pods are placed."},
        json::Field{"restartGracePeriodSeconds", &G::restart_grace_period_seconds,
                    "How long a failed pod may take to heal before it is deleted; 0: at once.",
                    defaulted},
        json::Field{
            "roles", &G::roles, "The roles of a group.", required, min_items(1), max_items(4),
            cel("self.all(x, self.exists_one(y, y.name == x.name))", "roles name must be unique")},
    };
  }
  friend bool operator==(const ServingGroup&, const ServingGroup&) = default;
};

enum class RolloutType : std::uint8_t { ServingGroupRollingUpdate, RoleRollingUpdate };
constexpr auto enum_names(RolloutType) {
  return std::array{
      json::EnumName{RolloutType::ServingGroupRollingUpdate, "ServingGroupRollingUpdate"},
      json::EnumName{RolloutType::RoleRollingUpdate, "RoleRollingUpdate"}};
}

/// Of a rolling update of whole groups.
struct RollingUpdateConfiguration {
  std::optional<kube::IntOrString> max_unavailable;  ///< 1 after defaulting
  std::optional<kube::IntOrString> max_surge;        ///< none if absent
  std::optional<kube::IntOrString> partition;        ///< 0 if absent

  static constexpr auto fields() {
    using namespace json::field;
    using R = RollingUpdateConfiguration;
    return std::tuple{
        json::Field{"maxSurge", &R::max_surge,
                    "How many groups may be there beside the wanted ones while an update runs: a "
                    "number or a percentage of them, rounded up; none if absent."},
        json::Field{"maxUnavailable", &R::max_unavailable,
                    "How many groups may be down at a time: a number or a percentage of the "
                    "wanted ones, rounded down.",
                    default_integer(1)},
        json::Field{"partition", &R::partition,
                    "How many of the first groups are left as they are: a number or a percentage, "
                    "rounded up."},
    };
  }
  friend bool operator==(const RollingUpdateConfiguration&,
                         const RollingUpdateConfiguration&) = default;
};

struct RolloutStrategy {
  RolloutType type = RolloutType::ServingGroupRollingUpdate;
  std::optional<RollingUpdateConfiguration> rolling_update_configuration;

  static constexpr auto fields() {
    using namespace json::field;
    using R = RolloutStrategy;
    return std::tuple{
        json::Field{"rollingUpdateConfiguration", &R::rolling_update_configuration,
                    "Limits of ServingGroupRollingUpdate."},
        json::Field{"type", &R::type,
                    "ServingGroupRollingUpdate replaces whole groups, RoleRollingUpdate only the "
                    "roles that changed.",
                    required, defaulted},
    };
  }
  friend bool operator==(const RolloutStrategy&, const RolloutStrategy&) = default;
};

enum class RecoveryPolicy : std::uint8_t { ServingGroupRecreate, RoleRecreate, None };
constexpr auto enum_names(RecoveryPolicy) {
  return std::array{json::EnumName{RecoveryPolicy::ServingGroupRecreate, "ServingGroupRecreate"},
                    json::EnumName{RecoveryPolicy::RoleRecreate, "RoleRecreate"},
                    json::EnumName{RecoveryPolicy::None, "None"}};
}

struct ModelServingSpec {
  std::optional<std::int32_t> replicas;  ///< 1 after defaulting
  std::string scheduler_name = "volcano";
  std::vector<Plugin> plugins;
  ServingGroup group;
  std::optional<RolloutStrategy> rollout_strategy;
  RecoveryPolicy recovery_policy = RecoveryPolicy::RoleRecreate;

  std::int32_t replicas_or_default() const { return replicas.value_or(1); }
  RolloutType rollout_type() const {
    return rollout_strategy ? rollout_strategy->type : RolloutType::ServingGroupRollingUpdate;
  }

  static constexpr auto fields() {
    using namespace json::field;
    using S = ModelServingSpec;
    return std::tuple{
        json::Field{"plugins", &S::plugins, "Change the pods, in this order."},
        json::Field{"recoveryPolicy", &S::recovery_policy,
                    "What is replaced when a pod fails: its group, its role replica, or the pod "
                    "alone.",
                    defaulted},
        json::Field{"replicas", &S::replicas, "How many groups there are.", default_integer(1)},
        json::Field{"rolloutStrategy", &S::rollout_strategy, "How changes reach the pods."},
        json::Field{"schedulerName", &S::scheduler_name,
                    "The scheduler of all pods; with volcano, groups are placed as a gang.",
                    defaulted},
        json::Field{"template", &S::group, "What each group is made of.", required,
                    cel("!has(oldSelf.gangPolicy) || has(self.gangPolicy)",
                        "gangPolicy is required once set")},
    };
  }
  friend bool operator==(const ModelServingSpec&, const ModelServingSpec&) = default;
};

struct ModelServingStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0;
  std::int32_t current_replicas = 0;
  std::int32_t updated_replicas = 0;
  std::int32_t available_replicas = 0;
  std::string current_revision;
  std::string update_revision;
  std::vector<kube::Condition> conditions;
  std::string label_selector;

  static constexpr auto fields() {
    using namespace json::field;
    using S = ModelServingStatus;
    return std::tuple{
        json::Field{"availableReplicas", &S::available_replicas, "Groups that run."},
        json::Field{"conditions", &S::conditions,
                    "Available, Progressing, UpdateInProgress, RolloutStalled.", map_list("type")},
        json::Field{"currentReplicas", &S::current_replicas,
                    "Groups that are not at the update revision."},
        json::Field{"currentRevision", &S::current_revision,
                    "The revision of the groups that are not updated yet."},
        json::Field{"labelSelector", &S::label_selector,
                    "Selects one pod of each group, for autoscalers."},
        json::Field{"observedGeneration", &S::observed_generation,
                    "The metadata.generation the status speaks of."},
        json::Field{"replicas", &S::replicas, "Groups that are there, also those being deleted."},
        json::Field{"updateRevision", &S::update_revision, "The revision of the present spec."},
        json::Field{"updatedReplicas", &S::updated_replicas,
                    "Groups at the update revision, ready or not."},
    };
  }
  friend bool operator==(const ModelServingStatus&, const ModelServingStatus&) = default;
};

struct ModelServing {
  kube::ObjectMeta metadata;
  ModelServingSpec spec;
  ModelServingStatus status;

  static constexpr std::array kColumns{
      kube::PrinterColumn{.name = "Replicas", .type = "integer", .json_path = ".status.replicas"},
      kube::PrinterColumn{
          .name = "Available", .type = "integer", .json_path = ".status.availableReplicas"},
      kube::PrinterColumn{
          .name = "Updated", .type = "integer", .json_path = ".status.updatedReplicas"},
      kube::PrinterColumn{
          .name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  static constexpr kube::ResourceType kResource{
      .api_version = "workload.serving.volcano.sh/v1alpha1",
      .kind = "ModelServing",
      .plural = "modelservings",
      .singular = "modelserving",
      .columns = kColumns,
      .scale = kube::ScalePaths{.spec_replicas = ".spec.replicas",
                                .status_replicas = ".status.replicas",
                                .label_selector = ".status.labelSelector"},
      .help =
          "Groups of pods that serve a model together, their roles, and how they are placed, "
          "updated and healed."};
  static constexpr auto fields() {
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &ModelServing::metadata},
        json::Field{"spec", &ModelServing::spec, "What is wanted."},
        json::Field{"status", &ModelServing::status, "What was observed."},
    };
  }
  friend bool operator==(const ModelServing&, const ModelServing&) = default;
};

/// What the schema cannot check and the reference's webhook refuses, in its words and order; then
/// further checks of ours as warnings. Of an object whose defaults are filled in: absent replicas
/// are an error.
/// Source: docs/reference/modelserving.md#validation
std::vector<json::Problem> validate(const ModelServing& serving);

/// The same for a change. Limits that did not change, and which only a changed number of replicas
/// breaks, are warnings: they are clamped when they are used. What must not change is an error.
std::vector<json::Problem> validate_update(const ModelServing& before, const ModelServing& after);

}  // namespace kthena::api::workload

KTHENA_JSON_EXTERN_TYPE(kthena::api::workload::ModelServing);
KTHENA_JSON_EXTERN_TYPE(kthena::api::workload::PodTemplate);
