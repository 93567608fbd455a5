#include "api/workload/v1alpha1/autoscaling_policy_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "json/problem.h"
#include "kube/meta/quantity.h"
#include "kube/meta/reference.h"

namespace kthena::api::workload {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;

using Wide = kube::Quantity::Wide;
constexpr Wide kNano = 1'000'000'000;

/// Whether some n and d within their bounds have a ratio within its.
/// Cost: O(the denominator's range), at most a million steps.
bool has_whole_pair(const RatioConstraint& ratio, const RoleScalingParam& numerator,
                    const RoleScalingParam& denominator) {
  for (Wide d = std::max(denominator.min_replicas, 1); d <= denominator.max_replicas; ++d) {
    const Wide least = (ratio.min_ratio.nanos() * d + kNano - 1) / kNano;
    const Wide most = ratio.max_ratio.nanos() * d / kNano;
    if (std::max<Wide>(least, numerator.min_replicas) <=
        std::min<Wide>(most, numerator.max_replicas)) {
      return true;
    }
  }
  return false;
}

class PolicyWarnings {
 public:
  std::vector<Problem> run(const AutoscalingPolicySpec& spec) {
    const FieldPath at("spec");
    if (spec.homogeneous_target) {
      const HomogeneousTarget& target = *spec.homogeneous_target;
      const FieldPath here = at.child("homogeneousTarget");
      bounds(target.min_replicas, target.max_replicas, here);
      one_target(target.target, spec.metrics, here.child("target"));
    }
    if (spec.heterogeneous_target) {
      heterogeneous(spec, at.child("heterogeneousTarget").child("params"));
    }
    if (spec.disaggregated_target) {
      disaggregated(*spec.disaggregated_target, at.child("disaggregatedTarget"));
    }
    return std::move(problems_);
  }

 private:
  void warn(Problem problem) { problems_.push_back(json::as_warning(std::move(problem))); }

  void bounds(std::int32_t least, std::int32_t most, const FieldPath& at) {
    if (least > most) {
      warn(json::invalid_value(at.child("minReplicas"), fmt::to_string(least),
                               "minReplicas should be <= maxReplicas"));
    }
  }

  void heterogeneous(const AutoscalingPolicySpec& spec, const FieldPath& at) {
    std::set<std::pair<std::string_view, std::string_view>> targets;
    const auto& params = spec.heterogeneous_target->params;
    for (std::size_t i = 0; i < params.size(); ++i) {
      bounds(params[i].min_replicas, params[i].max_replicas, at.index(i));
      const FieldPath here = at.index(i).child("target");
      one_target(params[i].target, spec.metrics, here);
      const kube::ObjectReference& reference = params[i].target.target_ref;
      if (!targets.insert({reference.namespace_name, reference.name}).second) {
        warn(json::duplicate_value(here.child("targetRef").child("name"), quoted(reference.name)));
      }
    }
  }

  void one_target(const AutoscalingTarget& target, const std::vector<AutoscalingMetric>& metrics,
                  const FieldPath& at) {
    reference(target.target_ref, at.child("targetRef"));
    const FieldPath sources_at = at.child("metricSources");
    for (const AutoscalingMetric& metric : metrics) {
      if (!target.metric_sources.contains(metric.name)) {
        warn(json::required_value(sources_at.key(metric.name),
                                  "without a source the metric does not count"));
      }
    }
    sources(target.metric_sources, sources_at);
  }

  void disaggregated(const DisaggregatedTarget& target, const FieldPath& at) {
    reference(target.target_ref, at.child("targetRef"));
    for (const auto& [name, role] : target.roles) {
      sources(role.metric_sources, at.child("roles").key(name).child("metricSources"));
    }
    if (!target.ratio_constraint) {
      return;
    }
    const RatioConstraint& ratio = *target.ratio_constraint;
    const auto numerator = target.roles.find(ratio.numerator_role);
    const auto denominator = target.roles.find(ratio.denominator_role);
    if (numerator != target.roles.end() && denominator != target.roles.end() &&
        ratio.min_ratio.sign() >= 0 &&
        !has_whole_pair(ratio, numerator->second, denominator->second)) {
      warn(json::invalid_value(at.child("ratioConstraint"), quoted("ratio"),
                               "no two numbers of replicas within their bounds have such a ratio"));
    }
  }

  void reference(const kube::ObjectReference& reference, const FieldPath& at) {
    constexpr std::string_view kGroup = "workload.serving.volcano.sh/";
    if (!reference.api_version.empty() && !reference.api_version.starts_with(kGroup)) {
      warn(json::invalid_value(at.child("apiVersion"), quoted(reference.api_version),
                               "should be of the group workload.serving.volcano.sh"));
    }
  }

  void sources(const MetricSources& sources, const FieldPath& at) {
    for (const auto& [name, source] : sources) {
      const FieldPath here = at.key(name);
      if (source.pod) {
        const std::string& metric = source.pod->name.empty() ? name : source.pod->name;
        if (metric.ends_with("_total")) {
          warn(json::invalid_value(here.child("pod").child("name"), quoted(metric),
                                   "a counter only grows: its value is not what a replica has to "
                                   "do now"));
        }
      }
      if (source.prometheus && !source.prometheus->server_url.starts_with("http://") &&
          !source.prometheus->server_url.starts_with("https://")) {
        warn(json::invalid_value(here.child("prometheus").child("serverURL"),
                                 quoted(source.prometheus->server_url),
                                 "should begin with http:// or https://"));
      }
    }
  }

  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> warn_of(const AutoscalingPolicySpec& spec) {
  return PolicyWarnings().run(spec);
}

}  // namespace kthena::api::workload
