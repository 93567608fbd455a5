// AutoscalingPolicy: by which metrics, between which bounds and how fast the replicas of
// ModelServings follow the load.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/references.h"
#include "api/workload/v1alpha1/autoscaling_policy_status.h"
#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/quantity.h"
#include "kube/meta/reference.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"
#include "kube/meta/selector.h"

namespace kthena::api::workload {

inline constexpr std::int64_t kMaxReplicas = 1'000'000;

struct AutoscalingMetric {
  std::string name;
  kube::Quantity target_value;

  static constexpr auto fields() {
    using namespace json::field;
    using M = AutoscalingMetric;
    return std::tuple{
        json::Field{"name", &M::name, "The metric's name, which is its key in metricSources.",
                    required, min_length(1), old_name("metricName")},
        json::Field{"targetValue", &M::target_value, "The value one replica should have.",
                    required},
    };
  }
  friend bool operator==(const AutoscalingMetric&, const AutoscalingMetric&) = default;
};

/// Whether a step may be as large as the larger or only as the smaller of its two limits.
enum class SelectPolicy : std::uint8_t { Or, And };
constexpr auto enum_names(SelectPolicy) {
  return std::array{json::EnumName{SelectPolicy::Or, "Or"},
                    json::EnumName{SelectPolicy::And, "And"}};
}

struct StablePolicy {
  std::int32_t instances = 1;
  std::int32_t percent = 100;
  kube::GoDuration period{std::chrono::seconds{15}};
  SelectPolicy select_policy = SelectPolicy::Or;
  std::optional<kube::GoDuration> stabilization_window;

  static constexpr auto fields() {
    using namespace json::field;
    using P = StablePolicy;
    return std::tuple{
        json::Field{"instances", &P::instances, "The most replicas that change in a period.",
                    defaulted, minimum(0)},
        json::Field{"percent", &P::percent, "The same as a share of the replicas there are.",
                    defaulted, minimum(0), maximum(1000)},
        json::Field{"period", &P::period, "The time over which changes are counted.", defaulted},
        json::Field{"selectPolicy", &P::select_policy,
                    "Or: the larger of the two limits counts; And: the smaller.", defaulted},
        json::Field{"stabilizationWindow", &P::stabilization_window,
                    "How long a recommendation must hold before it is followed."},
    };
  }
  friend bool operator==(const StablePolicy&, const StablePolicy&) = default;
};

struct PanicPolicy {
  std::int32_t percent = 1000;
  kube::GoDuration period{std::chrono::seconds{15}};
  std::int32_t panic_threshold_percent = 200;
  kube::GoDuration panic_mode_hold{std::chrono::minutes{1}};

  static constexpr auto fields() {
    using namespace json::field;
    using P = PanicPolicy;
    return std::tuple{
        json::Field{"panicModeHold", &P::panic_mode_hold,
                    "How long panic lasts after its cause is gone; 0s turns panic off.",
                    defaulted_as("60s")},
        json::Field{"panicThresholdPercent", &P::panic_threshold_percent,
                    "Panic begins when this share of the replicas there are is recommended.",
                    defaulted, minimum(110), maximum(1000)},
        json::Field{"percent", &P::percent, "The most that is added in a period, as a share.",
                    defaulted, minimum(0), maximum(1000)},
        json::Field{"period", &P::period, "The time over which additions are counted.", defaulted},
    };
  }
  friend bool operator==(const PanicPolicy&, const PanicPolicy&) = default;
};

struct ScaleUpPolicy {
  std::optional<StablePolicy> stable_policy;
  std::optional<PanicPolicy> panic_policy;

  static constexpr auto fields() {
    using S = ScaleUpPolicy;
    return std::tuple{
        json::Field{"panicPolicy", &S::panic_policy, "For sudden load."},
        json::Field{"stablePolicy", &S::stable_policy, "For load that grows slowly."},
    };
  }
  friend bool operator==(const ScaleUpPolicy&, const ScaleUpPolicy&) = default;
};

struct Behavior {
  std::optional<ScaleUpPolicy> scale_up;
  std::optional<StablePolicy> scale_down;

  static constexpr auto fields() {
    return std::tuple{
        json::Field{"scaleDown", &Behavior::scale_down, "How fast replicas are taken away."},
        json::Field{"scaleUp", &Behavior::scale_up, "How fast replicas are added."},
    };
  }
  friend bool operator==(const Behavior&, const Behavior&) = default;
};

/// A metric that the pods themselves expose.
struct PodMetricSource {
  std::string name;
  std::string uri = "/metrics";
  std::int32_t port = 8100;
  std::optional<kube::LabelSelector> label_selector;

