// LeaderWorkerSet of its own project, the part we use: groups of one leader and its workers, each
// of which we run as a ModelServing. Source:
// https://lws.sigs.k8s.io/docs/reference/leaderworkerset.v1/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/condition.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::api::leaderworkerset {

struct LeaderWorkerTemplate {
  json::Value leader_template;  ///< null: the leader is like a worker
  json::Value worker_template;
  std::optional<std::int32_t> size;  ///< pods of a group with the leader; 1 if absent
  std::string restart_policy;
  json::Value sub_group_policy;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using T = LeaderWorkerTemplate;
    return std::tuple{json::Field{"leaderTemplate", &T::leader_template, shape("PodTemplateSpec")},
                      json::Field{"workerTemplate", &T::worker_template, shape("PodTemplateSpec")},
                      json::Field{"size", &T::size},
                      json::Field{"restartPolicy", &T::restart_policy},
                      json::Field{"subGroupPolicy", &T::sub_group_policy}};
  }
  friend bool operator==(const LeaderWorkerTemplate&, const LeaderWorkerTemplate&) = default;
};

struct RollingUpdateConfiguration {
  std::optional<std::int32_t> partition;
  std::optional<kube::IntOrString> max_unavailable;
  std::optional<kube::IntOrString> max_surge;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using R = RollingUpdateConfiguration;
    return std::tuple{json::Field{"partition", &R::partition},
                      json::Field{"maxUnavailable", &R::max_unavailable},
                      json::Field{"maxSurge", &R::max_surge}};
  }
  friend bool operator==(const RollingUpdateConfiguration&,
                         const RollingUpdateConfiguration&) = default;
};

struct RolloutStrategy {
  std::string type;
  std::optional<RollingUpdateConfiguration> rolling_update_configuration;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using R = RolloutStrategy;
    return std::tuple{json::Field{"type", &R::type},
                      json::Field{"rollingUpdateConfiguration", &R::rolling_update_configuration}};
  }
  friend bool operator==(const RolloutStrategy&, const RolloutStrategy&) = default;
};

struct LeaderWorkerSetSpec {
  std::optional<std::int32_t> replicas;  ///< 1 if absent
  LeaderWorkerTemplate leader_worker_template;
  std::optional<RolloutStrategy> rollout_strategy;
  std::string startup_policy;
  json::Value network_config;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = LeaderWorkerSetSpec;
    return std::tuple{json::Field{"replicas", &S::replicas},
                      json::Field{"leaderWorkerTemplate", &S::leader_worker_template},
                      json::Field{"rolloutStrategy", &S::rollout_strategy},
                      json::Field{"startupPolicy", &S::startup_policy},
                      json::Field{"networkConfig", &S::network_config}};
  }
  friend bool operator==(const LeaderWorkerSetSpec&, const LeaderWorkerSetSpec&) = default;
};

struct LeaderWorkerSetStatus {
  std::int32_t replicas = 0;
  std::int32_t ready_replicas = 0;
  std::int32_t updated_replicas = 0;
  std::string hpa_pod_selector;
  std::vector<kube::Condition> conditions;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using S = LeaderWorkerSetStatus;
    return std::tuple{json::Field{"replicas", &S::replicas},
                      json::Field{"readyReplicas", &S::ready_replicas},
                      json::Field{"updatedReplicas", &S::updated_replicas},
                      json::Field{"hpaPodSelector", &S::hpa_pod_selector},
                      json::Field{"conditions", &S::conditions, map_list("type")}};
  }
  friend bool operator==(const LeaderWorkerSetStatus&, const LeaderWorkerSetStatus&) = default;
};

struct LeaderWorkerSet {
  kube::ObjectMeta metadata;
  LeaderWorkerSetSpec spec;
  LeaderWorkerSetStatus status;

  static constexpr kube::ResourceType kResource{
      .api_version = "leaderworkerset.x-k8s.io/v1",
      .kind = "LeaderWorkerSet",
      .plural = "leaderworkersets",
      .singular = "leaderworkerset",
      .scale = kube::ScalePaths{.spec_replicas = ".spec.replicas",
                                .status_replicas = ".status.replicas",
                                .label_selector = ".status.hpaPodSelector"}};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", kResource.api_version},
                      json::Constant{"kind", kResource.kind},
                      json::Field{"metadata", &LeaderWorkerSet::metadata},
                      json::Field{"spec", &LeaderWorkerSet::spec},
                      json::Field{"status", &LeaderWorkerSet::status}};
  }
  friend bool operator==(const LeaderWorkerSet&, const LeaderWorkerSet&) = default;
};

}  // namespace kthena::api::leaderworkerset

KTHENA_JSON_EXTERN_TYPE(kthena::api::leaderworkerset::LeaderWorkerSet);
