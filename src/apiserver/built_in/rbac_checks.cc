#include <initializer_list>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

enum class Scope : bool { Namespaced, Cluster };

void check_rules(const Part& rules, Scope scope, Findings& findings) {
  for (const Part& rule : rules.items()) {
    if (rule["verbs"].is_nothing()) {
      findings.required(rule["verbs"].path, "verbs must contain at least one value");
    }
    const Part urls = rule["nonResourceURLs"];
    if (!urls.is_nothing()) {
      if (scope == Scope::Namespaced) {
        findings.invalid(urls, "namespaced rules cannot apply to non-resource URLs");
      }
      if (!rule["apiGroups"].is_nothing() || !rule["resources"].is_nothing() ||
          !rule["resourceNames"].is_nothing()) {
        findings.invalid(urls,
                         "rules cannot apply to both regular resources and non-resource URLs");
      }
      continue;
    }
    if (rule["apiGroups"].is_nothing()) {
      findings.required(rule["apiGroups"].path,
                        "resource rules must supply at least one api group");
    }
    if (rule["resources"].is_nothing()) {
      findings.required(rule["resources"].path, "resource rules must supply at least one resource");
    }
  }
}

void check_subject(const Part& subject, Scope scope, Findings& findings) {
  const Part name = subject["name"];
  const Part group = subject["apiGroup"];
  const std::string_view kind = subject["kind"].text();
  if (name.text().empty()) {
    findings.required(name.path);
  }
  if (kind == "ServiceAccount") {
    if (!name.text().empty()) {
      check_dns_subdomain(name, findings);
    }
    if (!group.text().empty()) {
      findings.unsupported(group.path, *group.value, {""});
    }
    if (scope == Scope::Cluster && subject["namespace"].text().empty()) {
      findings.required(subject["namespace"].path);
    }
  } else if (kind == "User" || kind == "Group") {
    if (group.text() != kGroup) {
      findings.unsupported(group.path, Value(group.text()), {kGroup});
    }
  } else {
    findings.unsupported(subject["kind"].path, Value(kind), {"ServiceAccount", "User", "Group"});
  }
}

void check_binding(const Part& object, const Value* before, Scope scope, Findings& findings) {
  const Part role = object["roleRef"];
  if (role["apiGroup"].text() != kGroup) {
    findings.unsupported(role["apiGroup"].path, Value(role["apiGroup"].text()), {kGroup});
  }
  const std::string_view kind = role["kind"].text();
  if (scope == Scope::Namespaced) {
    if (kind != "Role" && kind != "ClusterRole") {
      findings.unsupported(role["kind"].path, Value(kind), {"Role", "ClusterRole"});
    }
  } else if (kind != "ClusterRole") {
    findings.unsupported(role["kind"].path, Value(kind), {"ClusterRole"});
  }
  if (role["name"].text().empty()) {
    findings.required(role["name"].path);
  } else {
    check_name(role["name"], path_segment_problems, findings);
  }
  for (const Part& subject : object["subjects"].items()) {
    check_subject(subject, scope, findings);
  }
  if (before != nullptr && !same(role.value, at(*before, {"roleRef"}))) {
    // Shown as the server's own type, whose fields have no names in JSON.
    findings.invalid(role.path,
                     json::Object{{"APIGroup", role["apiGroup"].text()},
                                  {"Kind", role["kind"].text()},
                                  {"Name", role["name"].text()}},
                     "cannot change roleRef");
  }
}

}  // namespace

void check_role(const Part& object, const Value*, Findings& findings) {
  check_rules(object["rules"], Scope::Namespaced, findings);
}

void check_cluster_role(const Part& object, const Value*, Findings& findings) {
  check_rules(object["rules"], Scope::Cluster, findings);
  if (const Part rule = object["aggregationRule"]) {
    const Part selectors = rule["clusterRoleSelectors"];
    if (selectors.is_nothing()) {
      findings.required(selectors.path,
                        "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    for (const Part& selector : selectors.items()) {
      check_label_selector(selector, findings);
    }
  }
}

void check_role_binding(const Part& object, const Value* before, Findings& findings) {
  check_binding(object, before, Scope::Namespaced, findings);
}

void check_cluster_role_binding(const Part& object, const Value* before, Findings& findings) {
  check_binding(object, before, Scope::Cluster, findings);
}

}  // namespace kthena::apiserver
