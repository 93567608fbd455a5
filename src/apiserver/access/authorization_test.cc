#include "apiserver/access/authorization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/default_roles.h"
#include "apiserver/access/escalation.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "base/check.h"
#include "json/value.h"
#include "json/yaml.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

json::Value yaml(std::string_view text) {
  auto documents = json::parse_yaml_documents(text);
  CHECK(documents && documents->size() == 1);
  return std::move(documents->front().value);
}

const User kKim = authenticated({.name = "kim", .groups = {"devs"}});
const User kBuilder = authenticated(
    {.name = service_account_user_name("a", "b"), .groups = service_account_groups("a")});

constexpr std::string_view kReaderRole = R"(
metadata: {name: reader, namespace: a}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}
- {apiGroups: [apps], resources: ["*/scale"], verbs: ["*"]}
- {apiGroups: [""], resources: [secrets], resourceNames: [one], verbs: [get]}
)";

json::Value binding_of(std::string_view subject, std::string_view role = "Role") {
  return yaml("{metadata: {name: bind, namespace: a}, subjects: [" + std::string(subject) +
              "], roleRef: {apiGroup: rbac.authorization.k8s.io, kind: " + std::string(role) +
              ", name: reader}}");
}

class AuthorizerTest : public ::testing::Test {
 public:
  AuthorizerTest() {
    for (const DefaultPolicy& policy : default_policies()) {
      authorizer.update(policy.kind, policy.object);
    }
    authorizer.update(PolicyKind::Role, yaml(kReaderRole));
  }
  std::string refusal(const User& user, const Attributes& wanted) const {
    const auto refused = authorizer.refusal(user, wanted);
    return refused ? refused->message : std::string();
  }

  Authorizer authorizer;
};

constexpr Attributes kListPods = {.verb = "list", .resource = "pods", .ns = "a"};

TEST_F(AuthorizerTest, RefusesInTheWordsOfKubernetes) {
  const auto refused = authorizer.refusal(kBuilder, kListPods);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->message,
            "pods is forbidden: User \"system:serviceaccount:a:b\" cannot list resource \"pods\" "
            "in API group \"\" in the namespace \"a\"");
  EXPECT_EQ(refused->reason, "Forbidden");
  EXPECT_EQ(refused->code, 403);
  EXPECT_EQ(refused->details, (kube::StatusDetails{.kind = "pods"}));
  EXPECT_EQ(refusal(anonymous_user(), {.verb = "get",
                                       .group = "apps",
                                       .resource = "deployments",
                                       .subresource = "scale",
                                       .name = "x<y"}),
            "deployments.apps \"x<y\" is forbidden: User \"system:anonymous\" cannot get resource "
            "\"deployments/scale\" in API group \"apps\" at the cluster scope");
  EXPECT_EQ(refusal(anonymous_user(), {.verb = "get", .is_resource = false, .path = "/m&m"}),
            "forbidden: User \"system:anonymous\" cannot get path \"/m&amp;m\"");
}

TEST_F(AuthorizerTest, LetsThoseActWhomABindingNames) {
  for (const std::string_view subject : {"{kind: User, name: kim}", "{kind: Group, name: devs}",
                                         "{kind: Group, name: system:authenticated}"}) {
    authorizer.update(PolicyKind::RoleBinding, binding_of(subject));
    EXPECT_TRUE(authorizer.allows(kKim, kListPods)) << subject;
    Attributes elsewhere = kListPods;
    elsewhere.ns = "b";
    EXPECT_FALSE(authorizer.allows(kKim, elsewhere)) << subject;
    elsewhere.ns = {};
    EXPECT_FALSE(authorizer.allows(kKim, elsewhere)) << subject;
  }
  // An account of the binding's own namespace needs no namespace.
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: ServiceAccount, name: b}"));
  EXPECT_TRUE(authorizer.allows(kBuilder, kListPods));
  EXPECT_FALSE(authorizer.allows(kKim, kListPods)) << "the update took the group away";
  authorizer.update(PolicyKind::RoleBinding,
                    binding_of("{kind: ServiceAccount, name: b, namespace: other}"));
  EXPECT_FALSE(authorizer.allows(kBuilder, kListPods));
}

