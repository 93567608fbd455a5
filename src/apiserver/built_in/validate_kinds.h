// The checks of each kind, for validate.cc.
#pragma once

#include "apiserver/built_in/checking.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Of a new object, or of the parts of one that checks at an update are the same. Not of metadata.
/// @param before  null: it is created
using KindCheck = void (*)(const Part& object, const json::Value* before, Findings& findings);

// pod_spec_checks.cc
enum class SpecOf : bool { Pod, Template };
/// @param pod_metadata  of a pod; of a template null
void check_pod_spec(const Part& spec, SpecOf of, Findings& findings);
/// Labels, annotations and spec of a PodTemplateSpec.
void check_pod_template(const Part& pod_template, Findings& findings);

// pod_update_checks.cc
void check_pod(const Part& pod, const json::Value* before, Findings& findings);
void check_pod_status_update(const Part& pod, const json::Value& before, Findings& findings);
void check_ephemeral_containers_update(const Part& pod, const json::Value& before,
                                       Findings& findings);
void check_resize(const Part& pod, const json::Value& before, Findings& findings);

// workload_checks.cc
void check_deployment(const Part& object, const json::Value* before, Findings& findings);
void check_replica_set(const Part& object, const json::Value* before, Findings& findings);
void check_replication_controller(const Part& object, const json::Value* before,
                                  Findings& findings);
void check_stateful_set(const Part& object, const json::Value* before, Findings& findings);
void check_daemon_set(const Part& object, const json::Value* before, Findings& findings);
void check_controller_revision(const Part& object, const json::Value* before, Findings& findings);
void check_pod_template_object(const Part& object, const json::Value* before, Findings& findings);

// job_checks.cc
void check_job(const Part& object, const json::Value* before, Findings& findings);
void check_cron_job(const Part& object, const json::Value* before, Findings& findings);

// service_checks.cc
void check_service(const Part& object, const json::Value* before, Findings& findings);
void check_endpoint_slice(const Part& object, const json::Value* before, Findings& findings);

/// An address that a Service may lead to.
void check_endpoint_address(const Part& address, Findings& findings);

// network_checks.cc
void check_network_policy(const Part& object, const json::Value* before, Findings& findings);
void check_ingress(const Part& object, const json::Value* before, Findings& findings);
void check_endpoints(const Part& object, const json::Value* before, Findings& findings);

// config_checks.cc
void check_config_map(const Part& object, const json::Value* before, Findings& findings);
void check_secret(const Part& object, const json::Value* before, Findings& findings);
void check_namespace(const Part& object, const json::Value* before, Findings& findings);
void check_lease(const Part& object, const json::Value* before, Findings& findings);
void check_claim_spec(const Part& spec, Findings& findings);
void check_claim(const Part& object, const json::Value* before, Findings& findings);
void check_priority_class(const Part& object, const json::Value* before, Findings& findings);
void check_storage_class(const Part& object, const json::Value* before, Findings& findings);
void check_disruption_budget(const Part& object, const json::Value* before, Findings& findings);
void check_event(const Part& object, const json::Value* before, Findings& findings);

// quota_checks.cc
void check_resource_quota(const Part& object, const json::Value* before, Findings& findings);
void check_limit_range(const Part& object, const json::Value* before, Findings& findings);
void check_runtime_class(const Part& object, const json::Value* before, Findings& findings);

// rbac_checks.cc
void check_role(const Part& object, const json::Value* before, Findings& findings);
void check_cluster_role(const Part& object, const json::Value* before, Findings& findings);
void check_role_binding(const Part& object, const json::Value* before, Findings& findings);
void check_cluster_role_binding(const Part& object, const json::Value* before, Findings& findings);

// autoscaler_checks.cc
void check_autoscaler(const Part& object, const json::Value* before, Findings& findings);

// webhook_checks.cc
void check_validating_webhooks(const Part& object, const json::Value* before, Findings& findings);
void check_mutating_webhooks(const Part& object, const json::Value* before, Findings& findings);

}  // namespace kthena::apiserver
