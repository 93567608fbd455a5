// AutoscalingPolicyBinding: the old way to say which ModelServing an AutoscalingPolicy scales. It
// is read, and turned into a policy that says so itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/references.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/reference.h"
#include "kube/meta/resource.h"
#include "kube/meta/selector.h"

namespace kthena::api::workload {

struct PolicyReference {
  std::string name;

  static constexpr auto fields() {
    return std::tuple{json::Field{"name", &PolicyReference::name,
                                  "An AutoscalingPolicy of the same namespace.",
                                  json::field::defaulted}};
  }
  friend bool operator==(const PolicyReference&, const PolicyReference&) = default;
};

/// A part of the target that is scaled instead of the whole.
struct SubTarget {
  std::string kind;
  std::string name;

  static constexpr auto fields() {
    return std::tuple{
        json::Field{"kind", &SubTarget::kind, "Role."},
        json::Field{"name", &SubTarget::name, "The name of the role."},
    };
  }
  friend bool operator==(const SubTarget&, const SubTarget&) = default;
};

/// Where all metrics are.
struct MetricEndpoint {
  std::string uri = "/metrics";
  std::int32_t port = 8100;
  std::optional<kube::LabelSelector> label_selector;

  static constexpr auto fields() {
    using namespace json::field;
    using E = MetricEndpoint;
    return std::tuple{
        json::Field{"labelSelector", &E::label_selector, "Which of the target's pods are asked.",
                    atomic_map},
        json::Field{"port", &E::port, "Port of the exposition.", defaulted},
        json::Field{"uri", &E::uri, "Path of the exposition.", defaulted},
    };
  }
  friend bool operator==(const MetricEndpoint&, const MetricEndpoint&) = default;
};

struct BindingTarget {
  kube::ObjectReference target_ref;
  std::optional<SubTarget> sub_target;
  MetricEndpoint metric_endpoint;

  static constexpr auto fields() {
    using namespace json::field;
    using T = BindingTarget;
    return std::tuple{
        json::Field{"metricEndpoint", &T::metric_endpoint, "Where all metrics come from."},
        json::Field{"subTargets", &T::sub_target, "The role that is scaled instead of the groups."},
        json::Field{"targetRef", &T::target_ref, "The ModelServing that is scaled.", required,
                    atomic_map},
    };
  }
  friend bool operator==(const BindingTarget&, const BindingTarget&) = default;
};

struct HomogeneousBinding {
  BindingTarget target;
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 0;

  static constexpr auto fields() {
    using namespace json::field;
    using H = HomogeneousBinding;
    return std::tuple{
        json::Field{"maxReplicas", &H::max_replicas, "The most replicas.", required, minimum(1),
                    maximum(kMaxReplicas)},
        json::Field{"minReplicas", &H::min_replicas, "The fewest replicas.", required, minimum(0),
                    maximum(kMaxReplicas)},
        json::Field{"target", &H::target, "What is scaled."},
    };
  }
  friend bool operator==(const HomogeneousBinding&, const HomogeneousBinding&) = default;
};

struct HeterogeneousBindingParam {
  BindingTarget target;
  std::int32_t cost = 0;
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 0;

  static constexpr auto fields() {
    using namespace json::field;
    using P = HeterogeneousBindingParam;
    return std::tuple{
        json::Field{"cost", &P::cost, "What one replica costs, relative to those of the others.",
                    minimum(0)},
        json::Field{"maxReplicas", &P::max_replicas, "The most replicas.", required, minimum(1),
                    maximum(kMaxReplicas)},
        json::Field{"minReplicas", &P::min_replicas, "The fewest replicas.", required, minimum(0),
                    maximum(kMaxReplicas)},
        json::Field{"target", &P::target, "What is scaled."},
    };
  }
  friend bool operator==(const HeterogeneousBindingParam&,
                         const HeterogeneousBindingParam&) = default;
};

struct HeterogeneousBinding {
  std::vector<HeterogeneousBindingParam> params;
  std::int32_t cost_expansion_rate_percent = 200;

