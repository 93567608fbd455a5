// The pods a resource of ours asks for: labels, annotations, and a pod's spec passed on as it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>

#include "json/fields.h"
#include "json/value.h"
#include "kube/meta/object.h"

namespace kthena::api::workload {

struct PodTemplateMetadata {
  kube::Labels labels;
  kube::Labels annotations;

  static constexpr auto fields() {
    using M = PodTemplateMetadata;
    return std::tuple{
        json::Field{"annotations", &M::annotations, "Annotations of the pods."},
        json::Field{"labels", &M::labels, "Labels of the pods, beside those of the controller."},
    };
  }
  friend bool operator==(const PodTemplateMetadata&, const PodTemplateMetadata&) = default;
};

/// The spec stays a value: fields that are newer than we are reach the pod unchanged.
struct PodTemplate {
  std::optional<PodTemplateMetadata> metadata;
  json::Value spec;  ///< null if absent

  static constexpr auto fields() {
    using namespace json::field;
    return std::tuple{
        json::Field{"metadata", &PodTemplate::metadata, "Labels and annotations of the pods."},
        json::Field{"spec", &PodTemplate::spec, "The spec of the pods, as Kubernetes defines it.",
                    shape("PodSpec")},
    };
  }
  friend bool operator==(const PodTemplate&, const PodTemplate&) = default;
};

/// Calls visit(index, container) for the objects of a list of the spec: "containers",
/// "initContainers".
template <class Visit>
void visit_containers(const PodTemplate& pod, std::string_view list, const Visit& visit) {
  const json::Value* containers = pod.spec.find(list);
  if (containers == nullptr || !containers->is_array()) {
    return;
  }
  std::size_t index = 0;
  for (const json::Value& container : containers->as_array()) {
    visit(index++, container);
  }
}

/// The text of a member; empty if it is no text or not there.
inline std::string_view text_member(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member != nullptr && member->is_string() ? std::string_view(member->as_string())
                                                  : std::string_view{};
}

}  // namespace kthena::api::workload