  static constexpr auto fields() {
    using namespace json::field;
    using P = PodMetricSource;
    return std::tuple{
        json::Field{"labelSelector", &P::label_selector, "Which of the target's pods are asked.",
                    atomic_map},
        json::Field{"name", &P::name,
                    "The metric as the pods call it; the policy's name if empty."},
        json::Field{"port", &P::port, "Port of the exposition.", defaulted, minimum(1),
                    maximum(65535)},
        json::Field{"uri", &P::uri, "Path of the exposition.", defaulted, pattern("^/")},
    };
  }
  friend bool operator==(const PodMetricSource&, const PodMetricSource&) = default;
};

struct PrometheusTls {
  bool insecure_skip_verify = false;
  std::optional<kube::SecretKeySelector> ca_secret;

  static constexpr auto fields() {
    using P = PrometheusTls;
    return std::tuple{
        json::Field{"caSecret", &P::ca_secret,
                    "Holds the certificates of authorities that are trusted besides the system's.",
                    json::field::atomic_map},
        json::Field{"insecureSkipVerify", &P::insecure_skip_verify,
                    "Takes any certificate of the server."},
    };
  }
  friend bool operator==(const PrometheusTls&, const PrometheusTls&) = default;
};

/// How we show the server who we are, and the server us. Secrets are in the policy's namespace.
struct PrometheusAuth {
  std::optional<kube::SecretKeySelector> bearer_token_secret;
  std::optional<PrometheusTls> tls_config;

  static constexpr auto fields() {
    using P = PrometheusAuth;
    return std::tuple{
        json::Field{"bearerTokenSecret", &P::bearer_token_secret,
                    "Holds the token that is sent as Authorization: Bearer.",
                    json::field::atomic_map},
        json::Field{"tlsConfig", &P::tls_config, "How the server is trusted."},
    };
  }
  friend bool operator==(const PrometheusAuth&, const PrometheusAuth&) = default;
};

struct PrometheusMetricSource {
  std::string server_url;
  std::string query;
  std::optional<PrometheusAuth> auth;

  static constexpr auto fields() {
    using namespace json::field;
    using P = PrometheusMetricSource;
    return std::tuple{
        json::Field{"auth", &P::auth, "Credentials, and how the server is trusted."},
        json::Field{"query", &P::query, "An instant query in PromQL.", required, min_length(1)},
        json::Field{"serverURL", &P::server_url, "http:// or https:// address of the server.",
                    required, min_length(1), format("uri")},
    };
  }
  friend bool operator==(const PrometheusMetricSource&, const PrometheusMetricSource&) = default;
};

struct MetricSource {
  std::optional<PodMetricSource> pod;
  std::optional<PrometheusMetricSource> prometheus;

  static constexpr auto fields() {
    return std::tuple{
        json::Field{"pod", &MetricSource::pod, "Asks the pods."},
        json::Field{"prometheus", &MetricSource::prometheus, "Asks a Prometheus server."},
    };
  }
  static constexpr auto object_rules() {
    using Rule = json::ObjectRule<MetricSource>;
    return std::tuple{Rule{"has(self.pod) || has(self.prometheus)",
                           "one metric source backend config is required",
                           [](const MetricSource& m) { return m.pod || m.prometheus; }},
                      Rule{"!(has(self.pod) && has(self.prometheus))",
                           "pod and prometheus configs are mutually exclusive",
                           [](const MetricSource& m) { return !(m.pod && m.prometheus); }}};
  }
  friend bool operator==(const MetricSource&, const MetricSource&) = default;
};

/// By the metric's name in the policy.
using MetricSources = std::map<std::string, MetricSource, std::less<>>;

struct AutoscalingTarget {
  kube::ObjectReference target_ref;
  MetricSources metric_sources;

  static constexpr auto fields() {
    using namespace json::field;
    using T = AutoscalingTarget;
    return std::tuple{
        json::Field{"metricSources", &T::metric_sources, "Where each metric comes from."},
        json::Field{"targetRef", &T::target_ref, "The ModelServing that is scaled.", required,
                    atomic_map},
    };
  }
  friend bool operator==(const AutoscalingTarget&, const AutoscalingTarget&) = default;
};

struct HomogeneousTarget {
  AutoscalingTarget target;
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 0;