  static constexpr auto fields() {
    using namespace json::field;
    using H = HeterogeneousBinding;
    return std::tuple{
        json::Field{"costExpansionRatePercent", &H::cost_expansion_rate_percent,
                    "How much more a larger step may cost than the cheapest one.", defaulted,
                    minimum(0)},
        json::Field{"params", &H::params, "The ModelServings among which replicas are shared out.",
                    min_items(1)},
    };
  }
  friend bool operator==(const HeterogeneousBinding&, const HeterogeneousBinding&) = default;
};

struct AutoscalingPolicyBindingSpec {
  PolicyReference policy_ref;
  std::optional<HomogeneousBinding> homogeneous_target;
  std::optional<HeterogeneousBinding> heterogeneous_target;

  static constexpr auto fields() {
    using namespace json::field;
    using S = AutoscalingPolicyBindingSpec;
    return std::tuple{
        json::Field{"heterogeneousTarget", &S::heterogeneous_target,
                    "Shares replicas out among several ModelServings."},
        json::Field{"homogeneousTarget", &S::homogeneous_target, "Scales one ModelServing."},
        json::Field{"policyRef", &S::policy_ref, "The policy that says by what and how fast.",
                    required, atomic_map},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{json::ObjectRule<AutoscalingPolicyBindingSpec>{
        "has(self.heterogeneousTarget) != has(self.homogeneousTarget)",
        "Either heterogeneousTarget or homogeneousTarget must be set, but not both.",
        [](const AutoscalingPolicyBindingSpec& s) {
          return s.heterogeneous_target.has_value() != s.homogeneous_target.has_value();
        }}};
  }
  friend bool operator==(const AutoscalingPolicyBindingSpec&,
                         const AutoscalingPolicyBindingSpec&) = default;
};

struct AutoscalingPolicyBindingStatus {
  static constexpr auto fields() { return std::tuple{}; }
  friend bool operator==(const AutoscalingPolicyBindingStatus&,
                         const AutoscalingPolicyBindingStatus&) = default;
};

struct AutoscalingPolicyBinding {
  kube::ObjectMeta metadata;
  AutoscalingPolicyBindingSpec spec;
  AutoscalingPolicyBindingStatus status;

  static constexpr std::array kColumns{kube::PrinterColumn{
      .name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  static constexpr kube::ResourceType kResource{
      .api_version = "workload.serving.volcano.sh/v1alpha1",
      .kind = "AutoscalingPolicyBinding",
      .plural = "autoscalingpolicybindings",
      .singular = "autoscalingpolicybinding",
      .columns = kColumns,
      .help = "Applies an AutoscalingPolicy to ModelServings.",
      .deprecation =
          "workload.serving.volcano.sh/v1alpha1 AutoscalingPolicyBinding is deprecated; "
          "name the target in the AutoscalingPolicy"};
  static constexpr auto fields() {
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &AutoscalingPolicyBinding::metadata},
        json::Field{"spec", &AutoscalingPolicyBinding::spec, "What is wanted."},
        json::Field{"status", &AutoscalingPolicyBinding::status, "What was observed."},
    };
  }
  friend bool operator==(const AutoscalingPolicyBinding&,
                         const AutoscalingPolicyBinding&) = default;
};

/// What the schema cannot check and the old webhook refused. Whether the policy exists is for those
/// to say who know it: references().
/// Source: docs/reference/autoscalingpolicybinding.md#validation
std::vector<json::Problem> validate(const AutoscalingPolicyBinding& binding);

/// Its policy, without which it is refused.
std::vector<Reference> references(const AutoscalingPolicyBinding& binding);

/// The policy with the binding's target in place of its own; each metric is read from the pods at
/// the binding's endpoint, under its own name. A role becomes a disaggregated target with that
/// role.
AutoscalingPolicySpec bind(const AutoscalingPolicyBinding& binding,
                           const AutoscalingPolicySpec& policy);

}  // namespace kthena::api::workload

KTHENA_JSON_EXTERN_TYPE(kthena::api::workload::AutoscalingPolicyBinding);
