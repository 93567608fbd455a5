#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

Value labels_shown(const Part& labels) { return labels.value == nullptr ? Value() : *labels.value; }

void check_labels_selected(const Part& selector, const Part& labels, Findings& findings) {
  if (!selector || (!selector.is_nothing() && !selects(*selector.value, labels.value))) {
    findings.invalid(labels.path, labels_shown(labels),
                     "`selector` does not match template `labels`");
  }
}

/// A selector that must be there and not be empty.
void check_selector(const Part& selector, std::string_view of, Findings& findings) {
  if (!selector) {
    findings.required(selector.path);
    return;
  }
  check_label_selector(selector, findings);
  if (selector["matchLabels"].is_nothing() && selector["matchExpressions"].is_nothing()) {
    findings.invalid(selector, "empty selector is invalid for " + std::string(of));
  }
}

/// Pods that are always started again, and not ended by a deadline.
void check_restarts(const Part& pod, std::string_view of, Findings& findings) {
  const Part policy = pod["restartPolicy"];
  if (policy.text() != "Always") {
    findings.unsupported(policy.path, Value(policy.text()), {"Always"});
  }
  if (const Part deadline = pod["activeDeadlineSeconds"]) {
    findings.forbidden(deadline.path,
                       "activeDeadlineSeconds in " + std::string(of) + " is not Supported");
  }
}

void check_replica_template(const Part& spec, Findings& findings) {
  const Part pod_template = spec["template"];
  if (!is_readable_selector(spec["selector"])) {
    findings.invalid(spec["selector"], "invalid label selector");
    return;
  }
  check_labels_selected(spec["selector"], pod_template["metadata"]["labels"], findings);
  check_pod_template(pod_template, findings);
  check_restarts(pod_template["spec"], "ReplicaSet", findings);
}

void check_deployment_strategy(const Part& strategy, Findings& findings) {
  const std::string_view type = strategy["type"].text();
  const Part rolling = strategy["rollingUpdate"];
  if (type == "Recreate") {
    if (rolling) {
      findings.forbidden(rolling.path, "may not be specified when strategy `type` is 'Recreate'");
    }
  } else if (type == "RollingUpdate") {
    const Part unavailable = rolling["maxUnavailable"];
    const Part surge = rolling["maxSurge"];
    check_count_or_percent(unavailable, findings);
    check_count_or_percent(surge, findings);
    if (is_zero_count(unavailable) && is_zero_count(surge)) {
      findings.invalid(unavailable, "may not be 0 when `maxSurge` is 0");
    }
    check_at_most_all(unavailable, findings);
  } else {
    findings.unsupported(strategy.path, strategy.value == nullptr ? Value() : *strategy.value,
                         {"Recreate", "RollingUpdate"});
  }
}

void check_daemon_set_strategy(const Part& strategy, Findings& findings) {
  const std::string_view type = strategy["type"].text();
  if (type == "OnDelete") {
    return;
  }
  if (type != "RollingUpdate") {
    findings.unsupported(strategy.path, strategy.value == nullptr ? Value() : *strategy.value,
                         {"RollingUpdate", "OnDelete"});
    return;
  }
  const Part rolling = strategy["rollingUpdate"];
  const Part unavailable = rolling["maxUnavailable"];
  const Part surge = rolling["maxSurge"];
  check_count_or_percent(unavailable, findings);
  check_count_or_percent(surge, findings);
  check_at_most_all(unavailable, findings);
  check_at_most_all(surge, findings);
  if (!is_zero_count(unavailable) && !is_zero_count(surge)) {
    findings.invalid(surge, "may not be set when maxUnavailable is non-zero");
  } else if (is_zero_count(unavailable) && is_zero_count(surge)) {
    findings.required(unavailable.path, "cannot be 0 when maxSurge is 0");
  }
}

}  // namespace

