#include "api/workload/v1alpha1/autoscaling_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "api/workload/v1alpha1/autoscaling_policy_warnings.h"
#include "api/workload/v1alpha1/model_serving.h"
#include "base/clock.h"
#include "base/duration.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/quantity.h"
#include "kube/meta/reference.h"

namespace kthena::api::workload {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;
using namespace std::chrono_literals;

constexpr Duration kLongest = 30min;

class PolicyValidation {
 public:
  std::vector<Problem> run(const AutoscalingPolicySpec& spec) {
    const FieldPath at("spec");
    metrics(spec.metrics, at.child("metrics"));
    targets(spec, at);
    if ((spec.homogeneous_target || spec.heterogeneous_target) && spec.metrics.empty()) {
      add(json::required_value(at.child("metrics"), "at least one metric must be set"));
    }
    if (spec.disaggregated_target) {
      disaggregated(spec, *spec.disaggregated_target, at.child("disaggregatedTarget"));
    }
    if (spec.behavior) {
      behavior(*spec.behavior, at.child("behavior"));
    }
    if (no_target_) {
      add(json::as_warning(json::required_value(
          at,
          "no target is set: the policy acts only through an AutoscalingPolicyBinding that "
          "refers to it")));
    }
    return std::move(problems_);
  }

 private:
  void add(Problem problem) { problems_.push_back(std::move(problem)); }

