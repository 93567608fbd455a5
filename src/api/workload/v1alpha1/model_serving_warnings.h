// Internal to the validation of ModelServing.
#pragma once

#include <vector>

#include "api/workload/v1alpha1/model_serving.h"
#include "json/problem.h"

namespace kthena::api::workload {

/// What the reference accepts and what most likely is not what was meant.
std::vector<json::Problem> warn_of(const ModelServing& serving);

}  // namespace kthena::api::workload
