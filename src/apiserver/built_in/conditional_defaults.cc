#include "apiserver/built_in/conditional_defaults.h"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/pod_defaults.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

void set_if_absent(Value& object, std::string_view name, Value value) {
  if (at(object, {name}) == nullptr) {
    object.set(name, std::move(value));
  }
}

void set_if_nothing(Value& object, std::string_view name, Value value) {
  if (is_nothing(at(object, {name}))) {
    object.set(name, std::move(value));
  }
}

// Of apps.

void complete_deployment_strategy(Value& strategy) {
  const std::string_view type = text_at(strategy, {"type"});
  if (type.empty() || type == "RollingUpdate") {
    Value& rolling = object_at(strategy, "rollingUpdate");
    set_if_absent(rolling, "maxUnavailable", "25%");
    set_if_absent(rolling, "maxSurge", "25%");
  }
}

void complete_daemon_set_strategy(Value& strategy) {
  const std::string_view type = text_at(strategy, {"type"});
  if (type.empty() || type == "RollingUpdate") {
    Value& rolling = object_at(strategy, "rollingUpdate");
    set_if_absent(rolling, "maxUnavailable", 1);
    set_if_absent(rolling, "maxSurge", 0);
  }
}

void complete_stateful_set_strategy(Value& strategy) {
  const bool unsaid = text_at(strategy, {"type"}).empty();
  if (unsaid) {
    strategy.set("type", "RollingUpdate");
    object_at(strategy, "rollingUpdate");
  }
  Value* rolling = at(strategy, {"rollingUpdate"});
  if (rolling != nullptr && text_at(strategy, {"type"}) == "RollingUpdate") {
    set_if_absent(*rolling, "partition", 0);
  }
}

void complete_replication_controller(Value& controller) {
  const Value* labels = at(controller, {"spec", "template", "metadata", "labels"});
  if (labels == nullptr) {
    return;
  }
  const Value copy = *labels;
  if (is_nothing(at(controller, {"spec", "selector"}))) {
    object_at(controller, "spec").set("selector", copy);
  }
  if (is_nothing(at(controller, {"metadata", "labels"}))) {
    object_at(controller, "metadata").set("labels", copy);
  }
}

// Of batch.

void complete_job(Value& job) {
  Value& spec = object_at(job, "spec");
  if (at(spec, {"parallelism"}) == nullptr) {
    set_if_absent(spec, "completions", at(spec, {"completions"}) == nullptr ? Value(1) : Value());
    spec.set("parallelism", 1);
  }
  set_if_absent(
      spec, "backoffLimit",
      at(spec, {"backoffLimitPerIndex"}) != nullptr ? std::numeric_limits<std::int32_t>::max() : 6);
  const Value* labels = at(spec, {"template", "metadata", "labels"});
  if (!is_nothing(labels) && is_nothing(at(job, {"metadata", "labels"}))) {
    Value copy = *labels;
    object_at(job, "metadata").set("labels", std::move(copy));
  }
  Value& again = object_at(job, "spec");
  set_if_absent(again, "completionMode", "NonIndexed");
  set_if_absent(again, "suspend", false);
  set_if_absent(again, "podReplacementPolicy",
                at(again, {"podFailurePolicy"}) != nullptr ? "Failed" : "TerminatingOrFailed");
  set_if_absent(again, "manualSelector", false);
}

// Of autoscaling.

Value scaling_policy(std::string_view type, int value, int period) {
  return json::Object{{"type", type}, {"value", value}, {"periodSeconds", period}};
}

void complete_behavior(Value& behavior) {
  Value& up = object_at(behavior, "scaleUp");
  set_if_absent(up, "stabilizationWindowSeconds", 0);
  set_if_absent(up, "selectPolicy", "Max");
  set_if_absent(up, "policies",
                json::Array{scaling_policy("Pods", 4, 15), scaling_policy("Percent", 100, 15)});
  Value& down = object_at(behavior, "scaleDown");
  set_if_absent(down, "selectPolicy", "Max");
  set_if_absent(down, "policies", json::Array{scaling_policy("Percent", 100, 15)});
}

// Of the core group.

void complete_service_port(Value& port) {
  const Value* target = at(port, {"targetPort"});
  if (target == nullptr || target->to_int64() == 0 || *target == Value("")) {
    port.set("targetPort", number_of(at(port, {"port"})).value_or(0));
  }
}