  void metrics(const std::vector<AutoscalingMetric>& metrics, const FieldPath& at) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      const AutoscalingMetric& metric = metrics[i];
      if (metric.target_value.sign() <= 0) {
        add(json::invalid_value(
            at.index(i).child("targetValue"), quoted(metric.target_value.canonical()),
            "metric target value must be greater than 0 and not equal to infinity"));
      }
      if (!names.insert(metric.name).second) {
        add(json::invalid_value(
            at.index(i).child("name"), quoted(metric.name),
            fmt::format("duplicate metric name {} is not allowed", metric.name)));
      }
    }
  }

  void targets(const AutoscalingPolicySpec& spec, const FieldPath& at) {
    const int count = spec.homogeneous_target.has_value() + spec.heterogeneous_target.has_value() +
                      spec.disaggregated_target.has_value();
    if (count == 0 && !spec.metrics.empty()) {
      no_target_ = true;
    } else if (count != 1) {
      add(json::invalid_value(at, fmt::to_string(count),
                              "exactly one of homogeneousTarget, heterogeneousTarget, or "
                              "disaggregatedTarget must be set"));
    } else if (spec.homogeneous_target) {
      reference(spec.homogeneous_target->target.target_ref,
                at.child("homogeneousTarget").child("target").child("targetRef"));
    } else if (spec.heterogeneous_target) {
      const FieldPath params = at.child("heterogeneousTarget").child("params");
      for (std::size_t i = 0; i < spec.heterogeneous_target->params.size(); ++i) {
        reference(spec.heterogeneous_target->params[i].target.target_ref,
                  params.index(i).child("target").child("targetRef"));
      }
    } else if (spec.disaggregated_target) {
      reference(spec.disaggregated_target->target_ref,
                at.child("disaggregatedTarget").child("targetRef"));
    }
  }

  void reference(const kube::ObjectReference& reference, const FieldPath& at) {
    if (!reference.kind.empty() && reference.kind != "ModelServing") {
      add(json::invalid_value(
          at.child("kind"), quoted(reference.kind),
          fmt::format("targetRef.kind must be ModelServing, but got {}", reference.kind)));
    }
    if (reference.name.empty()) {
      add(json::invalid_value(at.child("name"), "\"\"",
                              "targetRef.name must be set, but got empty"));
    }
  }

  void disaggregated(const AutoscalingPolicySpec& spec, const DisaggregatedTarget& target,
                     const FieldPath& at) {
    const FieldPath roles = at.child("roles");
    for (const auto& [name, param] : target.roles) {
      if (name.empty()) {
        add(json::invalid_value(
            roles, "\"\"",
            "role name must refer to a ModelServing.spec.template.roles[].name and "
            "must not be empty"));
      } else {
        role(spec, param, roles.key(name));
      }
    }
    if (target.ratio_constraint) {
      ratio(target, *target.ratio_constraint, at.child("ratioConstraint"));
    }
  }

  void role(const AutoscalingPolicySpec& spec, const RoleScalingParam& param, const FieldPath& at) {
    if (param.min_replicas > param.max_replicas) {
      add(json::invalid_value(at.child("minReplicas"), fmt::to_string(param.min_replicas),
                              "minReplicas must be <= maxReplicas"));
    }
    const bool own = param.metrics && !param.metrics->empty();
    if (!param.is_fixed() && !own && spec.metrics.empty()) {
      add(json::required_value(
          at.child("metrics"),
          "metrics must be set on every non-fixed role when spec.metrics is empty"));
    }
    if (own) {
      metrics(*param.metrics, at.child("metrics"));
    }
    if (param.is_fixed()) {
      return;
    }
    const FieldPath sources = at.child("metricSources");
    std::set<std::string_view> effective;
    for (const AutoscalingMetric& metric : own ? *param.metrics : spec.metrics) {
      effective.insert(metric.name);
    }
    if (param.metric_sources.empty() && !effective.empty()) {
      add(json::invalid_value(
          sources, "0",
          "metricSources must be set on every non-fixed role when metrics are configured"));
    }
    for (const auto& [key, source] : param.metric_sources) {
      if (!effective.contains(key)) {
        add(json::invalid_value(sources.key(key), quoted(key),
                                "metricSources key must match an effective metric name"));
      }
    }
  }

  void ratio(const DisaggregatedTarget& target, const RatioConstraint& ratio, const FieldPath& at) {
    if (ratio.numerator_role == ratio.denominator_role) {
      add(json::invalid_value(at.child("denominatorRole"), quoted(ratio.denominator_role),
                              "numeratorRole and denominatorRole must differ"));
    }
    const auto numerator = target.roles.find(ratio.numerator_role);
    const auto denominator = target.roles.find(ratio.denominator_role);
    if (numerator == target.roles.end()) {
      add(json::invalid_value(at.child("numeratorRole"), quoted(ratio.numerator_role),
                              "numeratorRole must exist in roles"));
    }
    if (denominator == target.roles.end()) {
      add(json::invalid_value(at.child("denominatorRole"), quoted(ratio.denominator_role),
                              "denominatorRole must exist in roles"));
    }
    if (ratio.min_ratio > ratio.max_ratio) {
      add(json::invalid_value(at.child("minRatio"), quoted(ratio.min_ratio.canonical()),
                              "minRatio must be <= maxRatio"));
    }
    if (numerator != target.roles.end() && denominator != target.roles.end()) {
      ratio_bounds(ratio, numerator->second, denominator->second, at);
    }
  }

  void ratio_bounds(const RatioConstraint& ratio, const RoleScalingParam& numerator,
                    const RoleScalingParam& denominator, const FieldPath& at) {
    if ((numerator.min_replicas == 0) != (denominator.min_replicas == 0)) {
      add(json::invalid_value(at, quoted("scale-to-zero bounds"),
                              "ratio roles must be scalable-to-zero together"));
    }
    if (ratio.min_ratio.sign() < 0 || ratio.max_ratio.sign() <= 0) {
      add(json::invalid_value(at, quoted("ratio"),
                              "minRatio must be >= 0 and maxRatio must be > 0"));
      return;
    }
    // n.min / d.max <= maxRatio and n.max / d.min >= minRatio, without a division.
    using Wide = kube::Quantity::Wide;
    constexpr Wide kNano = 1'000'000'000;
    const bool too_high =
        denominator.max_replicas > 0 &&
        numerator.min_replicas * kNano > ratio.max_ratio.nanos() * denominator.max_replicas;
    const bool too_low =
        denominator.min_replicas > 0 &&
        numerator.max_replicas * kNano < ratio.min_ratio.nanos() * denominator.min_replicas;
    for (int i = too_high + too_low; i > 0; --i) {
      add(json::invalid_value(at, quoted("bounds"),
                              "ratioConstraint is not achievable within role replica bounds"));
    }
  }

  void behavior(const Behavior& behavior, const FieldPath& at) {
    if (behavior.scale_down) {
      stable(*behavior.scale_down, at.child("scaleDown"));
    }
    if (!behavior.scale_up) {
      return;
    }
    const FieldPath up = at.child("scaleUp");
    if (behavior.scale_up->stable_policy) {
      stable(*behavior.scale_up->stable_policy, up.child("stablePolicy"));
    }
    if (const auto& panic = behavior.scale_up->panic_policy) {
      const FieldPath panic_at = up.child("panicPolicy");
      bounded(panic->period, panic_at.child("period"), "panic policy period");
      bounded(panic->panic_mode_hold, panic_at.child("panicModeHold"),
              "panic policy panic mode hold");
    }
  }

  void stable(const StablePolicy& policy, const FieldPath& at) {
    bounded(policy.period, at.child("period"), "stable policy period");
    if (policy.stabilization_window) {
      bounded(*policy.stabilization_window, at.child("stabilizationWindow"),
              "stable policy stabilization window");
    }
  }

  void bounded(kube::GoDuration duration, const FieldPath& at, std::string_view what) {
    if (duration.value < Duration::zero() || duration.value > kLongest) {
      add(json::invalid_value(at, quoted(print_duration(duration.value)),
                              fmt::format("{} must be between 0 and 30 minutes", what)));
    }
  }

  std::vector<Problem> problems_;
  bool no_target_ = false;
};

