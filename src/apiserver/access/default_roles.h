// The roles that users expect in any cluster, and who has them: cluster-admin, admin, edit, view;
// discovery for everybody.
#pragma once

#include <vector>

#include "apiserver/access/authorization.h"
#include "json/value.h"

namespace kthena::apiserver {

struct DefaultPolicy {
  PolicyKind kind = PolicyKind::ClusterRole;
  json::Value object;  ///< without what the server adds: uid, times, versions
};

/// Cluster roles, then their bindings. A server creates those that are not there.
/// Source: what kube-apiserver v1.34 creates; those for its own components are left out.
std::vector<DefaultPolicy> default_policies();

}  // namespace kthena::apiserver