void check_deployment(const Part& object, const Value* before, Findings& findings) {
  const Part spec = object["spec"];
  check_not_negative(spec["replicas"], findings);
  check_selector(spec["selector"], "deployment", findings);
  check_replica_template(spec, findings);
  check_deployment_strategy(spec["strategy"], findings);
  check_not_negative(spec["minReadySeconds"], findings);
  check_not_negative(spec["revisionHistoryLimit"], findings);
  const Part deadline = spec["progressDeadlineSeconds"];
  check_not_negative(deadline, findings);
  if (deadline && deadline.number().value_or(0) <= spec["minReadySeconds"].number().value_or(0)) {
    findings.invalid(deadline, "must be greater than minReadySeconds");
  }
  if (before != nullptr) {
    check_immutable(spec["selector"], at(*before, {"spec", "selector"}), findings);
  }
}

void check_replica_set(const Part& object, const Value* before, Findings& findings) {
  const Part spec = object["spec"];
  check_not_negative(spec["replicas"], findings);
  check_not_negative(spec["minReadySeconds"], findings);
  check_selector(spec["selector"], "deployment", findings);
  check_replica_template(spec, findings);
  if (before != nullptr) {
    check_immutable(spec["selector"], at(*before, {"spec", "selector"}), findings);
  }
}

void check_replication_controller(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  const Part selector = spec["selector"];
  check_not_negative(spec["minReadySeconds"], findings);
  if (selector.is_nothing()) {
    findings.required(selector.path);
  }
  check_not_negative(spec["replicas"], findings);
  const Part pod_template = spec["template"];
  if (!pod_template) {
    findings.required(pod_template.path);
    return;
  }
  const Part labels = pod_template["metadata"]["labels"];
  const Value wanted = json::Object{{"matchLabels", json::Object(members_of(selector.value))}};
  if (!selects(wanted, labels.value)) {
    findings.invalid(labels.path, labels_shown(labels),
                     "`selector` does not match template `labels`");
  }
  check_pod_template(pod_template, findings);
  check_restarts(pod_template["spec"], "ReplicationController", findings);
}