constexpr kube::GoDuration go(Duration duration) { return {duration}; }

}  // namespace

void apply_admission_defaults(AutoscalingPolicy& policy) {
  const StablePolicy down{
      .instances = 0, .percent = 100, .period = go(1min), .stabilization_window = go(5min)};
  const StablePolicy up{
      .instances = 4, .percent = 100, .period = go(1min), .stabilization_window = go(0s)};
  const PanicPolicy no_panic{
      .percent = 0, .period = go(0s), .panic_threshold_percent = 200, .panic_mode_hold = go(0s)};

  Behavior& behavior =
      policy.spec.behavior ? *policy.spec.behavior : policy.spec.behavior.emplace();
  if (!behavior.scale_down) {
    behavior.scale_down = down;
  } else if (!behavior.scale_down->stabilization_window) {
    behavior.scale_down->stabilization_window = down.stabilization_window;
  }
  ScaleUpPolicy& scale_up = behavior.scale_up ? *behavior.scale_up : behavior.scale_up.emplace();
  if (!scale_up.stable_policy) {
    scale_up.stable_policy = up;
  } else if (!scale_up.stable_policy->stabilization_window) {
    scale_up.stable_policy->stabilization_window = up.stabilization_window;
  }
  if (!scale_up.panic_policy) {
    scale_up.panic_policy = no_panic;
  }
}

std::vector<Reference> references(const AutoscalingPolicy& policy) {
  std::vector<Reference> references;
  const auto add = [&](const kube::ObjectReference& target, const FieldPath& at) {
    const kube::ObjectKey key{.namespace_name = target.namespace_name.empty()
                                                    ? policy.metadata.namespace_name
                                                    : target.namespace_name,
                              .name = target.name};
    if (!key.name.empty() && (target.kind.empty() || target.kind == "ModelServing")) {
      references.push_back({.type = &ModelServing::kResource,
                            .key = key,
                            .missing = not_found(ModelServing::kResource, key,
                                                 at.child("targetRef").child("name"))});
    }
  };
  const FieldPath spec("spec");
  if (const auto& one = policy.spec.homogeneous_target) {
    add(one->target.target_ref, spec.child("homogeneousTarget").child("target"));
  }
  if (const auto& several = policy.spec.heterogeneous_target) {
    const FieldPath params = spec.child("heterogeneousTarget").child("params");
    for (std::size_t i = 0; i < several->params.size(); ++i) {
      add(several->params[i].target.target_ref, params.index(i).child("target"));
    }
  }
  if (const auto& roles = policy.spec.disaggregated_target) {
    add(roles->target_ref, spec.child("disaggregatedTarget"));
  }
  return references;
}

std::vector<Problem> validate(const AutoscalingPolicy& policy) {
  std::vector<Problem> problems = PolicyValidation().run(policy.spec);
  std::ranges::move(warn_of(policy.spec), std::back_inserter(problems));
  return problems;
}

}  // namespace kthena::api::workload

KTHENA_JSON_TYPE(kthena::api::workload::AutoscalingPolicy);