TEST_F(AuthorizerTest, HoldsRequestsAgainstEachPartOfARule) {
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: User, name: kim}"));
  const auto may = [&](const Attributes& wanted) { return authorizer.allows(kKim, wanted); };
  EXPECT_FALSE(may({.verb = "watch", .resource = "pods", .ns = "a"}));
  EXPECT_FALSE(may({.verb = "list", .group = "apps", .resource = "pods", .ns = "a"}));
  EXPECT_TRUE(may({.verb = "get", .resource = "pods", .subresource = "log", .ns = "a"}));
  EXPECT_FALSE(may({.verb = "get", .resource = "pods", .subresource = "exec", .ns = "a"}));
  EXPECT_TRUE(may({.verb = "patch",
                   .group = "apps",
                   .resource = "anything",
                   .subresource = "scale",
                   .ns = "a"}));
  EXPECT_FALSE(may({.verb = "patch", .group = "apps", .resource = "scale", .ns = "a"}));
  EXPECT_TRUE(may({.verb = "get", .resource = "secrets", .ns = "a", .name = "one"}));
  EXPECT_FALSE(may({.verb = "get", .resource = "secrets", .ns = "a", .name = "two"}));
  EXPECT_FALSE(may({.verb = "get", .resource = "secrets", .ns = "a"}));
  EXPECT_FALSE(may({.verb = "get", .is_resource = false, .path = "/metrics"}));
}

TEST_F(AuthorizerTest, GivesEverybodyDiscoveryAndNobodyElseMore) {
  const auto get = [&](const User& user, std::string_view path) {
    return authorizer.allows(user, {.verb = "get", .is_resource = false, .path = path});
  };
  for (const std::string_view path :
       {"/api", "/api/v1", "/apis", "/apis/apps/v1", "/openapi/v3", "/openapi/v2", "/version"}) {
    EXPECT_TRUE(get(kKim, path)) << path;
    EXPECT_TRUE(get(kBuilder, path)) << path;
    EXPECT_EQ(get(anonymous_user(), path), path == "/version") << path;
  }
  for (const std::string_view path : {"/healthz", "/livez", "/readyz"}) {
    EXPECT_TRUE(get(anonymous_user(), path)) << path;
  }
  EXPECT_FALSE(get(kKim, "/metrics"));
  EXPECT_FALSE(get(kKim, "/apisx"));
  EXPECT_TRUE(authorizer.allows(
      kKim,
      {.verb = "create", .group = "authorization.k8s.io", .resource = "selfsubjectaccessreviews"}));
  EXPECT_TRUE(authorizer.allows({.name = "root", .groups = {"system:masters"}},
                                {.verb = "burn", .is_resource = false, .path = "/metrics"}));
}

TEST_F(AuthorizerTest, SaysWhichBindingAllows) {
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: ServiceAccount, name: b}"));
  EXPECT_EQ(authorizer.decide(kBuilder, kListPods).reason,
            "RBAC: allowed by RoleBinding \"bind/a\" of Role \"reader\" to ServiceAccount \"b/a\"");
  EXPECT_EQ(authorizer.decide(kKim, {.verb = "get", .is_resource = false, .path = "/api"}).reason,
            "RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole "
            "\"system:discovery\" to Group \"system:authenticated\"");
}

