// What pods make of a write.
#pragma once

#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// Pending, of its quality of service; gated if it has gates; its affinity and spread constraints
/// with the labels that they name.
void prepare_new_pod(json::Value& pod);

/// The status endpoint keeps the owners, the quality of service, and generations that are not said.
void keep_of_pod_status(json::Value& pod, const json::Value& before);

/// Of "ephemeralcontainers" and "resize": the rest of the pod is as before.
void keep_all_but(std::string_view subresource, json::Value& pod, const json::Value& before);

}  // namespace kthena::apiserver
