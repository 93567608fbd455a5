#include "apiserver/access/default_roles.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/authorization.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

constexpr std::string_view kRead = "get list watch";
constexpr std::string_view kWrite = "create delete deletecollection patch update";
constexpr std::string_view kEverything =
    "create delete deletecollection get list patch update watch";
constexpr std::string_view kUrls = "URL";  ///< in place of a group: the rule is about URLs

struct RoleRow {
  std::string_view name;
  std::string_view aggregated_by{};  ///< the role that takes its rules in
  bool aggregates = false;           ///< it has the rules of those
};
constexpr std::array kRoles = {
    RoleRow{"cluster-admin"},
    RoleRow{"admin", {}, true},
    RoleRow{"edit", "admin", true},
    RoleRow{"view", "edit", true},
    RoleRow{"system:aggregate-to-admin", "admin"},
    RoleRow{"system:aggregate-to-edit", "edit"},
    RoleRow{"system:aggregate-to-view", "view"},
    RoleRow{"system:auth-delegator"},
    RoleRow{"system:basic-user"},
    RoleRow{"system:discovery"},
    RoleRow{"system:monitoring"},
    RoleRow{"system:public-info-viewer"},
    RoleRow{"system:service-account-issuer-discovery"},
};

struct RuleRow {
  std::string_view role;
  std::string_view group;
  std::string_view resources;
  std::string_view verbs;
};
constexpr std::array kRules = std::to_array<RuleRow>({
    {"cluster-admin", "*", "*", "*"},
    {"cluster-admin", kUrls, "*", "*"},
    {"system:aggregate-to-admin", "authorization.k8s.io", "localsubjectaccessreviews", "create"},
    {"system:aggregate-to-admin", "rbac.authorization.k8s.io", "rolebindings roles", kEverything},
    {"system:aggregate-to-edit", "",
     "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", kRead},
    {"system:aggregate-to-edit", "", "serviceaccounts", "impersonate"},
    {"system:aggregate-to-edit", "", "pods pods/attach pods/exec pods/portforward pods/proxy",
     kWrite},
    {"system:aggregate-to-edit", "", "pods/eviction", "create"},
    {"system:aggregate-to-edit", "",
     "configmaps events persistentvolumeclaims replicationcontrollers "
     "replicationcontrollers/scale secrets serviceaccounts services services/proxy",
     kWrite},
    {"system:aggregate-to-edit", "", "serviceaccounts/token", "create"},
    {"system:aggregate-to-edit", "apps",
     "daemonsets deployments deployments/rollback deployments/scale replicasets "
     "replicasets/scale statefulsets statefulsets/scale",
     kWrite},
    {"system:aggregate-to-edit", "autoscaling", "horizontalpodautoscalers", kWrite},
    {"system:aggregate-to-edit", "batch", "cronjobs jobs", kWrite},
    {"system:aggregate-to-edit", "extensions",
     "daemonsets deployments deployments/rollback deployments/scale ingresses "
     "networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
     kWrite},
    {"system:aggregate-to-edit", "policy", "poddisruptionbudgets", kWrite},
    {"system:aggregate-to-edit", "networking.k8s.io", "ingresses networkpolicies", kWrite},
    {"system:aggregate-to-edit", "coordination.k8s.io", "leases", kEverything},
    {"system:aggregate-to-edit", "resource.k8s.io", "resourceclaims resourceclaimtemplates",
     kWrite},
    {"system:aggregate-to-view", "",
     "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods "
     "replicationcontrollers replicationcontrollers/scale serviceaccounts services "
     "services/status",
     kRead},
    {"system:aggregate-to-view", "",
     "bindings events limitranges namespaces/status pods/log pods/status "
     "replicationcontrollers/status resourcequotas resourcequotas/status",
     kRead},
    {"system:aggregate-to-view", "", "namespaces", kRead},
    {"system:aggregate-to-view", "discovery.k8s.io", "endpointslices", kRead},
    {"system:aggregate-to-view", "apps",
     "controllerrevisions daemonsets daemonsets/status deployments deployments/scale "
     "deployments/status replicasets replicasets/scale replicasets/status "
     "statefulsets statefulsets/scale statefulsets/status",
     kRead},
    {"system:aggregate-to-view", "autoscaling",
     "horizontalpodautoscalers horizontalpodautoscalers/status", kRead},
    {"system:aggregate-to-view", "batch", "cronjobs cronjobs/status jobs jobs/status", kRead},
    {"system:aggregate-to-view", "extensions",
     "daemonsets daemonsets/status deployments deployments/scale deployments/status "
     "ingresses ingresses/status networkpolicies replicasets replicasets/scale "
     "replicasets/status replicationcontrollers/scale",
     kRead},
    {"system:aggregate-to-view", "policy", "poddisruptionbudgets poddisruptionbudgets/status",
     kRead},
    {"system:aggregate-to-view", "networking.k8s.io", "ingresses ingresses/status networkpolicies",
     kRead},
    {"system:aggregate-to-view", "resource.k8s.io",
     "resourceclaims resourceclaims/status resourceclaimtemplates", kRead},
    {"system:auth-delegator", "authentication.k8s.io", "tokenreviews", "create"},
    {"system:auth-delegator", "authorization.k8s.io", "subjectaccessreviews", "create"},
    {"system:basic-user", "authorization.k8s.io",
     "selfsubjectaccessreviews selfsubjectrulesreviews", "create"},
    {"system:basic-user", "authentication.k8s.io", "selfsubjectreviews", "create"},
    {"system:discovery", kUrls,
     "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version "
     "/version/",
     "get"},
    {"system:monitoring", kUrls,
     "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*", "get"},
    {"system:monitoring", "", "nodes/metrics", "get"},
    {"system:public-info-viewer", kUrls, "/healthz /livez /readyz /version /version/", "get"},
    {"system:service-account-issuer-discovery", kUrls,
     "/.well-known/openid-configuration /.well-known/openid-configuration/ "
     "/openid/v1/jwks /openid/v1/jwks/",
     "get"},
});