  static constexpr auto fields() {
    using namespace json::field;
    using T = HomogeneousTarget;
    return std::tuple{
        json::Field{"maxReplicas", &T::max_replicas, "The most replicas.", required, minimum(1),
                    maximum(kMaxReplicas)},
        json::Field{"minReplicas", &T::min_replicas, "The fewest replicas.", required, minimum(0),
                    maximum(kMaxReplicas)},
        json::Field{"target", &T::target, "What is scaled, and by what."},
    };
  }
  friend bool operator==(const HomogeneousTarget&, const HomogeneousTarget&) = default;
};

struct HeterogeneousParam {
  AutoscalingTarget target;
  std::int32_t cost = 0;
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 0;

  static constexpr auto fields() {
    using namespace json::field;
    using P = HeterogeneousParam;
    return std::tuple{
        json::Field{"cost", &P::cost, "What one replica costs, relative to those of the others.",
                    minimum(0)},
        json::Field{"maxReplicas", &P::max_replicas, "The most replicas.", required, minimum(1),
                    maximum(kMaxReplicas)},
        json::Field{"minReplicas", &P::min_replicas, "The fewest replicas.", required, minimum(0),
                    maximum(kMaxReplicas)},
        json::Field{"target", &P::target, "What is scaled, and by what."},
    };
  }
  friend bool operator==(const HeterogeneousParam&, const HeterogeneousParam&) = default;
};

struct HeterogeneousTarget {
  std::vector<HeterogeneousParam> params;
  std::int32_t cost_expansion_rate_percent = 200;

  static constexpr auto fields() {
    using namespace json::field;
    using T = HeterogeneousTarget;
    return std::tuple{
        json::Field{"costExpansionRatePercent", &T::cost_expansion_rate_percent,
                    "How much more a larger step may cost than the cheapest one.", defaulted,
                    minimum(0)},
        json::Field{"params", &T::params, "The ModelServings among which replicas are shared out.",
                    min_items(1)},
    };
  }
  friend bool operator==(const HeterogeneousTarget&, const HeterogeneousTarget&) = default;
};

struct RoleScalingParam {
  std::int32_t min_replicas = 0;
  std::int32_t max_replicas = 0;
  std::optional<std::vector<AutoscalingMetric>> metrics;  ///< replace those of the policy
  MetricSources metric_sources;

  /// A role of constant size needs no metrics.
  bool is_fixed() const { return max_replicas > 0 && min_replicas == max_replicas; }

  static constexpr auto fields() {
    using namespace json::field;
    using P = RoleScalingParam;
    return std::tuple{
        json::Field{"maxReplicas", &P::max_replicas, "The most replicas.", required, minimum(1),
                    maximum(kMaxReplicas)},
        json::Field{"metricSources", &P::metric_sources, "Where each metric comes from."},
        json::Field{"metrics", &P::metrics, "Take the place of the policy's metrics.",
                    min_items(1)},
        json::Field{"minReplicas", &P::min_replicas, "The fewest replicas.", required, minimum(0),
                    maximum(kMaxReplicas)},
    };
  }
  friend bool operator==(const RoleScalingParam&, const RoleScalingParam&) = default;
};

struct RatioConstraint {
  std::string numerator_role;
  std::string denominator_role;
  kube::Quantity min_ratio;
  kube::Quantity max_ratio;

  static constexpr auto fields() {
    using namespace json::field;
    using R = RatioConstraint;
    return std::tuple{
        json::Field{"denominatorRole", &R::denominator_role, "The role that is divided by.",
                    required},
        json::Field{"maxRatio", &R::max_ratio, "The largest ratio.", required},
        json::Field{"minRatio", &R::min_ratio, "The smallest ratio.", required},
        json::Field{"numeratorRole", &R::numerator_role, "The role that is divided.", required},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{json::ObjectRule<RatioConstraint>{
        "self.numeratorRole != self.denominatorRole",
        "numeratorRole and denominatorRole must differ",
        [](const RatioConstraint& r) { return r.numerator_role != r.denominator_role; }}};
  }
  friend bool operator==(const RatioConstraint&, const RatioConstraint&) = default;
};

struct DisaggregatedTarget {
  kube::ObjectReference target_ref;
  std::map<std::string, RoleScalingParam, std::less<>> roles;
  std::optional<RatioConstraint> ratio_constraint;

