#include "apiserver/access/escalation.h"

#include <algorithm>
#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/authorization.h"
#include "apiserver/access/forbidden.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/strings.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

std::string_view text_at(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view();
}

std::string_view name_of(const json::Value& object) {
  const json::Value* metadata = object.find("metadata");
  return metadata == nullptr ? std::string_view() : text_at(*metadata, "name");
}

/// Whether only what the garbage collector writes has changed.
bool only_collector_fields(const json::Value& before, const json::Value& after) {
  constexpr std::array kFields = {std::string_view("ownerReferences"),
                                  std::string_view("finalizers"), std::string_view("selfLink"),
                                  std::string_view("managedFields")};
  json::Value old = before;
  json::Value made = after;
  for (json::Value* object : {&old, &made}) {
    if (json::Value* metadata = object->find("metadata");
        metadata != nullptr && metadata->is_object()) {
      for (const std::string_view field : kFields) {
        metadata->erase(field);
      }
    }
  }
  return old == made;
}

bool has_aggregation_rule(const json::Value* role) {
  const json::Value* rule = role == nullptr ? nullptr : role->find("aggregationRule");
  const json::Value* selectors = rule == nullptr ? nullptr : rule->find("clusterRoleSelectors");
  return selectors != nullptr && selectors->is_array() && !selectors->as_array().empty();
}

PolicyRules all_rights() {
  PolicyRule resources;
  resources.verbs = {"*"};
  resources.api_groups = {"*"};
  resources.resources = {"*"};
  PolicyRule urls;
  urls.verbs = {"*"};
  urls.non_resource_urls = {"*"};
  return {std::move(resources), std::move(urls)};
}

/// Nothing if the user has all of the rights, else what is said of those he has not.
/// A role that is not there is called by the name of what is written, as in kube-apiserver, where
/// the storage takes it from the request.
std::string escalation_text(const Authorizer& authorizer, const User& user,
                            const PolicyWrite& write, const PolicyRules& wanted) {
  std::vector<std::string> problems;
  const PolicyRules missing =
      missing_rules(authorizer.rules_for(user, write.ns, &problems, to_string(write.kind)), wanted);
  if (missing.empty()) {
    return {};
  }
  std::vector<std::string> lines;
  lines.reserve(missing.size());
  for (const PolicyRule& rule : missing) {
    lines.push_back(rule.to_string());
  }
  std::ranges::sort(lines);
  const auto [repeated, end] = std::ranges::unique(lines);
  lines.erase(repeated, end);
  std::string text = "user " + json::quoted(user.name) + " (groups=" + go_quoted_list(user.groups) +
                     ") is attempting to grant RBAC permissions not currently held:\n" +
                     join(lines, "\n");
  if (!problems.empty()) {
    text += "; resolution errors: [" + joined_errors(problems) + "]";
  }
  return text;
}

std::unexpected<kube::Status> refuse(const PolicyWrite& write, std::string_view text) {
  return std::unexpected(forbidden(kRbacGroup, to_string(write.kind), name_of(*write.after), text));
}

Answer<void> check_role(const Authorizer& authorizer, const User& user, const PolicyWrite& write) {
  if (authorizer.allows(user, {.verb = "escalate",
                               .group = kRbacGroup,
                               .resource = to_string(write.kind),
                               .ns = write.ns,
                               .name = write.path_name})) {
    return {};
  }
  if (write.before != nullptr && only_collector_fields(*write.before, *write.after)) {
    return {};
  }
  const std::string text = escalation_text(authorizer, user, write, read_rules(*write.after));
  if (!text.empty()) {
    return refuse(write, text);
  }
  if (write.kind == PolicyKind::ClusterRole &&
      (has_aggregation_rule(write.after) || has_aggregation_rule(write.before)) &&
      !escalation_text(authorizer, user, write, all_rights()).empty()) {
    return refuse(write, "must have cluster-admin privileges to use the aggregationRule");
  }
  return {};
}

Answer<void> check_binding(const Authorizer& authorizer, const User& user,
                           const PolicyWrite& write) {
  if (write.before != nullptr && only_collector_fields(*write.before, *write.after)) {
    return {};
  }
  const json::Value* reference = write.after->find("roleRef");
  const std::string_view kind =
      reference == nullptr ? std::string_view() : text_at(*reference, "kind");
  if (kind != "Role" && kind != "ClusterRole") {
    return untranslated("unsupported role reference kind: " + json::quoted(kind));
  }
  const RoleRef role{.kind = kind == "Role" ? PolicyKind::Role : PolicyKind::ClusterRole,
                     .name = std::string(text_at(*reference, "name"))};
  if (authorizer.allows(user, {.verb = "bind",
                               .group = text_at(*reference, "apiGroup"),
                               .resource = to_string(role.kind),
                               .ns = write.ns,
                               .name = role.name})) {
    return {};
  }
  const PolicyRules rules = TRY(authorizer.rules_of(role, write.ns, to_string(write.kind)));
  const std::string text = escalation_text(authorizer, user, write, rules);
  if (!text.empty()) {
    return refuse(write, text);
  }
  return {};
}

}  // namespace

Answer<void> check_escalation(const Authorizer& authorizer, const User& user,
                              const PolicyWrite& write) {
  if (user.is_privileged()) {
    return {};
  }
  const bool role = write.kind == PolicyKind::Role || write.kind == PolicyKind::ClusterRole;
  return role ? check_role(authorizer, user, write) : check_binding(authorizer, user, write);
}

}  // namespace kthena::apiserver
