// One rule of a role, and the objects that roles are made of, in the part that decides. Source:
// Kubernetes API, rbac.authorization.k8s.io/v1.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "apiserver/access/user.h"
#include "json/fields.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What somebody wants to do. The texts must outlive it.
struct Attributes {
  std::string_view verb;
  std::string_view group{};
  std::string_view resource{};
  std::string_view subresource{};
  std::string_view ns{};    ///< empty: of the whole cluster
  std::string_view name{};  ///< empty: not of one object
  bool is_resource = true;
  std::string_view path{};  ///< of a request for no resource: "/version"
};

struct PolicyRule {
  std::vector<std::string> verbs;
  std::vector<std::string> api_groups;
  std::vector<std::string> resources;  ///< "pods", "pods/log", "*/scale", "*"
  std::vector<std::string> resource_names;
  std::vector<std::string> non_resource_urls;  ///< "/healthz", "/api/*", "*"

  bool allows(const Attributes& wanted) const;
  /// As the messages about escalation show it: `{APIGroups:["apps"], Resources:["*"], …}`.
  std::string to_string() const;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using R = PolicyRule;
    return std::tuple{json::Field{"verbs", &R::verbs}, json::Field{"apiGroups", &R::api_groups},
                      json::Field{"resources", &R::resources},
                      json::Field{"resourceNames", &R::resource_names},
                      json::Field{"nonResourceURLs", &R::non_resource_urls}};
  }
  friend bool operator==(const PolicyRule&, const PolicyRule&) = default;
};

using PolicyRules = std::vector<PolicyRule>;

/// The parts of `wanted` that `held` does not give, one verb, resource and name each, those of one
/// resource together again. Empty: all of it is held.
PolicyRules missing_rules(const PolicyRules& held, const PolicyRules& wanted);

/// The rules of a Role or ClusterRole.
PolicyRules read_rules(const json::Value& role);

}  // namespace kthena::apiserver

KTHENA_JSON_EXTERN_TYPE(kthena::apiserver::PolicyRule);
