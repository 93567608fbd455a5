#include "kube/controller/ownership.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace kthena::kube {

namespace {

json::Value step(std::string_view operation, std::string_view path, json::Value value) {
  json::Value step;
  step.set("op", operation);
  step.set("path", path);
  step.set("value", std::move(value));
  return step;
}

/// Fails, as 409, unless the object is still of that version: the API server compares what a patch
/// writes.
json::Value same_version(const ObjectMeta& metadata) {
  return step("replace", "/metadata/resourceVersion", metadata.resource_version);
}

}  // namespace

const OwnerReference* controller_of(const ObjectMeta& metadata) {
  const auto found = std::ranges::find_if(
      metadata.owner_references,
      [](const OwnerReference& owner) { return owner.controller.value_or(false); });
  return found != metadata.owner_references.end() ? &*found : nullptr;
}

bool is_controlled_by(const ObjectMeta& metadata, const ObjectMeta& owner) {
  const OwnerReference* controller = controller_of(metadata);
  return controller != nullptr && controller->uid == owner.uid;
}

bool has_finalizer(const ObjectMeta& metadata, std::string_view finalizer) {
  return std::ranges::find(metadata.finalizers, finalizer) != metadata.finalizers.end();
}

json::Value add_finalizer_patch(const ObjectMeta& metadata, std::string_view finalizer) {
  json::Value patch;
  patch.push_back(same_version(metadata));
  if (metadata.finalizers.empty()) {
    json::Value list;
    list.push_back(finalizer);
    patch.push_back(step("add", "/metadata/finalizers", std::move(list)));
  } else {
    patch.push_back(step("add", "/metadata/finalizers/-", finalizer));
  }
  return patch;
}

json::Value remove_finalizer_patch(const ObjectMeta& metadata, std::string_view finalizer) {
  CHECK(has_finalizer(metadata, finalizer));
  json::Value left = json::Array();
  for (const std::string& other : metadata.finalizers) {
    if (other != finalizer) {
      left.push_back(other);
    }
  }
  json::Value patch;
  patch.push_back(same_version(metadata));
  patch.push_back(step("add", "/metadata/finalizers", std::move(left)));
  return patch;
}

}  // namespace kthena::kube
