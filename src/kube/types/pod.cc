#include "kube/types/pod.h"

#include <optional>
#include <string>
#include <vector>

#include "json/problem.h"
#include "json/type.h"

namespace kthena::kube {

std::optional<bool> ready_condition(const Pod& pod) {
  for (const PodCondition& condition : pod.status.conditions) {
    if (condition.type == "Ready") {
      return condition.status == "True";
    }
  }
  return std::nullopt;
}

const std::string& address_of(const Pod& pod) {
  const PodStatus& status = pod.status;
  return status.pod_ip.empty() && !status.pod_ips.empty() ? status.pod_ips.front().ip
                                                          : status.pod_ip;
}

std::vector<json::Problem> validate(const Pod& pod) {
  if (!address_of(pod).empty()) {
    return {};
  }
  return {json::as_warning(json::required_value(json::FieldPath("status.podIP"),
                                                "without an address the pod does not serve"))};
}

bool is_serving(const Pod& pod, PodSource source) {
  const bool absent_is_good = source == PodSource::Manifest;
  const bool running =
      pod.status.phase == "Running" || (pod.status.phase.empty() && absent_is_good);
  return running && ready_condition(pod).value_or(absent_is_good) && !address_of(pod).empty() &&
         !pod.metadata.is_being_deleted();
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Pod);