TEST_F(AuthorizerTest, NamesRolesThatAreNotThere) {
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: User, name: kim}", "ClusterRole"));
  EXPECT_THAT(refusal(kKim, kListPods),
              HasSubstr("in the namespace \"a\": RBAC: clusterrole.rbac.authorization.k8s.io "
                        "\"reader\" not found"));
  // Once it is there it counts.
  json::Value role = yaml(kReaderRole);
  authorizer.update(PolicyKind::ClusterRole, role);
  EXPECT_EQ(refusal(kKim, kListPods), "");
  authorizer.remove(PolicyKind::ClusterRole, {}, "reader");
  EXPECT_NE(refusal(kKim, kListPods), "");
}

TEST_F(AuthorizerTest, ForgetsWhatIsRemoved) {
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: User, name: kim}"));
  ASSERT_TRUE(authorizer.allows(kKim, kListPods));
  authorizer.remove(PolicyKind::RoleBinding, "a", "bind");
  EXPECT_FALSE(authorizer.allows(kKim, kListPods));
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: User, name: kim}"));
  authorizer.remove(PolicyKind::Role, "a", "reader");
  EXPECT_FALSE(authorizer.allows(kKim, kListPods));
}

TEST_F(AuthorizerTest, AggregatesRolesByTheirLabels) {
  const User viewer{.name = "v"};
  authorizer.update(PolicyKind::ClusterRoleBinding, yaml(R"(
metadata: {name: viewers}
subjects: [{kind: User, name: v}]
roleRef: {kind: ClusterRole, name: view}
)"));
  const Attributes widgets{
      .verb = "list", .group = "example.com", .resource = "widgets", .ns = "x"};
  EXPECT_TRUE(authorizer.allows(viewer, kListPods));
  EXPECT_FALSE(authorizer.allows(viewer, widgets));
  const std::string role = R"(
metadata: {name: widgets, labels: {rbac.authorization.k8s.io/aggregate-to-LEVEL: "true"}}
rules: [{apiGroups: [example.com], resources: [widgets], verbs: [list]}]
)";
  const auto level = [&role](std::string_view name) {
    std::string text = role;
    return yaml(text.replace(text.find("LEVEL"), 5, name));
  };
  authorizer.update(PolicyKind::ClusterRole, level("view"));
  EXPECT_TRUE(authorizer.allows(viewer, widgets));
  // admin takes in edit, which takes in view.
  const auto admin = authorizer.aggregated_rules("admin");
  ASSERT_TRUE(admin);
  EXPECT_EQ(
      std::ranges::count_if(*admin, [&](const PolicyRule& rule) { return rule.allows(widgets); }),
      1);
  authorizer.update(PolicyKind::ClusterRole, level("edit"));
  EXPECT_FALSE(authorizer.allows(viewer, widgets));
  authorizer.remove(PolicyKind::ClusterRole, {}, "widgets");
  EXPECT_THAT(authorizer.aggregating_roles(), ElementsAre("admin", "edit", "view"));
  EXPECT_FALSE(authorizer.aggregated_rules("cluster-admin"));
}

TEST_F(AuthorizerTest, SurvivesRolesThatAggregateOneAnother) {
  for (const std::string name : {"x", "y"}) {
    authorizer.update(PolicyKind::ClusterRole,
                      yaml("metadata: {name: " + name + R"(, labels: {ring: "1"}}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {ring: "1"}}]}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
)"));
  }
  EXPECT_EQ(authorizer.aggregated_rules("x"), PolicyRules());
}

class EscalationTest : public AuthorizerTest {
 public:
  EscalationTest() {
    authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: User, name: kim}"));
  }
  std::string refused(const PolicyWrite& write, const User& user = kKim) const {
    const auto checked = check_escalation(authorizer, user, write);
    return checked ? std::string() : checked.error().message;
  }
};

