#include "apiserver/built_in/pod_strategy.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/pod_resources.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

void put(Value& object, std::string_view name, const Value* value) {
  if (value == nullptr) {
    object.erase(name);
  } else {
    object.set(name, *value);
  }
}

/// Labels of the pod named by `keys` become requirements of the selector.
void merge_label_keys(Value& term, std::string_view keys, std::string_view operation,
                      const Value* labels) {
  Value* selector = at(term, {"labelSelector"});
  const json::Array names = items_of(at(term, {keys}));
  if (selector == nullptr || names.empty()) {
    return;
  }
  for (const Value& name : names) {
    if (const Value* value = at(labels, text_of(&name))) {
      if (at(*selector, {"matchExpressions"}) == nullptr) {
        selector->set("matchExpressions", json::Array{});
      }
      selector->find("matchExpressions")
          ->push_back(json::Object{
              {"key", name}, {"operator", operation}, {"values", json::Array{*value}}});
    }
  }
}

void merge_affinity_keys(Value& affinity, const Value* labels) {
  for (const std::string_view side : {"podAffinity", "podAntiAffinity"}) {
    if (Value* preferred =
            at(affinity, {side, "preferredDuringSchedulingIgnoredDuringExecution"})) {
      for (Value& weighted : preferred->as_array()) {
        if (Value* term = at(weighted, {"podAffinityTerm"})) {
          merge_label_keys(*term, "matchLabelKeys", "In", labels);
          merge_label_keys(*term, "mismatchLabelKeys", "NotIn", labels);
        }
      }
    }
    if (Value* required = at(affinity, {side, "requiredDuringSchedulingIgnoredDuringExecution"})) {
      for (Value& term : required->as_array()) {
        merge_label_keys(term, "matchLabelKeys", "In", labels);
        merge_label_keys(term, "mismatchLabelKeys", "NotIn", labels);
      }
    }
  }
}

bool same_names(const json::Array& a, const json::Array& b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (text_at(a[i], {"name"}) != text_at(b[i], {"name"})) {
      return false;
    }
  }
  return true;
}

/// The containers as before, with the resources of `now`.
Value resized(const json::Array& now, const json::Array& before) {
  json::Array out = before;
  for (std::size_t i = 0; i < out.size(); ++i) {
    put(out[i], "resources", now[i].find("resources"));
    put(out[i], "resizePolicy", now[i].find("resizePolicy"));
  }
  return out;
}

/// Subresources write their part, and of the metadata nothing but managedFields and the version.
void keep_metadata(Value& pod, const Value& before) {
  Value& metadata = object_at(pod, "metadata");
  for (const std::string_view name :
       {"deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink", "labels",
        "annotations", "finalizers", "ownerReferences"}) {
    put(metadata, name, at(before, {"metadata", name}));
  }
}

}  // namespace

void prepare_new_pod(Value& pod) {
  Value status = json::Object{{"phase", "Pending"}, {"qosClass", quality_of_service(pod)}};
  if (!is_nothing(at(pod, {"spec", "schedulingGates"}))) {
    status.set("conditions",
               json::Array{json::Object{
                   {"type", "PodScheduled"},
                   {"status", "False"},
                   {"reason", "SchedulingGated"},
                   {"message", "Scheduling is blocked due to non-empty scheduling gates"}}});
  }
  pod.set("status", std::move(status));
  const Value labels = Value(json::Object(members_of(at(pod, {"metadata", "labels"}))));
  if (Value* affinity = at(pod, {"spec", "affinity"})) {
    merge_affinity_keys(*affinity, &labels);
  }
  if (Value* constraints = at(pod, {"spec", "topologySpreadConstraints"})) {
    for (Value& constraint : constraints->as_array()) {
      merge_label_keys(constraint, "matchLabelKeys", "In", &labels);
    }
  }
}

void keep_of_pod_status(Value& pod, const Value& before) {
  put(object_at(pod, "metadata"), "ownerReferences", at(before, {"metadata", "ownerReferences"}));
  Value& status = object_at(pod, "status");
  for (const std::string_view name : {"qosClass", "observedGeneration"}) {
    if (is_nothing(at(status, {name}))) {
      put(status, name, at(before, {"status", name}));
    }
  }
  std::map<std::string, std::vector<const Value*>, std::less<>> generations;
  for (const Value& condition : items_of(at(before, {"status", "conditions"}))) {
    generations[std::string(text_at(condition, {"type"}))].push_back(
        at(condition, {"observedGeneration"}));
  }
  Value* conditions = at(status, {"conditions"});
  if (conditions == nullptr) {
    return;
  }
  for (Value& condition : conditions->as_array()) {
    const auto known = generations.find(text_at(condition, {"type"}));
    if (known == generations.end() || known->second.empty()) {
      continue;
    }
    if (at(condition, {"observedGeneration"}) == nullptr) {
      put(condition, "observedGeneration", known->second.front());
    }
    known->second.erase(known->second.begin());
  }
}

void keep_all_but(std::string_view subresource, Value& pod, const Value& before) {
  const Value* old_spec = before.find("spec");
  if (subresource == "ephemeralcontainers") {
    const Value* found = at(pod, {"spec", "ephemeralContainers"});
    const Value containers = found == nullptr ? Value() : *found;
    put(pod, "spec", old_spec);
    object_at(pod, "spec").set("ephemeralContainers", containers);
  } else if (subresource == "resize") {
    const json::Array now = items_of(at(pod, {"spec", "containers"}));
    const json::Array now_init = items_of(at(pod, {"spec", "initContainers"}));
    const json::Array& old = items_of(at(before, {"spec", "containers"}));
    const json::Array& old_init = items_of(at(before, {"spec", "initContainers"}));
    if (now.size() != old.size() || now_init.size() != old_init.size()) {
      return;  // validation says so
    }
    put(pod, "spec", old_spec);
    Value& spec = object_at(pod, "spec");
    spec.set("containers", same_names(now, old) ? resized(now, old) : Value(now));
    spec.set("initContainers",
             same_names(now_init, old_init) ? resized(now_init, old_init) : Value(now_init));
  }
  put(pod, "status", before.find("status"));
  keep_metadata(pod, before);
}

}  // namespace kthena::apiserver
