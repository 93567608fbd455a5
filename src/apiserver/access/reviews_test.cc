#include "apiserver/access/reviews.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/access/authentication.h"
#include "apiserver/access/authorization.h"
#include "apiserver/access/default_roles.h"
#include "apiserver/access/impersonation.h"
#include "apiserver/access/service_account_tokens.h"
#include "apiserver/access/signing_key.h"
#include "apiserver/access/token_request.h"
#include "apiserver/access/user.h"
#include "base/clock.h"
#include "http/headers.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 5 / 1);

class Objects final : public BoundObjects {
 public:
  std::optional<Found> find_object(std::string_view resource, std::string_view ns,
                                   std::string_view name) const override {
    if (resource == "serviceaccounts" && ns == "a" && name == "b") {
      return Found{.uid = "u1"};
    }
    if (resource == "pods" && ns == "a" && name == "p") {
      return Found{.uid = "u2", .account = "b", .node = "n"};
    }
    if (resource == "nodes" && ns.empty() && name == "n") {
      return Found{.uid = "u3"};
    }
    return std::nullopt;
  }
};

class ReviewsTest : public ::testing::Test {
 public:
  ReviewsTest() {
    for (const DefaultPolicy& policy : default_policies()) {
      authorizer.update(policy.kind, policy.object);
    }
  }
  /// What of the answer is the server's: the status, or the message of a refusal.
  std::string ask(std::string_view kind, std::string_view text, std::string_view ns = {}) {
    const auto answer = answer_review({.user = user,
                                       .authorizer = authorizer,
                                       .authenticator = authenticator,
                                       .now = kNow,
                                       .ns = ns},
                                      kind, *json::parse(text));
    return answer ? json::print(*answer->find("status")) : answer.error().message;
  }
  std::string request_token(std::string_view text) {
    const auto answer = answer_token_request(tokens, objects, "a", "b", *json::parse(text), kNow);
    if (!answer) {
      return std::to_string(answer.error().code) + " " + answer.error().message;
    }
    json::Value shown = *answer;
    token = shown.find("status")->find("token")->as_string();
    shown.find("status")->erase("token");
    return json::print(shown);
  }

  Objects objects;
  Authorizer authorizer;
  ServiceAccountTokens tokens{{*SigningKey::read(*SigningKey::make_pem())}, objects};
  Authenticator authenticator{{{.token = "t", .user = {.name = "admin"}}}, &tokens};
  User user = authenticated({.name = "kim", .uid = "7"});
  std::string token;
};

TEST_F(ReviewsTest, TellsWhoAsks) {
  EXPECT_TRUE(is_review("SelfSubjectReview"));
  EXPECT_FALSE(is_review("Pod"));
  user.extra["k"] = {"v"};
  EXPECT_EQ(ask("SelfSubjectReview", "{}"),
            R"({"userInfo":{"username":"kim","uid":"7","groups":["system:authenticated"],)"
            R"("extra":{"k":["v"]}}})");
}

TEST_F(ReviewsTest, TellsWhatMayBeDone) {
  EXPECT_EQ(ask("SubjectAccessReview",
                R"({"spec":{"user":"x","resourceAttributes":{"verb":"get","resource":"pods"}}})"),
            R"({"allowed":false})");
  EXPECT_EQ(ask("SubjectAccessReview",
                R"({"spec":{"groups":["system:masters"],"resourceAttributes":{}}})"),
            R"({"allowed":true})");
  EXPECT_EQ(ask("SelfSubjectAccessReview",
                R"({"spec":{"nonResourceAttributes":{"verb":"get","path":"/api"}}})"),
            R"({"allowed":true,"reason":"RBAC: allowed by ClusterRoleBinding \"system:discovery\" )"
            R"(of ClusterRole \"system:discovery\" to Group \"system:authenticated\""})");
  EXPECT_EQ(ask("LocalSubjectAccessReview",
                R"({"spec":{"user":"x","resourceAttributes":{"namespace":"a","labelSelector":)"
                R"({"rawSelector":"a in"},"fieldSelector":{"rawSelector":"b"}}}})",
                "a"),
            R"({"allowed":false,"evaluationError":"spec.resourceAttributes.fieldSelector ignored )"
            R"(due to parse error; spec.resourceAttributes.labelSelector ignored due to parse )"
            R"(error"})");
}

TEST_F(ReviewsTest, RefusesReviewsThatAskNothing) {
  EXPECT_EQ(ask("SubjectAccessReview", R"({"spec":{}})"),
            ".authorization.k8s.io \"\" is invalid: [spec.resourceAttributes: Invalid value: null: "
            "exactly one of nonResourceAttributes or resourceAttributes must be specified, "
            "spec.user: Invalid value: \"\": at least one of user or group must be specified]");
  EXPECT_EQ(ask("SelfSubjectAccessReview",
                R"({"metadata":{"name":"x","managedFields":[]},"spec":{"resourceAttributes":{},)"
                R"("nonResourceAttributes":{"path":"/x","verb":"get"}}})"),
            ".authorization.k8s.io \"\" is invalid: [spec.nonResourceAttributes: Invalid value: "
            "{\"Path\":\"/x\",\"Verb\":\"get\"}: cannot be specified in combination with "
            "resourceAttributes, metadata: Invalid value: {\"name\":\"x\",\"managedFields\":[]}: "
            "must be empty]");
  EXPECT_EQ(ask("LocalSubjectAccessReview",
                R"({"spec":{"user":"x","resourceAttributes":{"namespace":"other"}}})", "a"),
            ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid "
            "value: \"other\": must match metadata.namespace");
  EXPECT_EQ(ask("SubjectAccessReview",
                R"({"spec":{"user":"x","resourceAttributes":{"labelSelector":{}}}})"),
            ".authorization.k8s.io \"\" is invalid: "
            "spec.resourceAttributes.labelSelector.requirements: Required value: when "
            "spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is "
            "required");
}

