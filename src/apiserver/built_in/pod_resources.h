// What a pod asks for as a whole: its quality of service, and its requests and limits where it
// states some for all its containers together.
#pragma once

#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// "Guaranteed", "Burstable" or "BestEffort". Source: Kubernetes v1.34, helper/qos.
std::string_view quality_of_service(const json::Value& pod);

/// Completes `resources` of a pod's spec if it has limits or requests: requests by what the
/// containers request together, else by the limits.
void default_pod_resources(json::Value& spec);

}  // namespace kthena::apiserver