void complete_session_affinity(Value& spec) {
  set_if_nothing(spec, "sessionAffinity", "None");
  const std::string_view affinity = text_at(spec, {"sessionAffinity"});
  if (affinity == "None") {
    spec.erase("sessionAffinityConfig");
  } else if (affinity == "ClientIP" &&
             at(spec, {"sessionAffinityConfig", "clientIP", "timeoutSeconds"}) == nullptr) {
    spec.set("sessionAffinityConfig",
             json::Object{{"clientIP", json::Object{{"timeoutSeconds", 10800}}}});
  }
}

void complete_service(Value& service) {
  Value& spec = object_at(service, "spec");
  complete_session_affinity(spec);
  set_if_nothing(spec, "type", "ClusterIP");
  const bool is_balancer = text_at(spec, {"type"}) == "LoadBalancer";
  const bool is_node_port = text_at(spec, {"type"}) == "NodePort";
  const bool has_addresses =
      text_at(spec, {"type"}) == "ClusterIP" && !is_nothing(at(spec, {"externalIPs"}));
  if (is_balancer || is_node_port || has_addresses) {
    set_if_nothing(spec, "externalTrafficPolicy", "Cluster");
  }
  if (is_balancer || is_node_port || text_at(spec, {"type"}) == "ClusterIP") {
    set_if_absent(spec, "internalTrafficPolicy", "Cluster");
  }
  if (is_balancer) {
    set_if_absent(spec, "allocateLoadBalancerNodePorts", true);
    if (Value* ingress = at(service, {"status", "loadBalancer", "ingress"})) {
      for (Value& each : ingress->as_array()) {
        if (!text_at(each, {"ip"}).empty()) {
          set_if_absent(each, "ipMode", "VIP");
        }
      }
    }
  }
}

void complete_namespace(Value& space) {
  const std::string name(text_at(space, {"metadata", "name"}));
  if (!name.empty()) {
    object_at(object_at(space, "metadata"), "labels").set("kubernetes.io/metadata.name", name);
  }
}

void complete_node_status(Value& status) {
  const Value* capacity = at(status, {"capacity"});
  if (!is_nothing(capacity) && is_nothing(at(status, {"allocatable"}))) {
    Value copy = *capacity;
    status.set("allocatable", std::move(copy));
  }
}

void add_missing(Value& to, const json::Object& from) {
  for (const json::Member& member : from) {
    set_if_absent(to, member.key, member.value);
  }
}

void complete_limit_range_item(Value& item) {
  if (text_at(item, {"type"}) != "Container") {
    return;
  }
  const auto copy_of = [&](std::string_view name) { return members_of(at(item, {name})); };
  add_missing(object_at(item, "default"), copy_of("max"));
  add_missing(object_at(item, "defaultRequest"), copy_of("default"));
  add_missing(object_at(item, "defaultRequest"), copy_of("min"));
}

// Of networking and rbac.

void complete_network_policy_spec(Value& spec) {
  if (is_nothing(at(spec, {"policyTypes"}))) {
    json::Array types{"Ingress"};
    if (!is_nothing(at(spec, {"egress"}))) {
      types.emplace_back("Egress");
    }
    spec.set("policyTypes", std::move(types));
  }
}

void complete_subject(Value& subject) {
  const std::string_view kind = text_at(subject, {"kind"});
  if (kind == "User" || kind == "Group") {
    set_if_nothing(subject, "apiGroup", "rbac.authorization.k8s.io");
  }
}

constexpr std::array<std::pair<std::string_view, ConditionalDefaults>, 17> kConditional{{
    {"Container", complete_container},
    {"EphemeralContainer", complete_container},
    {"Volume", complete_volume},
    {"Pod", complete_pod},
    {"DeploymentStrategy", complete_deployment_strategy},
    {"DaemonSetUpdateStrategy", complete_daemon_set_strategy},
    {"StatefulSetUpdateStrategy", complete_stateful_set_strategy},
    {"ReplicationController", complete_replication_controller},
    {"Job", complete_job},
    {"HorizontalPodAutoscalerBehavior", complete_behavior},
    {"ServicePort", complete_service_port},
    {"Service", complete_service},
    {"Namespace", complete_namespace},
    {"NodeStatus", complete_node_status},
    {"LimitRangeItem", complete_limit_range_item},
    {"NetworkPolicySpec", complete_network_policy_spec},
    {"Subject", complete_subject},
}};

}  // namespace

std::span<const std::pair<std::string_view, ConditionalDefaults>> conditional_defaults() {
  return kConditional;
}

}  // namespace kthena::apiserver
