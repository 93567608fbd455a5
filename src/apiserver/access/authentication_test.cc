#include "apiserver/access/authentication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/service_account_tokens.h"
#include "apiserver/access/signing_key.h"
#include "apiserver/access/user.h"
#include "base/clock.h"
#include "base/strings.h"
#include "http/message.h"
#include "json/parse.h"
#include "json/print.h"
#include "net/stream.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 5 / 1);

class Objects final : public BoundObjects {
 public:
  std::optional<Found> find_object(std::string_view resource, std::string_view ns,
                                   std::string_view name) const override {
    const auto found =
        all.find(std::string(resource) + "/" + std::string(ns) + "/" + std::string(name));
    return found == all.end() ? std::nullopt : std::optional(found->second);
  }
  std::map<std::string, Found> all{{"serviceaccounts/a/b", {.uid = "u1"}},
                                   {"pods/a/p", {.uid = "u2"}},
                                   {"nodes//n", {.uid = "u3"}}};
};

SigningKey key() {
  static const std::string pem = *SigningKey::make_pem();
  return *SigningKey::read(pem);
}

class AuthenticatorTest : public ::testing::Test {
 public:
  TokenClaims claims() const {
    return {.ns = "a",
            .account = {.name = "b", .uid = "u1"},
            .audiences = {std::string(kDefaultIssuer)},
            .issued_at = kNow,
            .not_before = kNow,
            .expires_at = kNow + 1h,
            .id = "id-1"};
  }
  http::Request request(std::string_view authorization) const {
    http::Request made;
    if (!authorization.empty()) {
      made.headers.add("Authorization", authorization);
    }
    return made;
  }
  std::string user_name(const http::Request& asked, WallTime now = kNow) {
    const auto user = authenticator.authenticate(asked, now);
    return user ? user->name : user.error().message;
  }
  std::string error(std::string_view token, WallTime now = kNow,
                    const std::vector<std::string>& audiences = {}) {
    const auto user = authenticator.authenticate_token(token, audiences, now);
    return user ? std::string() : user.error().message();
  }

  Objects objects;
  ServiceAccountTokens tokens{{key()}, objects};
  Authenticator authenticator{
      {{.token = "s3cret", .user = {.name = "admin", .uid = "1", .groups = {"system:masters"}}}},
      &tokens};
};

TEST_F(AuthenticatorTest, KnowsTokensOfItsOwn) {
  const auto user = authenticator.authenticate(request("Bearer s3cret"), kNow);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "admin");
  EXPECT_THAT(user->groups, ElementsAre("system:masters", "system:authenticated"));
  EXPECT_EQ(user_name(request("bearer  s3cret")), "system:anonymous") << "as kube-apiserver";
  EXPECT_EQ(user_name(request("bearer s3cret ")), "admin");
  EXPECT_EQ(user_name(request("Bearer s3cre")), "Unauthorized");
  EXPECT_EQ(user_name(request("Bearer s3crett")), "Unauthorized");
  EXPECT_EQ(user_name(request("")), "system:anonymous");
  EXPECT_EQ(user_name(request("Basic s3cret")), "system:anonymous");
}

TEST_F(AuthenticatorTest, TakesTheNameOfACertificate) {
  http::Request asked = request("");
  net::PeerCertificate certificate{.common_name = "kim",
                                   .organizations = {"devs", "ops"},
                                   .not_after = kNow + 1h,
                                   .sha256 = "ab12",
                                   .refusal = {}};
  asked.certificate = &certificate;
  const auto user = authenticator.authenticate(asked, kNow);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "kim");
  EXPECT_THAT(user->groups, ElementsAre("devs", "ops", "system:authenticated"));
  EXPECT_THAT(user->extra, ElementsAre(Pair("authentication.kubernetes.io/credential-id",
                                            ElementsAre("X509SHA256=ab12"))));
  EXPECT_EQ(user_name(asked, kNow + 2h), "Unauthorized") << "expired on an open connection";
  certificate.refusal = "self-signed certificate";
  EXPECT_EQ(user_name(asked), "Unauthorized");
  // A good token helps whoever has a bad certificate.
  asked.headers.add("Authorization", "Bearer s3cret");
  EXPECT_EQ(user_name(asked), "admin");
}

TEST_F(AuthenticatorTest, KnowsServiceAccounts) {
  TokenClaims bound = claims();
  bound.pod = {.name = "p", .uid = "u2"};
  bound.node = {.name = "n", .uid = "u9"};  // of a pod: not looked up
  const auto user = authenticator.authenticate(request("Bearer " + tokens.issue(bound)), kNow);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "system:serviceaccount:a:b");
  EXPECT_EQ(user->uid, "u1");
  EXPECT_THAT(user->groups, ElementsAre("system:serviceaccounts", "system:serviceaccounts:a",
                                        "system:authenticated"));
  EXPECT_THAT(
      user->extra,
      ElementsAre(Pair("authentication.kubernetes.io/credential-id", ElementsAre("JTI=id-1")),
                  Pair("authentication.kubernetes.io/node-name", ElementsAre("n")),
                  Pair("authentication.kubernetes.io/node-uid", ElementsAre("u9")),
                  Pair("authentication.kubernetes.io/pod-name", ElementsAre("p")),
                  Pair("authentication.kubernetes.io/pod-uid", ElementsAre("u2"))));
}