TEST_F(EscalationTest, RefusesRightsThatTheGiverDoesNotHave) {
  const json::Value role = yaml(R"(
metadata: {name: more, namespace: a}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get, delete, watch]}
- {apiGroups: ["", apps], resources: [nodes], resourceNames: [one], verbs: [get]}
- {nonResourceURLs: [/metrics], verbs: [get]}
)");
  EXPECT_EQ(
      refused({.kind = PolicyKind::Role, .ns = "a", .after = &role}),
      "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"kim\" "
      "(groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions "
      "not currently held:\n"
      "{APIGroups:[\"\"], Resources:[\"nodes\"], ResourceNames:[\"one\"], Verbs:[\"get\"]}\n"
      "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"watch\"]}\n"
      "{APIGroups:[\"apps\"], Resources:[\"nodes\"], ResourceNames:[\"one\"], Verbs:[\"get\"]}\n"
      "{NonResourceURLs:[\"/metrics\"], Verbs:[\"get\"]}");
  EXPECT_EQ(refused({.kind = PolicyKind::Role, .ns = "a", .after = &role},
                    {.name = "root", .groups = {"system:masters"}}),
            "");
}

TEST_F(EscalationTest, TakesRightsThatTheGiverHas) {
  const json::Value same = yaml(kReaderRole);
  EXPECT_EQ(refused({.kind = PolicyKind::Role, .ns = "a", .after = &same}), "");
  const json::Value scale = yaml(R"(
metadata: {name: scale, namespace: a}
rules: [{apiGroups: [apps], resources: [deployments/scale], verbs: [get]}]
)");
  EXPECT_EQ(refused({.kind = PolicyKind::Role, .ns = "a", .after = &scale}), "");
  EXPECT_NE(refused({.kind = PolicyKind::Role, .ns = "b", .after = &scale}), "");
}

TEST_F(EscalationTest, LetsThoseBindWhoMayBindOrHaveTheRights) {
  json::Value own = binding_of("{kind: User, name: lee}");
  EXPECT_EQ(refused({.kind = PolicyKind::RoleBinding, .ns = "a", .after = &own}), "");
  const json::Value admins = yaml(R"(
metadata: {name: admins, namespace: a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
)");
  EXPECT_EQ(refused({.kind = PolicyKind::RoleBinding, .ns = "a", .after = &admins}),
            "rolebindings.rbac.authorization.k8s.io \"admins\" is forbidden: user \"kim\" "
            "(groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions "
            "not currently held:\n"
            "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n"
            "{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}");
  authorizer.update(PolicyKind::ClusterRole, yaml(R"(
metadata: {name: reader}
rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [cluster-admin], verbs: [bind]}]
)"));
  authorizer.update(PolicyKind::RoleBinding, binding_of("{kind: User, name: kim}", "ClusterRole"));
  EXPECT_EQ(refused({.kind = PolicyKind::RoleBinding, .ns = "a", .after = &admins}), "");
  const json::Value nothing = yaml(R"(
metadata: {name: nothing, namespace: a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: nope}
)");
  EXPECT_EQ(refused({.kind = PolicyKind::RoleBinding, .ns = "a", .after = &nothing}),
            "rolebindings.rbac.authorization.k8s.io \"nope\" not found");
}

TEST_F(EscalationTest, MindsWhatAggregates) {
  const json::Value role = yaml(R"(
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {any: thing}}]}
)");
  EXPECT_EQ(refused({.kind = PolicyKind::ClusterRole, .after = &role}),
            "clusterroles.rbac.authorization.k8s.io \"all\" is forbidden: must have cluster-admin "
            "privileges to use the aggregationRule");
}

TEST_F(EscalationTest, LetsTheGarbageCollectorDoItsPart) {
  const json::Value before = yaml(R"({metadata: {name: admins, namespace: a, finalizers: [x]},
    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]})");
  json::Value after = before;
  after.find("metadata")->erase("finalizers");
  EXPECT_EQ(refused({.kind = PolicyKind::Role, .ns = "a", .before = &before, .after = &after}), "");
  after.find("metadata")->set("labels", json::Object{{"a", "b"}});
  EXPECT_NE(refused({.kind = PolicyKind::Role, .ns = "a", .before = &before, .after = &after}), "");
}

}  // namespace
}  // namespace kthena::apiserver
