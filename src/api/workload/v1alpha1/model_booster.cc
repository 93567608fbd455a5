#include "api/workload/v1alpha1/model_booster.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "api/workload/v1alpha1/model_serving_labels.h"
#include "json/type.h"
#include "kube/meta/selector.h"

namespace kthena::api::workload {

std::string backend_name(const ModelBooster& booster) {
  const std::string& backend = booster.spec.backend.name;
  return backend.empty() ? booster.metadata.name
                         : fmt::format("{}-{}", booster.metadata.name, backend);
}

void apply_admission_defaults(ModelBooster& booster) {
  ModelBackend& backend = booster.spec.backend;
  if (!backend.replicas) {
    backend.replicas = backend.min_replicas;
  }
}

std::optional<AutoscalingPolicySpec> old_autoscaling(const ModelBooster& booster) {
  if (!booster.spec.autoscaling_policy) {
    return std::nullopt;
  }
  const OldAutoscaling& old = *booster.spec.autoscaling_policy;
  const ModelBackend& backend = booster.spec.backend;
  AutoscalingPolicySpec spec{
      .tolerance_percent = old.tolerance_percent, .metrics = old.metrics, .behavior = old.behavior};
  HomogeneousTarget& target = spec.homogeneous_target.emplace();
  target.target.target_ref = {.kind = "ModelServing", .name = backend_name(booster)};
  target.min_replicas = backend.min_replicas.value_or(backend.replicas.value_or(0));
  target.max_replicas = backend.max_replicas.value_or(target.min_replicas);
  for (const AutoscalingMetric& metric : old.metrics) {
    target.target.metric_sources[metric.name].pod = PodMetricSource{
        .name = metric.name,
        .label_selector =
            kube::LabelSelector{.match_labels = {{std::string(labels::kRole), "leader"}}}};
  }
  return spec;
}

}  // namespace kthena::api::workload

KTHENA_JSON_TYPE(kthena::api::workload::ModelBooster);
