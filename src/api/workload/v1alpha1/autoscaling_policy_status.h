// What the autoscaler reports of a policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "kube/meta/condition.h"
#include "kube/meta/scalars.h"

namespace kthena::api::workload {

struct TargetScalingStatus {
  std::string name;
  std::int32_t current_replicas = 0;
  std::int32_t desired_replicas = 0;
  std::string mode;
  std::optional<kube::Time> last_scale_time;

  static constexpr auto fields() {
    using namespace json::field;
    using S = TargetScalingStatus;
    return std::tuple{
        json::Field{"currentReplicas", &S::current_replicas, "Replicas that were there.", required},
        json::Field{"desiredReplicas", &S::desired_replicas,
                    "Replicas recommended, before behavior and ratio.", required},
        json::Field{"lastScaleTime", &S::last_scale_time,
                    "When the number of replicas last changed."},
        json::Field{"mode", &S::mode, "Stable or Panic."},
        json::Field{"name", &S::name, "The target or role."},
    };
  }
  friend bool operator==(const TargetScalingStatus&, const TargetScalingStatus&) = default;
};

struct RatioStatus {
  std::string numerator_role;
  std::string denominator_role;
  std::string current_ratio;

  static constexpr auto fields() {
    using namespace json::field;
    using S = RatioStatus;
    return std::tuple{
        json::Field{"currentRatio", &S::current_ratio, "The ratio that was there."},
        json::Field{"denominatorRole", &S::denominator_role, "The role that is divided by.",
                    required},
        json::Field{"numeratorRole", &S::numerator_role, "The role that is divided.", required},
    };
  }
  friend bool operator==(const RatioStatus&, const RatioStatus&) = default;
};

struct DisaggregatedStatus {
  std::vector<TargetScalingStatus> roles;
  std::optional<RatioStatus> ratio_status;
  std::optional<bool> ratio_adjusted;

  static constexpr auto fields() {
    using namespace json::field;
    using S = DisaggregatedStatus;
    return std::tuple{
        json::Field{"ratioAdjusted", &S::ratio_adjusted,
                    "Whether the ratio changed a recommendation."},
        json::Field{"ratioStatus", &S::ratio_status, "The ratio of the two roles."},
        json::Field{"roles", &S::roles, "One entry a role.", required},
    };
  }
  friend bool operator==(const DisaggregatedStatus&, const DisaggregatedStatus&) = default;
};

struct AutoscalingPolicyStatus {
  std::int64_t observed_generation = 0;
  std::vector<kube::Condition> conditions;
  std::optional<TargetScalingStatus> homogeneous_status;
  std::vector<TargetScalingStatus> heterogeneous_status;
  std::optional<DisaggregatedStatus> disaggregated_status;

  static constexpr auto fields() {
    using namespace json::field;
    using S = AutoscalingPolicyStatus;
    return std::tuple{
        json::Field{"conditions", &S::conditions, "Ready, TargetFound, RatioConstraintViolated.",
                    map_list("type")},
        json::Field{"disaggregatedStatus", &S::disaggregated_status, "Of a disaggregated target."},
        json::Field{"heterogeneousStatus", &S::heterogeneous_status, "Of a heterogeneous target."},
        json::Field{"homogeneousStatus", &S::homogeneous_status, "Of a homogeneous target."},
        json::Field{"observedGeneration", &S::observed_generation,
                    "The metadata.generation the status speaks of."},
    };
  }
  friend bool operator==(const AutoscalingPolicyStatus&, const AutoscalingPolicyStatus&) = default;
};

}  // namespace kthena::api::workload