namespace {

constexpr std::array<std::string_view, 7> kMutableOfStatefulSets{
    "replicas",
    "template",
    "updateStrategy",
    "minReadySeconds",
    "ordinals",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy"};

void check_stateful_set_strategy(const Part& strategy, Findings& findings) {
  const std::string_view type = strategy["type"].text();
  const Part rolling = strategy["rollingUpdate"];
  if (type.empty()) {
    findings.required(strategy.path);
  } else if (type == "OnDelete") {
    if (rolling) {
      findings.invalid(rolling, "only allowed for updateStrategy 'RollingUpdate'");
    }
  } else if (type == "RollingUpdate") {
    check_not_negative(rolling["partition"], findings);
  } else {
    findings.invalid(strategy, "must be 'RollingUpdate' or 'OnDelete'");
  }
}

/// The template with the volumes that the claims become.
Value with_claimed_volumes(const Part& spec) {
  Value pod_template = spec["template"] ? *spec["template"].value : Value(json::Object{});
  Value& pod = object_at(pod_template, "spec");
  pod.erase("subdomain");
  pod.erase("hostname");
  json::Array volumes;
  for (const Part& claim : spec["volumeClaimTemplates"].items()) {
    const std::string_view name = claim["metadata"]["name"].text();
    if (std::ranges::any_of(volumes,
                            [&](const Value& other) { return text_at(other, {"name"}) == name; })) {
      continue;
    }
    volumes.push_back(
        json::Object{{"name", name}, {"persistentVolumeClaim", json::Object{{"claimName", name}}}});
  }
  const std::size_t claimed = volumes.size();
  for (const Value& volume : items_of(at(pod, {"volumes"}))) {
    const bool hidden = std::any_of(
        volumes.begin(), volumes.begin() + static_cast<std::ptrdiff_t>(claimed),
        [&](const Value& other) { return text_at(other, {"name"}) == text_at(volume, {"name"}); });
    if (!hidden) {
      volumes.push_back(volume);
    }
  }
  pod.set("volumes", std::move(volumes));
  return pod_template;
}

void check_stateful_set_update(const Part& spec, const Value& before, Findings& findings) {
  Value now = *spec.value;
  Value was = before;
  for (const std::string_view name : kMutableOfStatefulSets) {
    now.erase(name);
    was.erase(name);
  }
  if (now != was) {
    findings.forbidden(
        spec.path,
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
        "'template', 'updateStrategy', 'revisionHistoryLimit', "
        "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
  }
}

}  // namespace

void check_stateful_set(const Part& object, const Value* before, Findings& findings) {
  const Part spec = object["spec"];
  const Part management = spec["podManagementPolicy"];
  if (management.text() != "OrderedReady" && management.text() != "Parallel") {
    findings.invalid(management, "must be 'OrderedReady' or 'Parallel'");
  }
  check_stateful_set_strategy(spec["updateStrategy"], findings);
  if (before == nullptr) {
    for (const Part& claim : spec["volumeClaimTemplates"].items()) {
      check_claim_spec(claim["spec"], findings);
    }
  }
  check_not_negative(spec["replicas"], findings);
  check_not_negative(spec["minReadySeconds"], findings);
  check_not_negative(
      {.value = spec["ordinals"]["start"].value, .path = spec.path.child("ordinals.start")},
      findings);
  if (before == nullptr && !spec["serviceName"].text().empty()) {
    check_dns_label(spec["serviceName"], findings);
  }
  check_selector(spec["selector"], "statefulset", findings);
  const Part pod_template = spec["template"];
  if (is_readable_selector(spec["selector"])) {
    check_labels_selected(spec["selector"], pod_template["metadata"]["labels"], findings);
    const Value completed = with_claimed_volumes(spec);
    check_pod_template({.value = &completed, .path = pod_template.path}, findings);
  } else {
    findings.invalid(spec["selector"], "");
  }
  check_restarts(pod_template["spec"], "StatefulSet", findings);
  if (before != nullptr && spec && at(*before, {"spec"}) != nullptr) {
    check_stateful_set_update(spec, *at(*before, {"spec"}), findings);
  }
}

void check_daemon_set(const Part& object, const Value* before, Findings& findings) {
  const Part spec = object["spec"];
  const Part selector = spec["selector"];
  if (before != nullptr) {
    check_immutable(selector, at(*before, {"spec", "selector"}), findings);
  }
  check_label_selector(selector, findings);
  const Part labels = spec["template"]["metadata"]["labels"];
  if (is_readable_selector(selector) && (!selector || !selects(*selector.value, labels.value))) {
    findings.invalid(labels.path, labels_shown(labels),
                     "`selector` does not match template `labels`");
  }
  if (selector && selector["matchLabels"].is_nothing() &&
      selector["matchExpressions"].is_nothing()) {
    findings.invalid(selector, "empty selector is invalid for daemonset");
  }
  check_pod_template(spec["template"], findings);
  check_restarts(spec["template"]["spec"], "DaemonSet", findings);
  check_not_negative(spec["minReadySeconds"], findings);
  check_daemon_set_strategy(spec["updateStrategy"], findings);
  check_not_negative(spec["revisionHistoryLimit"], findings);
}

void check_controller_revision(const Part& object, const Value* before, Findings& findings) {
  if (before != nullptr) {
    check_immutable(object["data"], at(*before, {"data"}), findings);
  } else if (!object["data"]) {
    findings.required(object["data"].path, "data is mandatory");
  } else if (!object["data"].value->is_object()) {
    findings.required(object["data"].path, "data must be a valid JSON object");
  }
  check_not_negative(object["revision"], findings);
}

void check_pod_template_object(const Part& object, const Value*, Findings& findings) {
  check_pod_template(object["template"], findings);
}

}  // namespace kthena::apiserver
