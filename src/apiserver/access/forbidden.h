// The refusals of access, in the words of kube-apiserver.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "json/problem.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {

struct RoleRef;

/// 401: nobody knows who asks.
kube::Status unauthorized();

/// 403 `pods "x" is forbidden: reason`; what is empty is left out.
kube::Status forbidden(std::string_view group, std::string_view resource, std::string_view name,
                       std::string_view reason);

/// 403 `pods is forbidden: User "kim" cannot list resource "pods" in API group "" in the namespace
/// "a"`.
/// @param reason  of Decision; follows after a colon, if there is one
kube::Status forbidden_request(const User& user, const Attributes& wanted, std::string_view reason);

/// 404 `clusterrole.rbac.authorization.k8s.io "x" not found`.
/// @param called  in place of "clusterrole" or "role", if not empty
kube::Status role_not_found(const RoleRef& role, std::string_view called = {});

/// 422 `TokenRequest.authentication.k8s.io "" is invalid: …` with a cause for each problem.
kube::Status invalid(std::string_view group, std::string_view kind, std::string_view name,
                     const std::vector<json::Problem>& problems);

/// One error as it is, several as "[a, b]", each once.
std::string joined_errors(const std::vector<std::string>& errors);

/// `["a" "b"]`, as Go's %q shows a list.
std::string go_quoted_list(const std::vector<std::string>& texts);

}  // namespace kthena::apiserver
