// Whether somebody may do something: role based access control as Kubernetes has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/string_map.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/selector.h"

namespace kthena::apiserver {

inline constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

enum class PolicyKind : std::uint8_t { Role, ClusterRole, RoleBinding, ClusterRoleBinding };
/// "clusterrolebindings".
std::string_view to_string(PolicyKind kind) noexcept;
/// Nothing if `resource`, a plural, is none of them.
std::optional<PolicyKind> policy_kind(std::string_view resource) noexcept;

/// What a binding refers to.
struct RoleRef {
  PolicyKind kind = PolicyKind::ClusterRole;
  std::string name;
};

struct Decision {
  bool allowed = false;
  /// Why, as reviews say it: which binding allows it, or which roles of bindings are not there.
  std::string reason;
};

/// Knows all roles and bindings, by being told of each change, and decides by them. One thread.
///
///     authorizer.update(PolicyKind::RoleBinding, binding);
///     if (const auto refused = authorizer.refusal(user, {.verb = "list", .resource = "pods", .ns =
///     "a"})) …
class Authorizer {
 public:
  Authorizer();
  ~Authorizer();
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;

  /// An object was created or has changed; what is wrong in it decides nothing.
  void update(PolicyKind kind, const json::Value& object);
  void remove(PolicyKind kind, std::string_view ns, std::string_view name);

  /// Members of system:masters may do anything, others what a rule of a role allows that is bound
  /// to them. Cost: under a microsecond for some ten rules that apply, no allocation.
  bool allows(const User& user, const Attributes& wanted) const;
  /// The same with the reason.
  Decision decide(const User& user, const Attributes& wanted) const;
  /// The 403 that the client gets; nothing if it may.
  std::optional<kube::Status> refusal(const User& user, const Attributes& wanted) const;

  /// All rules that apply to a user, those of the whole cluster first; `ns` may be empty.
  /// @param problems  if not null: what is said of roles that are not there
  /// @param called  what they are called there; empty: "role" or "clusterrole"
  PolicyRules rules_for(const User& user, std::string_view ns, std::vector<std::string>* problems,
                        std::string_view called = {}) const;
  /// The rules of a role. Errors: 404.
  Answer<PolicyRules> rules_of(const RoleRef& role, std::string_view ns,
                               std::string_view called = {}) const;

  /// What stands in the `rules` of a ClusterRole with an aggregationRule: the rules of the roles it
  /// selects, whatever stands there now. Nothing for other roles.
  std::optional<PolicyRules> aggregated_rules(std::string_view cluster_role) const;
  /// The names of all such roles.
  std::vector<std::string> aggregating_roles() const;

 private:
  struct Role;
  struct Binding;
  struct Bindings;
  struct Namespace;

  void update_role(PolicyKind kind, const json::Value& object);
  void aggregate();
  /// Whether what is aggregated depends on it.
  bool is_aggregated(const Role& role) const;
  void collect_rules(const Role& role, std::vector<const Role*>& seen, PolicyRules& rules) const;
  const Role* find_role(const RoleRef& role, std::string_view ns) const;
  /// Calls `visit(binding, role or null)` for each binding of the user until it says false.
  template <class Visit>
  void visit_bindings(const User& user, std::string_view ns, Visit&& visit) const;
  template <class Visit>
  void visit_in_order(const User& user, std::string_view ns, Visit&& visit) const;

  std::map<std::string, std::unique_ptr<Role>, std::less<>> cluster_roles_;
  std::unique_ptr<Bindings> cluster_bindings_;
  StringMap<std::unique_ptr<Namespace>> namespaces_;
};

}  // namespace kthena::apiserver
