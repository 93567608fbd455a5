#include "apiserver/access/authorization.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/forbidden.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/string_map.h"
#include "json/codec.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/selector.h"

namespace kthena::apiserver {
namespace {

constexpr std::array kPlurals = {std::string_view("roles"), std::string_view("clusterroles"),
                                 std::string_view("rolebindings"),
                                 std::string_view("clusterrolebindings")};

std::string text_at(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

std::string metadata_text(const json::Value& object, std::string_view name) {
  const json::Value* metadata = object.find("metadata");
  return metadata == nullptr ? std::string() : text_at(*metadata, name);
}

kube::Labels labels_of(const json::Value& object) {
  kube::Labels labels;
  const json::Value* metadata = object.find("metadata");
  const json::Value* list = metadata == nullptr ? nullptr : metadata->find("labels");
  if (list != nullptr && list->is_object()) {
    for (const auto& [key, value] : list->as_object()) {
      if (value.is_string()) {
        labels.emplace(key, value.as_string());
      }
    }
  }
  return labels;
}

std::vector<kube::LabelSelector> selectors_of(const json::Value& object) {
  std::vector<kube::LabelSelector> selectors;
  const json::Value* rule = object.find("aggregationRule");
  const json::Value* list = rule == nullptr ? nullptr : rule->find("clusterRoleSelectors");
  if (list != nullptr && list->is_array()) {
    for (const json::Value& selector : list->as_array()) {
      selectors.push_back(
          json::decode<kube::LabelSelector>(selector, json::DecodeOptions::trusted()).value);
    }
  }
  return selectors;
}

struct Subject {
  std::string kind;
  std::string name;
  std::string ns;  ///< of a ServiceAccount
};

std::vector<Subject> subjects_of(const json::Value& binding, std::string_view binding_ns) {
  std::vector<Subject> subjects;
  const json::Value* list = binding.find("subjects");
  if (list == nullptr || !list->is_array()) {
    return subjects;
  }
  for (const json::Value& item : list->as_array()) {
    Subject subject{.kind = text_at(item, "kind"), .name = text_at(item, "name"), .ns = {}};
    if (subject.kind == "ServiceAccount") {
      subject.ns = text_at(item, "namespace");
      subject.ns = subject.ns.empty() ? std::string(binding_ns) : std::move(subject.ns);
    }
    subjects.push_back(std::move(subject));
  }
  return subjects;
}

/// Whose bindings it is found among: users by name, accounts by that of their user.
std::string user_of(const Subject& subject) {
  if (subject.kind == "User") {
    return subject.name;
  }
  return subject.kind == "ServiceAccount" && !subject.ns.empty()
             ? service_account_user_name(subject.ns, subject.name)
             : std::string();
}

bool is_meant(const User& user, const Subject& subject) {
  return subject.kind == "Group"
             ? user.in_group(subject.name)
             : user_of(subject) == user.name && (subject.kind == "User" || !subject.ns.empty());
}

}  // namespace

std::string_view to_string(PolicyKind kind) noexcept {
  return kPlurals[static_cast<std::size_t>(kind)];
}

std::optional<PolicyKind> policy_kind(std::string_view resource) noexcept {
  const auto* found = std::ranges::find(kPlurals, resource);
  if (found == kPlurals.end()) {
    return std::nullopt;
  }
  return static_cast<PolicyKind>(found - kPlurals.begin());
}

struct Authorizer::Role {
  std::string name;
  PolicyRules rules;
  kube::Labels labels;
  /// Of an aggregationRule.
  std::vector<kube::LabelSelector> selectors;

  bool selects(const Role& other) const {
    return &other != this &&
           std::ranges::any_of(selectors, [&other](const kube::LabelSelector& selector) {
             return selector.matches(other.labels);
           });
  }
};

struct Authorizer::Binding {
  std::string ns;
  std::string name;
  std::optional<RoleRef> role;
  std::string role_kind;  ///< as written
  std::vector<Subject> subjects;

