// Internal to the validation of AutoscalingPolicy.
#pragma once

#include <vector>

#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "json/problem.h"

namespace kthena::api::workload {

/// What the reference accepts and what would not scale as it was meant.
std::vector<json::Problem> warn_of(const AutoscalingPolicySpec& spec);

}  // namespace kthena::api::workload
