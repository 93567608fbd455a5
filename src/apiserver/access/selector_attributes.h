// Selectors in access reviews. They decide nothing here, as in kube-apiserver's RBAC; what is wrong
// in them is told.
#pragma once

#include <string>
#include <vector>

#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// @param attributes  spec.resourceAttributes; @param path  of it
void check_selectors(const json::Value& attributes, const json::FieldPath& path,
                     std::vector<json::Problem>& problems);

/// The `evaluationError` of selectors that cannot be read; empty if there are none.
std::string selector_errors(const json::Value& attributes);

}  // namespace kthena::apiserver
