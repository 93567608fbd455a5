#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "apiserver/access/authorization.h"
#include "apiserver/access/default_roles.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

json::Value binding(const std::string& name, std::string_view role, const json::Object& subject) {
  return json::Object{{"metadata", json::Object{{"name", name}, {"namespace", "a"}}},
                      {"subjects", json::Array{subject}},
                      {"roleRef", json::Object{{"kind", "ClusterRole"}, {"name", role}}}};
}

/// The default roles and a hundred bindings of a namespace, ten of which are the user's.
void fill(Authorizer& authorizer) {
  for (const DefaultPolicy& policy : default_policies()) {
    authorizer.update(policy.kind, policy.object);
  }
  for (int i = 0; i < 100; ++i) {
    const std::string name = "binding-" + std::to_string(i);
    const std::string user = i % 10 == 0 ? "b" : "other-" + std::to_string(i);
    authorizer.update(
        PolicyKind::RoleBinding,
        binding(name, i < 90 ? "view" : "edit", {{"kind", "ServiceAccount"}, {"name", user}}));
  }
}

const User& account() {
  static const User user = authenticated(
      {.name = service_account_user_name("a", "b"), .groups = service_account_groups("a")});
  return user;
}

void ask(benchmark::State& state, const Attributes& wanted, bool expected) {
  Authorizer authorizer;
  fill(authorizer);
  for (auto _ : state) {
    if (authorizer.allows(account(), wanted) != expected) {
      state.SkipWithError("wrong");
    }
  }
}

void allowed(benchmark::State& state) {
  ask(state, {.verb = "list", .resource = "pods", .ns = "a"}, true);
}
void allowed_by_the_last(benchmark::State& state) {
  ask(state,
      {.verb = "create", .group = "resource.k8s.io", .resource = "resourceclaims", .ns = "a"},
      true);
}
void refused(benchmark::State& state) {
  ask(state, {.verb = "get", .resource = "nodes", .ns = "a"}, false);
}
BENCHMARK(allowed);
BENCHMARK(allowed_by_the_last);
BENCHMARK(refused);

}  // namespace
}  // namespace kthena::apiserver
