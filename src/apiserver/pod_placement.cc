#include "apiserver/pod_placement.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "apiserver/built_in/access.h"
#include "apiserver/request/refusals.h"
#include "apiserver/verbs/metadata.h"
#include "base/rfc3339.h"
#include "json/codec.h"
#include "json/problem.h"
#include "kube/meta/selector.h"

namespace kthena::apiserver {

namespace {

/// The condition by which everybody sees that the pod has its place.
void set_scheduled(json::Value& pod, WallTime now) {
  json::Value condition = json::Object();
  condition.set("type", "PodScheduled");
  condition.set("status", "True");
  condition.set("lastProbeTime", nullptr);
  condition.set("lastTransitionTime",
                std::string(print_rfc3339(now, Rfc3339Fraction::None).view()));
  json::Value& status = object_at(pod, "status");
  json::Array kept;
  for (const json::Value& one : items_of(status.find("conditions"))) {
    if (text_at(one, {"type"}) != "PodScheduled") {
      kept.push_back(one);
    }
  }
  kept.push_back(std::move(condition));
  status.set("conditions", std::move(kept));
}

kube::Labels labels_of(const json::Value& object) {
  kube::Labels labels;
  if (const json::Value* found = metadata_field(object, "labels");
      found != nullptr && found->is_object()) {
    for (const json::Member& label : found->as_object()) {
      if (label.value.is_string()) {
        labels.emplace(label.key, label.value.as_string());
      }
    }
  }
  return labels;
}

bool selects(const json::Value& budget, const kube::Labels& labels) {
  const json::Value* selector = at(budget, {"spec", "selector"});
  if (selector == nullptr || !selector->is_object()) {
    return false;
  }
  const auto decoded = json::decode<kube::LabelSelector>(*selector, json::DecodeOptions::trusted());
  return decoded.value.matches(labels);
}

bool has_ended(const json::Value& pod) {
  const std::string_view phase = text_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || is_being_deleted(pod);
}

}  // namespace

Answer<json::Value> bound_pod(const Kind& pods, json::Value pod, const json::Value& binding,
                              WallTime now) {
  const std::string name(metadata_text_of(pod, "name"));
  const std::string node(text_at(binding, {"target", "name"}));
  if (node.empty()) {
    const std::array problems{json::required_value(json::FieldPath("target.name"), "")};
    return refusals::invalid(pods, name, problems);
  }
  if (is_being_deleted(pod)) {
    return refusals::conflict(
        pods, name, fmt::format("pod {} is being deleted, cannot be assigned to a host", name));
  }
  if (const std::string_view present = text_at(pod, {"spec", "nodeName"}); !present.empty()) {
    return refusals::conflict(
        pods, name,
        fmt::format("pod {} is already assigned to node {}", name, json::quoted(present)));
  }
  object_at(pod, "spec").set("nodeName", node);
  set_scheduled(pod, now);
  return pod;
}

Answer<void> check_eviction(ObjectStore& store, const json::Value& pod) {
  if (has_ended(pod)) {
    return {};
  }
  const auto listed =
      store.list({.resource = "policy/poddisruptionbudgets",
                  .namespace_name = std::string(metadata_text_of(pod, "namespace"))});
  if (!listed) {
    return refusals::of(listed.error());
  }
  const kube::Labels labels = labels_of(pod);
  int budgets = 0;
  for (const ObjectPtr& object : listed->objects) {
    const auto budget = store.value(object);
    if (!budget || !selects(**budget, labels)) {
      continue;
    }
    if (++budgets > 1) {
      return refusals::internal(
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does "
          "not support.");
    }
    if (number_of(at(**budget, {"status", "disruptionsAllowed"})).value_or(0) <= 0) {
      kube::StatusDetails details;
      details.causes.push_back(
          {.reason = "DisruptionBudget",
           .message = fmt::format("The disruption budget {} does not allow another disruption",
                                  object->path().name),
           .field = {}});
      return std::unexpected(kube::Status{
          .status = "Failure",
          .message = "Cannot evict pod as it would violate the pod's disruption budget.",
          .reason = "TooManyRequests",
          .details = std::move(details),
          .code = 429});
    }
  }
  return {};
}

}  // namespace kthena::apiserver