  static constexpr auto fields() {
    using namespace json::field;
    using T = DisaggregatedTarget;
    return std::tuple{
        json::Field{"ratioConstraint", &T::ratio_constraint, "Keeps two roles in proportion."},
        json::Field{"roles", &T::roles, "The roles that are scaled, by name.", required,
                    min_properties(1), max_properties(2)},
        json::Field{"targetRef", &T::target_ref, "The ModelServing whose roles are scaled.",
                    required, atomic_map},
    };
  }
  static constexpr auto object_rules() {
    return std::tuple{json::ObjectRule<DisaggregatedTarget>{
        "!has(self.ratioConstraint) || size(self.roles) >= 2",
        "roles must contain at least two entries when ratioConstraint is configured",
        [](const DisaggregatedTarget& t) { return !t.ratio_constraint || t.roles.size() >= 2; }}};
  }
  friend bool operator==(const DisaggregatedTarget&, const DisaggregatedTarget&) = default;
};

struct AutoscalingPolicySpec {
  std::int32_t tolerance_percent = 10;
  std::vector<AutoscalingMetric> metrics;
  std::optional<Behavior> behavior;
  // Exactly one of the three.
  std::optional<HomogeneousTarget> homogeneous_target;
  std::optional<HeterogeneousTarget> heterogeneous_target;
  std::optional<DisaggregatedTarget> disaggregated_target;

  static constexpr auto fields() {
    using namespace json::field;
    using S = AutoscalingPolicySpec;
    return std::tuple{
        json::Field{"behavior", &S::behavior, "How fast the recommendation is followed."},
        json::Field{"disaggregatedTarget", &S::disaggregated_target,
                    "Scales the roles of one ModelServing."},
        json::Field{"heterogeneousTarget", &S::heterogeneous_target,
                    "Shares replicas out among several ModelServings."},
        json::Field{"homogeneousTarget", &S::homogeneous_target, "Scales one ModelServing."},
        json::Field{"metrics", &S::metrics,
                    "What is measured, and what each replica should have of it."},
        json::Field{"tolerancePercent", &S::tolerance_percent,
                    "Differences to the target values that change nothing.", defaulted, minimum(0),
                    maximum(100)},
    };
  }
  friend bool operator==(const AutoscalingPolicySpec&, const AutoscalingPolicySpec&) = default;
};

struct AutoscalingPolicy {
  kube::ObjectMeta metadata;
  AutoscalingPolicySpec spec;
  AutoscalingPolicyStatus status;

  static constexpr std::array kColumns{kube::PrinterColumn{
      .name = "Age", .type = "date", .json_path = ".metadata.creationTimestamp"}};
  static constexpr kube::ResourceType kResource{
      .api_version = "workload.serving.volcano.sh/v1alpha1",
      .kind = "AutoscalingPolicy",
      .plural = "autoscalingpolicies",
      .singular = "autoscalingpolicy",
      .columns = kColumns,
      .help =
          "Says by which metrics, between which bounds and how fast the replicas of ModelServings "
          "follow the load."};
  static constexpr auto fields() {
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version},
        json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &AutoscalingPolicy::metadata},
        json::Field{"spec", &AutoscalingPolicy::spec, "What is wanted."},
        json::Field{"status", &AutoscalingPolicy::status, "What was observed."},
    };
  }
  friend bool operator==(const AutoscalingPolicy&, const AutoscalingPolicy&) = default;
};

/// What admission adds to what the schema's defaults have left open: whole blocks of behavior that
/// were omitted, and stabilization windows. Source: docs/reference/autoscalingpolicy.md#defaults
void apply_admission_defaults(AutoscalingPolicy& policy);

/// What the schema cannot check and the reference's webhook refuses, in its words and order; then
/// further checks of ours as warnings. A policy with metrics and no target is one of the old form,
/// whose target stands in an AutoscalingPolicyBinding: a warning.
/// Source: docs/reference/autoscalingpolicy.md#validation
std::vector<json::Problem> validate(const AutoscalingPolicy& policy);

/// The ModelServings that it scales.
std::vector<Reference> references(const AutoscalingPolicy& policy);

}  // namespace kthena::api::workload

KTHENA_JSON_EXTERN_TYPE(kthena::api::workload::AutoscalingPolicy);
