#include "apiserver/built_in/validate.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/metadata_checks.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

struct Row {
  std::string_view kind;
  KindCheck check;
};

constexpr std::array kChecks{
    Row{"Pod", check_pod},
    Row{"PodTemplate", check_pod_template_object},
    Row{"Deployment", check_deployment},
    Row{"ReplicaSet", check_replica_set},
    Row{"ReplicationController", check_replication_controller},
    Row{"StatefulSet", check_stateful_set},
    Row{"DaemonSet", check_daemon_set},
    Row{"ControllerRevision", check_controller_revision},
    Row{"Job", check_job},
    Row{"CronJob", check_cron_job},
    Row{"Service", check_service},
    Row{"EndpointSlice", check_endpoint_slice},
    Row{"Endpoints", check_endpoints},
    Row{"NetworkPolicy", check_network_policy},
    Row{"Ingress", check_ingress},
    Row{"ConfigMap", check_config_map},
    Row{"Secret", check_secret},
    Row{"Namespace", check_namespace},
    Row{"Lease", check_lease},
    Row{"PersistentVolumeClaim", check_claim},
    Row{"PriorityClass", check_priority_class},
    Row{"StorageClass", check_storage_class},
    Row{"PodDisruptionBudget", check_disruption_budget},
    Row{"ResourceQuota", check_resource_quota},
    Row{"LimitRange", check_limit_range},
    Row{"RuntimeClass", check_runtime_class},
    Row{"Role", check_role},
    Row{"ClusterRole", check_cluster_role},
    Row{"RoleBinding", check_role_binding},
    Row{"ClusterRoleBinding", check_cluster_role_binding},
    Row{"HorizontalPodAutoscaler", check_autoscaler},
    Row{"ValidatingWebhookConfiguration", check_validating_webhooks},
    Row{"MutatingWebhookConfiguration", check_mutating_webhooks},
};

struct Counts {
  std::string_view kind;
  /// Of the status; none is negative.
  std::array<std::string_view, 4> at_most_replicas;
  std::string_view ready;  ///< how the message names it that has more available than ready
};

constexpr std::array kCounts{
    Counts{"Deployment",
           {"updatedReplicas", "readyReplicas", "availableReplicas"},
           "cannot be greater than readyReplicas"},
    Counts{"ReplicaSet",
           {"fullyLabeledReplicas", "readyReplicas", "availableReplicas"},
           "cannot be greater than readyReplicas"},
    Counts{"StatefulSet",
           {"readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"},
           "cannot be greater than status.readyReplicas"},
};

void check_counts(const Counts& counts, const Part& status, Findings& findings) {
  const std::int64_t replicas = status["replicas"].number().value_or(0);
  const std::int64_t ready = status["readyReplicas"].number().value_or(0);
  for (const std::string_view name : counts.at_most_replicas) {
    const std::int64_t count = name.empty() ? replicas : status[name].number().value_or(0);
    if (count > replicas) {
      findings.invalid(status[name].path, count, "cannot be greater than status.replicas");
    }
    if (name == "availableReplicas" && count > ready) {
      findings.invalid(status[name].path, count, counts.ready);
    }
  }
}

void check_status(const Kind& kind, const Part& object, const Value& before, Findings& findings) {
  const Part status = object["status"];
  if (kind.kind == "Pod") {
    check_pod_status_update(object, before, findings);
  }
  for (const std::string_view name :
       {"replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "fullyLabeledReplicas",
        "observedGeneration", "currentReplicas", "desiredReplicas", "unavailableReplicas"}) {
    check_not_negative(status[name], findings);
  }
  const auto counts = std::ranges::find(kCounts, kind.kind, &Counts::kind);
  if (counts != kCounts.end()) {
    check_counts(*counts, status, findings);
  }
}

}  // namespace

std::vector<json::Problem> validate_built_in(const Kind& kind, const Value& object,
                                             const Value* before, std::string_view subresource) {
  Findings findings;
  const Part whole{.value = &object};
  if (kind.kind == "Event") {
    check_event_metadata(kind, object, before, findings);
    check_event(whole, before, findings);
    return std::move(findings).take();
  }
  findings.add(validate_metadata(kind, object, before));
  if (before != nullptr && subresource == "status") {
    check_status(kind, whole, *before, findings);
  } else if (before != nullptr && subresource == "ephemeralcontainers") {
    check_ephemeral_containers_update(whole, *before, findings);
  } else if (before != nullptr && subresource == "resize") {
    check_resize(whole, *before, findings);
  } else {
    const auto row = std::ranges::find(kChecks, kind.kind, &Row::kind);
    if (row != kChecks.end()) {
      row->check(whole, before, findings);
    }
  }
  return std::move(findings).take();
}

}  // namespace kthena::apiserver