TEST_F(ReviewsTest, ListsRules) {
  EXPECT_EQ(ask("SelfSubjectRulesReview", R"({"spec":{}})"), "no namespace on request");
  user = anonymous_user();
  EXPECT_EQ(ask("SelfSubjectRulesReview", R"({"spec":{"namespace":"a"}})"),
            R"({"resourceRules":[],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":)"
            R"(["/healthz","/livez","/readyz","/version","/version/"]}],"incomplete":false})");
}

TEST_F(ReviewsTest, JudgesTokens) {
  EXPECT_EQ(
      ask("TokenReview", R"({"spec":{"token":"t"}})"),
      R"({"authenticated":true,"user":{"username":"admin","groups":["system:authenticated"]},)"
      R"("audiences":["https://kubernetes.default.svc.cluster.local"]})");
  EXPECT_EQ(ask("TokenReview", R"({"spec":{"token":"foo"}})"),
            R"({"user":{},"error":"invalid bearer token"})");
  EXPECT_EQ(ask("TokenReview", R"({"spec":{}})"),
            "token is required for TokenReview in authentication");
}

TEST_F(ReviewsTest, MakesTokens) {
  EXPECT_EQ(
      request_token("{}"),
      R"({"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","metadata":{"name":"b",)"
      R"("namespace":"a","uid":"u1","creationTimestamp":"2026-05-01T00:00:00Z"},"spec":{"audiences":)"
      R"(["https://kubernetes.default.svc.cluster.local"],"expirationSeconds":3600,)"
      R"("boundObjectRef":null},"status":{"expirationTimestamp":"2026-05-01T01:00:00Z"}})");
  const auto known = authenticator.authenticate_token(token, {}, kNow);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->user.name, "system:serviceaccount:a:b");
}

TEST_F(ReviewsTest, BindsTokensToPods) {
  request_token(R"({"spec":{"expirationSeconds":3607,"boundObjectRef":{"kind":"Pod",)"
                R"("apiVersion":"v1","name":"p"}}})");
  // Asked for as pods do, it is good for a year.
  const auto known =
      authenticator.authenticate_token(token, {}, kNow + std::chrono::hours(300 * 24));
  ASSERT_TRUE(known) << known.error().message();
  EXPECT_EQ(known->user.extra.at("authentication.kubernetes.io/node-uid").front(), "u3");
  EXPECT_EQ(request_token(R"({"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1",)"
                          R"("name":"q"}}})"),
            "404 pods \"q\" not found");
  EXPECT_EQ(request_token(R"({"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1",)"
                          R"("name":"p","uid":"u9"}}})")
                .substr(0, 49),
            "409 Operation cannot be fulfilled on Pod \"p\": the");
  EXPECT_EQ(request_token(R"({"spec":{"boundObjectRef":{"kind":"ConfigMap","apiVersion":"v1",)"
                          R"("name":"p"}}})"),
            "400 cannot bind token to object of type /v1, Kind=ConfigMap");
}

TEST_F(ReviewsTest, RefusesTokensThatLiveTooShort) {
  EXPECT_EQ(
      request_token(R"({"spec":{"expirationSeconds":5}})"),
      "422 TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid "
      "value: 5: may not specify a duration less than 10 minutes");
}

class ImpersonationTest : public ReviewsTest {
 public:
  std::string as(std::initializer_list<http::Headers::Field> fields) {
    http::Headers headers;
    for (const auto& [name, value] : fields) {
      headers.add(name, value);
    }
    const auto other = impersonated_user(authorizer, user, headers);
    if (!other) {
      return other.error().message;
    }
    return *other ? json::print((*other)->to_json()) : "nobody";
  }
};

TEST_F(ImpersonationTest, IsAskedOfEachPart) {
  EXPECT_EQ(as({}), "nobody");
  EXPECT_EQ(as({{"Impersonate-User", "bob"}}),
            "users \"bob\" is forbidden: User \"kim\" cannot impersonate resource \"users\" in API "
            "group \"\" at the cluster scope");
  EXPECT_EQ(as({{"Impersonate-User", "system:serviceaccount:a:b"}}),
            "serviceaccounts \"b\" is forbidden: User \"kim\" cannot impersonate resource "
            "\"serviceaccounts\" in API group \"\" in the namespace \"a\"");
}

TEST_F(ImpersonationTest, MakesTheUserThatIsNamed) {
  user.groups.emplace_back("system:masters");
  EXPECT_EQ(as({{"Impersonate-User", "bob"}}),
            R"({"username":"bob","groups":["system:authenticated"]})");
  EXPECT_EQ(as({{"impersonate-user", "bob"},
                {"Impersonate-Group", "x"},
                {"Impersonate-Group", "y"},
                {"Impersonate-Uid", "9"},
                {"Impersonate-Extra-Acme.com%2fProject", "p"}}),
            R"({"username":"bob","uid":"9","groups":["x","y","system:authenticated"],)"
            R"("extra":{"acme.com/project":["p"]}})");
  EXPECT_EQ(as({{"Impersonate-User", "system:serviceaccount:a:b"}}),
            R"({"username":"system:serviceaccount:a:b","groups":["system:serviceaccounts",)"
            R"("system:serviceaccounts:a","system:authenticated"]})");
  EXPECT_EQ(as({{"Impersonate-User", "system:anonymous"}}),
            R"({"username":"system:anonymous","groups":["system:unauthenticated"]})");
  EXPECT_EQ(as({{"Impersonate-Group", "x"}}),
            "requested groups, a uid or extra fields without impersonating a user");
}

}  // namespace
}  // namespace kthena::apiserver
