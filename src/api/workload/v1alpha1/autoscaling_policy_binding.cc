#include "api/workload/v1alpha1/autoscaling_policy_binding.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "json/problem.h"
#include "json/type.h"

namespace kthena::api::workload {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;

void check_target(const BindingTarget& target, const FieldPath& at,
                  std::vector<Problem>& problems) {
  const FieldPath reference = at.child("targetRef");
  if (!target.target_ref.kind.empty() && target.target_ref.kind != "ModelServing") {
    problems.push_back(json::invalid_value(
        reference.child("kind"), quoted(target.target_ref.kind),
        fmt::format("targetRef.kind must be ModelServing, but got {}", target.target_ref.kind)));
  }
  if (target.target_ref.name.empty()) {
    problems.push_back(json::invalid_value(reference.child("name"), "\"\"",
                                           "targetRef.name must be set, but got empty"));
  }
}

void check_sub_target(const SubTarget& sub, const FieldPath& at, std::vector<Problem>& problems) {
  if (!sub.kind.empty() && sub.kind != "Role") {
    problems.push_back(
        json::invalid_value(at.child("kind"), quoted(sub.kind),
                            fmt::format("subTargets.kind must be Role, but got {}", sub.kind)));
  }
  if (sub.name.empty()) {
    problems.push_back(json::invalid_value(at.child("name"), "\"\"",
                                           "subTargets.name must be set, but got empty"));
  }
}

MetricSources sources_of(const MetricEndpoint& endpoint,
                         const std::vector<AutoscalingMetric>& metrics) {
  MetricSources sources;
  for (const AutoscalingMetric& metric : metrics) {
    sources[metric.name].pod = PodMetricSource{.name = metric.name,
                                               .uri = endpoint.uri,
                                               .port = endpoint.port,
                                               .label_selector = endpoint.label_selector};
  }
  return sources;
}

AutoscalingTarget target_of(const BindingTarget& target,
                            const std::vector<AutoscalingMetric>& metrics) {
  return {.target_ref = target.target_ref,
          .metric_sources = sources_of(target.metric_endpoint, metrics)};
}

}  // namespace

std::vector<Problem> validate(const AutoscalingPolicyBinding& binding) {
  std::vector<Problem> problems;
  const FieldPath spec("spec");
  if (binding.spec.policy_ref.name.empty()) {
    problems.push_back(json::required_value(spec.child("policyRef").child("name"),
                                            "the name of an AutoscalingPolicy must be set"));
  }
  if (binding.spec.homogeneous_target.has_value() ==
      binding.spec.heterogeneous_target.has_value()) {
    problems.push_back(json::invalid_value(
        spec, binding.spec.homogeneous_target ? "2" : "0",
        "Either heterogeneousTarget or homogeneousTarget must be set, but not both."));
  }
  if (const auto& homogeneous = binding.spec.homogeneous_target) {
    const FieldPath at = spec.child("homogeneousTarget").child("target");
    check_target(homogeneous->target, at, problems);
    if (homogeneous->target.sub_target) {
      check_sub_target(*homogeneous->target.sub_target, at.child("subTargets"), problems);
    }
  }
  if (const auto& heterogeneous = binding.spec.heterogeneous_target) {
    const FieldPath params = spec.child("heterogeneousTarget").child("params");
    for (std::size_t i = 0; i < heterogeneous->params.size(); ++i) {
      const BindingTarget& target = heterogeneous->params[i].target;
      const FieldPath at = params.index(i).child("target");
      check_target(target, at, problems);
      if (target.sub_target) {
        problems.push_back(json::forbidden(at.child("subTargets"),
                                           "subTargets is not allowed in heterogeneousTarget"));
      }
    }
  }
  return problems;
}

std::vector<Reference> references(const AutoscalingPolicyBinding& binding) {
  const std::string& name = binding.spec.policy_ref.name;
  if (name.empty()) {
    return {};
  }
  Problem missing =
      json::invalid_value(FieldPath("spec.policyRef.name"), quoted(name),
                          fmt::format("autoscaling policy resource {} does not exist", name));
  missing.kind = Problem::Kind::NotFound;
  return {{.type = &AutoscalingPolicy::kResource,
           .key = {.namespace_name = binding.metadata.namespace_name, .name = name},
           .missing = std::move(missing),
           .at_admission = Reference::AtAdmission::LookedUp}};
}

AutoscalingPolicySpec bind(const AutoscalingPolicyBinding& binding,
                           const AutoscalingPolicySpec& policy) {
  AutoscalingPolicySpec bound{.tolerance_percent = policy.tolerance_percent,
                              .metrics = policy.metrics,
                              .behavior = policy.behavior};
  if (const auto& from = binding.spec.homogeneous_target) {
    const BindingTarget& target = from->target;
    if (target.sub_target) {
      DisaggregatedTarget& to = bound.disaggregated_target.emplace();
      to.target_ref = target.target_ref;
      to.roles[target.sub_target->name] = {
          .min_replicas = from->min_replicas,
          .max_replicas = from->max_replicas,
          .metric_sources = sources_of(target.metric_endpoint, policy.metrics)};
    } else {
      bound.homogeneous_target = HomogeneousTarget{.target = target_of(target, policy.metrics),
                                                   .min_replicas = from->min_replicas,
                                                   .max_replicas = from->max_replicas};
    }
  } else if (const auto& several = binding.spec.heterogeneous_target) {
    HeterogeneousTarget& to = bound.heterogeneous_target.emplace();
    to.cost_expansion_rate_percent = several->cost_expansion_rate_percent;
    for (const HeterogeneousBindingParam& param : several->params) {
      to.params.push_back({.target = target_of(param.target, policy.metrics),
                           .cost = param.cost,
                           .min_replicas = param.min_replicas,
                           .max_replicas = param.max_replicas});
    }
  }
  return bound;
}

}  // namespace kthena::api::workload

KTHENA_JSON_TYPE(kthena::api::workload::AutoscalingPolicyBinding);
