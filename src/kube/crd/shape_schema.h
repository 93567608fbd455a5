// Schemas of built-in types for CustomResourceDefinitions: what a pod template may hold.
#pragma once

#include <string_view>

#include "json/value.h"

namespace kthena::kube {

/// The structural schema of a built-in type, for `json::SchemaOptions::shape`; null if the table of
/// shapes does not have it. No descriptions, and no enums: a later Kubernetes may know more values,
/// and it checks them when the pod is made.
json::Value shape_schema(std::string_view type_name);

}  // namespace kthena::kube