  std::string role_problem(std::string_view called = {}) const;
  std::string to_string(const User& user) const;
};

/// Those of one namespace, or of the whole cluster, by whom they are for.
struct Authorizer::Bindings {
  std::map<std::string, std::unique_ptr<Binding>, std::less<>> all;
  StringMap<std::vector<const Binding*>> by_user;
  StringMap<std::vector<const Binding*>> by_group;

  void put(std::unique_ptr<Binding> binding) {
    erase(binding->name);
    for (const Subject& subject : binding->subjects) {
      if (subject.kind == "Group") {
        add(by_group[subject.name], binding.get());
      } else if (std::string user = user_of(subject); !user.empty()) {
        add(by_user[std::move(user)], binding.get());
      }
    }
    std::string name = binding->name;
    all.emplace(std::move(name), std::move(binding));
  }

  void erase(std::string_view name) {
    const auto found = all.find(name);
    if (found == all.end()) {
      return;
    }
    for (const Subject& subject : found->second->subjects) {
      if (subject.kind == "Group") {
        take(by_group, subject.name, found->second.get());
      } else {
        take(by_user, user_of(subject), found->second.get());
      }
    }
    all.erase(found);
  }

 private:
  static void add(std::vector<const Binding*>& list, const Binding* binding) {
    if (list.empty() || list.back() != binding) {
      list.push_back(binding);
    }
  }
  static void take(StringMap<std::vector<const Binding*>>& index, const std::string& key,
                   const Binding* binding) {
    if (const auto found = index.find(key); found != index.end()) {
      std::erase(found->second, binding);
      if (found->second.empty()) {
        index.erase(found);
      }
    }
  }
};

struct Authorizer::Namespace {
  StringMap<std::unique_ptr<Role>> roles;
  Bindings bindings;
};

std::string Authorizer::Binding::role_problem(std::string_view called) const {
  if (!role) {
    return "unsupported role reference kind: " + json::quoted(role_kind);
  }
  return role_not_found(*role, called).message;
}

std::string Authorizer::Binding::to_string(const User& user) const {
  const auto subject =
      std::ranges::find_if(subjects, [&](const Subject& one) { return is_meant(user, one); });
  std::string text = ns.empty() ? "ClusterRoleBinding " + json::quoted(name)
                                : "RoleBinding " + json::quoted(name + "/" + ns);
  text += " of " + role_kind + " " + json::quoted(role ? role->name : std::string());
  if (subject != subjects.end()) {
    const bool account = subject->kind == "ServiceAccount";
    text += " to " + subject->kind + " " +
            json::quoted(account ? subject->name + "/" + subject->ns : subject->name);
  }
  return text;
}

Authorizer::Authorizer() : cluster_bindings_(std::make_unique<Bindings>()) {}
Authorizer::~Authorizer() = default;

void Authorizer::update(PolicyKind kind, const json::Value& object) {
  if (kind == PolicyKind::Role || kind == PolicyKind::ClusterRole) {
    update_role(kind, object);
    return;
  }
  auto binding = std::make_unique<Binding>();
  binding->name = metadata_text(object, "name");
  if (kind == PolicyKind::RoleBinding) {
    binding->ns = metadata_text(object, "namespace");
  }
  binding->subjects = subjects_of(object, binding->ns);
  if (const json::Value* role = object.find("roleRef")) {
    binding->role_kind = text_at(*role, "kind");
    if (binding->role_kind == "Role" || binding->role_kind == "ClusterRole") {
      binding->role = {
          .kind = binding->role_kind == "Role" ? PolicyKind::Role : PolicyKind::ClusterRole,
          .name = text_at(*role, "name")};
    }
  }
  if (kind == PolicyKind::ClusterRoleBinding) {
    cluster_bindings_->put(std::move(binding));
    return;
  }
  auto& ns = namespaces_[binding->ns];
  if (ns == nullptr) {
    ns = std::make_unique<Namespace>();
  }
  ns->bindings.put(std::move(binding));
}

void Authorizer::update_role(PolicyKind kind, const json::Value& object) {
  auto role = std::make_unique<Role>();
  role->name = metadata_text(object, "name");
  role->rules = read_rules(object);
  std::string name = role->name;
  if (kind == PolicyKind::Role) {
    auto& ns = namespaces_[metadata_text(object, "namespace")];
    if (ns == nullptr) {
      ns = std::make_unique<Namespace>();
    }
    ns->roles.insert_or_assign(std::move(name), std::move(role));
    return;
  }
  role->labels = labels_of(object);
  role->selectors = selectors_of(object);
  auto& place = cluster_roles_[std::move(name)];
  const bool was_aggregated = place != nullptr && is_aggregated(*place);
  place = std::move(role);
  if (was_aggregated || is_aggregated(*place)) {
    aggregate();
  }
}

bool Authorizer::is_aggregated(const Role& role) const {
  return !role.selectors.empty() || std::ranges::any_of(cluster_roles_, [&role](const auto& entry) {
    return entry.second != nullptr && entry.second->selects(role);
  });
}

void Authorizer::remove(PolicyKind kind, std::string_view ns, std::string_view name) {
  if (kind == PolicyKind::ClusterRole) {
    if (const auto found = cluster_roles_.find(name); found != cluster_roles_.end()) {
      const bool was_aggregated = is_aggregated(*found->second);
      cluster_roles_.erase(found);
      if (was_aggregated) {
        aggregate();
      }
    }
    return;
  }
  if (kind == PolicyKind::ClusterRoleBinding) {
    cluster_bindings_->erase(name);
    return;
  }
  const auto found = namespaces_.find(ns);
  if (found == namespaces_.end()) {
    return;
  }
  Namespace& inside = *found->second;
  if (kind == PolicyKind::RoleBinding) {
    inside.bindings.erase(name);
  } else if (const auto role = inside.roles.find(name); role != inside.roles.end()) {
    inside.roles.erase(role);
  }
  if (inside.roles.empty() && inside.bindings.all.empty()) {
    namespaces_.erase(found);
  }
}

/// Gives roles with an aggregationRule the rules of those they select. All of them, since they may
/// select one another: there are a handful.
void Authorizer::aggregate() {
  std::vector<std::pair<Role*, PolicyRules>> news;
  for (const auto& [name, role] : cluster_roles_) {
    if (!role->selectors.empty()) {
      PolicyRules rules;
      std::vector<const Role*> seen;
      collect_rules(*role, seen, rules);
      news.emplace_back(role.get(), std::move(rules));
    }
  }
  for (auto& [role, rules] : news) {
    role->rules = std::move(rules);
  }
}

void Authorizer::collect_rules(const Role& role, std::vector<const Role*>& seen,
                               PolicyRules& rules) const {
  if (std::ranges::find(seen, &role) != seen.end()) {
    return;
  }
  seen.push_back(&role);
  if (role.selectors.empty()) {
    for (const PolicyRule& rule : role.rules) {
      if (std::ranges::find(rules, rule) == rules.end()) {
        rules.push_back(rule);
      }
    }
    return;
  }
  for (const kube::LabelSelector& selector : role.selectors) {
    for (const auto& [name, other] : cluster_roles_) {
      if (other.get() != &role && selector.matches(other->labels)) {
        collect_rules(*other, seen, rules);
      }
    }
  }
}

std::optional<PolicyRules> Authorizer::aggregated_rules(std::string_view cluster_role) const {
  const auto found = cluster_roles_.find(cluster_role);
  if (found == cluster_roles_.end() || found->second->selectors.empty()) {
    return std::nullopt;
  }
  return found->second->rules;
}

std::vector<std::string> Authorizer::aggregating_roles() const {
  std::vector<std::string> names;
  for (const auto& [name, role] : cluster_roles_) {
    if (!role->selectors.empty()) {
      names.push_back(name);
    }
  }
  return names;
}

const Authorizer::Role* Authorizer::find_role(const RoleRef& role, std::string_view ns) const {
  if (role.kind == PolicyKind::ClusterRole) {
    const auto found = cluster_roles_.find(role.name);
    return found == cluster_roles_.end() ? nullptr : found->second.get();
  }
  const auto inside = namespaces_.find(ns);
  if (inside == namespaces_.end()) {
    return nullptr;
  }
  const auto found = inside->second->roles.find(role.name);
  return found == inside->second->roles.end() ? nullptr : found->second.get();
}

template <class Visit>
void Authorizer::visit_bindings(const User& user, std::string_view ns, Visit&& visit) const {
  const auto visit_all = [&](const StringMap<std::vector<const Binding*>>& index,
                             std::string_view key) {
    const auto found = index.find(key);
    return found == index.end() || std::ranges::all_of(found->second, [&](const Binding* binding) {
             return visit(*binding, binding->role ? find_role(*binding->role, ns) : nullptr);
           });
  };
  const auto visit_those = [&](const Bindings& bindings) {
    return visit_all(bindings.by_user, user.name) &&
           std::ranges::all_of(user.groups, [&](const std::string& group) {
             return visit_all(bindings.by_group, group);
           });
  };
  if (!visit_those(*cluster_bindings_) || ns.empty()) {
    return;
  }
  if (const auto inside = namespaces_.find(ns); inside != namespaces_.end()) {
    visit_those(inside->second->bindings);
  }
}

/// The same, each binding once, in the order of their names.
template <class Visit>
void Authorizer::visit_in_order(const User& user, std::string_view ns, Visit&& visit) const {
  std::vector<std::pair<const Binding*, const Role*>> found;
  visit_bindings(user, ns, [&found](const Binding& binding, const Role* role) {
    found.emplace_back(&binding, role);
    return true;
  });
  std::ranges::sort(found, {}, [](const auto& entry) {
    return std::pair(std::string_view(entry.first->ns), std::string_view(entry.first->name));
  });
  const auto [repeated, end] = std::ranges::unique(found);
  found.erase(repeated, end);
  for (const auto& [binding, role] : found) {
    if (!visit(*binding, role)) {
      return;
    }
  }
}

bool Authorizer::allows(const User& user, const Attributes& wanted) const {
  if (user.is_privileged()) {
    return true;
  }
  bool allowed = false;
  const Role* asked = nullptr;  // the last one: many bindings give the same
  visit_bindings(user, wanted.ns, [&](const Binding& /*binding*/, const Role* role) {
    allowed = role != nullptr && std::exchange(asked, role) != role &&
              std::ranges::any_of(role->rules,
                                  [&](const PolicyRule& rule) { return rule.allows(wanted); });
    return !allowed;
  });
  return allowed;
}

Decision Authorizer::decide(const User& user, const Attributes& wanted) const {
  if (user.is_privileged()) {
    return {.allowed = true, .reason = {}};
  }
  Decision decision;
  std::vector<std::string> problems;
  visit_in_order(user, wanted.ns, [&](const Binding& binding, const Role* role) {
    if (role == nullptr) {
      problems.push_back(binding.role_problem());
    } else if (std::ranges::any_of(role->rules,
                                   [&](const PolicyRule& rule) { return rule.allows(wanted); })) {
      decision = {.allowed = true, .reason = "RBAC: allowed by " + binding.to_string(user)};
    }
    return !decision.allowed;
  });
  if (!decision.allowed && !problems.empty()) {
    decision.reason = "RBAC: " + joined_errors(problems);
  }
  return decision;
}

std::optional<kube::Status> Authorizer::refusal(const User& user, const Attributes& wanted) const {
  if (allows(user, wanted)) {
    return std::nullopt;
  }
  return forbidden_request(user, wanted, decide(user, wanted).reason);
}

PolicyRules Authorizer::rules_for(const User& user, std::string_view ns,
                                  std::vector<std::string>* problems,
                                  std::string_view called) const {
  PolicyRules rules;
  visit_in_order(user, ns, [&](const Binding& binding, const Role* role) {
    if (role != nullptr) {
      rules.insert(rules.end(), role->rules.begin(), role->rules.end());
    } else if (problems != nullptr) {
      problems->push_back(binding.role_problem(called));
    }
    return true;
  });
  return rules;
}

Answer<PolicyRules> Authorizer::rules_of(const RoleRef& role, std::string_view ns,
                                         std::string_view called) const {
  const Role* found = find_role(role, ns);
  if (found == nullptr) {
    return std::unexpected(role_not_found(role, called));
  }
  return found->rules;
}

}  // namespace kthena::apiserver