TEST_F(AuthenticatorTest, WritesTokensAsKubernetesDoes) {
  TokenClaims bound = claims();
  bound.pod = {.name = "p", .uid = "u2"};
  bound.warn_after = kNow + 1min;
  const std::string token = tokens.issue(bound);
  const auto parts = split(token, '.');
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(from_base64url(parts[0]), R"({"alg":"ES256","kid":")" + key().id() + R"("})");
  EXPECT_EQ(
      from_base64url(parts[1]),
      R"({"aud":["https://kubernetes.default.svc.cluster.local"],"exp":1777597200,"iat":1777593600,)"
      R"("iss":"https://kubernetes.default.svc.cluster.local","jti":"id-1","kubernetes.io":)"
      R"({"namespace":"a","pod":{"name":"p","uid":"u2"},"serviceaccount":{"name":"b","uid":"u1"},)"
      R"("warnafter":1777593660},"nbf":1777593600,"sub":"system:serviceaccount:a:b"})");
}

TEST_F(AuthenticatorTest, MindsTheTimesOfATokenEachTime) {
  const std::string token = tokens.issue(claims());
  EXPECT_EQ(error(token), "");
  EXPECT_EQ(error(token, kNow + 1h), "");
  EXPECT_EQ(error(token, kNow + 1h + 61s),
            "[invalid bearer token, service account token has expired]");
  EXPECT_EQ(error(token, kNow - 61s),
            "[invalid bearer token, service account token is not valid yet]");
  EXPECT_EQ(user_name(request("Bearer " + token), kNow + 2h), "Unauthorized");
}

TEST_F(AuthenticatorTest, MindsAudiences) {
  TokenClaims other = claims();
  other.audiences = {"vault", "x"};
  const std::string token = tokens.issue(other);
  EXPECT_EQ(error(token),
            "[invalid bearer token, token audiences [\"vault\" \"x\"] is invalid for the target "
            "audiences [\"https://kubernetes.default.svc.cluster.local\"]]");
  const auto user = authenticator.authenticate_token(token, {"y", "x"}, kNow);
  ASSERT_TRUE(user);
  EXPECT_THAT(user->audiences, ElementsAre("x"));
}

TEST_F(AuthenticatorTest, ForgetsTokensOfWhatIsGone) {
  TokenClaims bound = claims();
  bound.pod = {.name = "p", .uid = "u2"};
  const std::string token = tokens.issue(bound);
  ASSERT_EQ(error(token), "");
  objects.all["pods/a/p"].deleted_at = kNow - 1min;
  EXPECT_EQ(error(token), "") << "a pod that is going may still say so";
  objects.all["pods/a/p"].deleted_at = kNow - 61s;
  EXPECT_EQ(error(token), "[invalid bearer token, service account token has been invalidated]");
  objects.all["pods/a/p"] = {.uid = "u7"};
  EXPECT_EQ(error(token),
            "[invalid bearer token, pod UID (u7) does not match service account pod ref claim "
            "(u2)]");
  objects.all.erase("pods/a/p");
  EXPECT_EQ(error(token), "[invalid bearer token, service account token has been invalidated]");

  const std::string plain = tokens.issue(claims());
  objects.all["serviceaccounts/a/b"].uid = "u8";
  EXPECT_EQ(error(plain),
            "[invalid bearer token, service account UID (u8) does not match claim (u1)]");
  objects.all.erase("serviceaccounts/a/b");
  EXPECT_EQ(error(plain), "[invalid bearer token, serviceaccounts \"b\" not found]");
}

TEST_F(AuthenticatorTest, BelievesNoTokenThatWasChanged) {
  const std::string token = tokens.issue(claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // The last character of a part may hold bits that stand for nothing.
    const bool last = i + 1 == token.size() || token[i + 1] == '.';
    if (!last) {
      EXPECT_NE(error(changed), "") << i;
    }
  }
  const SigningKey other = *SigningKey::read(*SigningKey::make_pem());
  ServiceAccountTokens others({other}, objects);
  EXPECT_NE(error(others.issue(claims())), "");
  // No signature, and the algorithm that needs none.
  const auto parts = split(token, '.');
  EXPECT_NE(error(base64url(R"({"alg":"none"})") + "." + std::string(parts[1]) + "."), "");
  EXPECT_EQ(error("a.b.c"), "invalid bearer token");
  EXPECT_EQ(error("...."), "invalid bearer token");
}

TEST_F(AuthenticatorTest, BelievesFormerKeys) {
  const SigningKey newer = *SigningKey::read(*SigningKey::make_pem());
  ServiceAccountTokens both({newer, key()}, objects);
  EXPECT_TRUE(*both.verify(tokens.issue(claims()), {}, kNow));
  EXPECT_FALSE(tokens.verify(both.issue(claims()), {}, kNow));
  const auto set = json::parse(both.key_set());
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find("keys")->as_array().size(), 2U);
  EXPECT_TRUE(json::parse(both.discovery_document("https://x/openid/v1/jwks")));
}

TEST(SigningKey, RefusesKeysOfOtherKinds) {
  EXPECT_FALSE(SigningKey::read(""));
  EXPECT_FALSE(SigningKey::read("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  // Ed25519.
  EXPECT_FALSE(
      SigningKey::read("-----BEGIN PRIVATE KEY-----\n"
                       "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n"
                       "-----END PRIVATE KEY-----\n"));
}

TEST(SigningKey, ReadsBase64ForUrls) {
  for (const std::string_view text : {"", "a", "ab", "abc", "\xfb\xff\xfe"}) {
    EXPECT_EQ(from_base64url(base64url(text)), text);
  }
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  for (const std::string_view text : {"a", "ab=", "a+b=", "ab\n", "abcde"}) {
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace kthena::apiserver