struct BindingRow {
  std::string_view role;  ///< also the binding's name
  std::string_view groups;
};
constexpr std::array kBindings = {
    BindingRow{"cluster-admin", "system:masters"},
    BindingRow{"system:basic-user", "system:authenticated"},
    BindingRow{"system:discovery", "system:authenticated"},
    BindingRow{"system:monitoring", "system:monitoring"},
    BindingRow{"system:public-info-viewer", "system:authenticated system:unauthenticated"},
    BindingRow{"system:service-account-issuer-discovery", "system:serviceaccounts"},
};

constexpr std::string_view kApiVersion = "rbac.authorization.k8s.io/v1";
constexpr std::string_view kAggregateLabel = "rbac.authorization.k8s.io/aggregate-to-";

json::Array words(std::string_view text) {
  json::Array array;
  for_each_part(text, ' ', [&array](std::string_view word) { array.emplace_back(word); });
  return array;
}

json::Object metadata(std::string_view name, std::string_view aggregated_by) {
  json::Object labels{{"kubernetes.io/bootstrapping", "rbac-defaults"}};
  if (!aggregated_by.empty()) {
    labels.append_new(std::string(kAggregateLabel) + std::string(aggregated_by), "true");
  }
  return {{"name", name},
          {"labels", std::move(labels)},
          {"annotations", json::Object{{"rbac.authorization.kubernetes.io/autoupdate", "true"}}}};
}

json::Object rule(const RuleRow& row) {
  json::Object object{{"verbs", words(row.verbs)}};
  if (row.group == kUrls) {
    object.append_new("nonResourceURLs", words(row.resources));
  } else {
    object.append_new("apiGroups", json::Array{row.group});
    object.append_new("resources", words(row.resources));
  }
  return object;
}

json::Value role(const RoleRow& row) {
  json::Object object{{"apiVersion", kApiVersion},
                      {"kind", "ClusterRole"},
                      {"metadata", metadata(row.name, row.aggregated_by)}};
  json::Array rules;
  for (const RuleRow& one : kRules) {
    if (one.role == row.name) {
      rules.emplace_back(rule(one));
    }
  }
  if (row.aggregates) {
    json::Object labels;
    labels.append_new(std::string(kAggregateLabel) + std::string(row.name), "true");
    object.append_new(
        "aggregationRule",
        json::Object{{"clusterRoleSelectors",
                      json::Array{json::Object{{"matchLabels", std::move(labels)}}}}});
    object.append_new("rules", nullptr);
  } else {
    object.append_new("rules", std::move(rules));
  }
  return object;
}

json::Value binding(const BindingRow& row) {
  json::Array subjects;
  for_each_part(row.groups, ' ', [&subjects](std::string_view group) {
    subjects.emplace_back(
        json::Object{{"kind", "Group"}, {"apiGroup", kRbacGroup}, {"name", group}});
  });
  return json::Object{
      {"apiVersion", kApiVersion},
      {"kind", "ClusterRoleBinding"},
      {"metadata", metadata(row.role, {})},
      {"subjects", std::move(subjects)},
      {"roleRef",
       json::Object{{"apiGroup", kRbacGroup}, {"kind", "ClusterRole"}, {"name", row.role}}}};
}

}  // namespace

std::vector<DefaultPolicy> default_policies() {
  std::vector<DefaultPolicy> policies;
  policies.reserve(kRoles.size() + kBindings.size());
  for (const RoleRow& row : kRoles) {
    policies.push_back({.kind = PolicyKind::ClusterRole, .object = role(row)});
  }
  for (const BindingRow& row : kBindings) {
    policies.push_back({.kind = PolicyKind::ClusterRoleBinding, .object = binding(row)});
  }
  return policies;
}

}  // namespace kthena::apiserver
