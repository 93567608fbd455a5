#include "api/networking/v1alpha1/external_model_provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::networking {
namespace {

using api::testing::decode_spec;
using api::testing::texts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ExternalModelProvider with_url(std::string url) {
  ExternalModelProvider provider;
  provider.spec.base_url = std::move(url);
  return provider;
}

TEST(ExternalModelProvider, WritesWhatItReads) {
  const json::Value full = json::parse(R"({
    "apiVersion": "networking.serving.volcano.sh/v1alpha1", "kind": "ExternalModelProvider",
    "metadata": {"name": "openai"},
    "spec": {"providerType": "Anthropic", "model": "m", "baseURL": "https://api.example.com/v1",
             "insecureSkipVerify": true, "headers": {"x-team": "a"},
             "auth": {"scheme": "APIKey",
                      "secretRef": {"name": "s", "key": "token", "optional": false}}},
    "status": {"observedGeneration": 2, "conditions": [
      {"type": "Ready", "status": "False", "reason": "NoSecret", "message": "no such secret",
       "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})")
                               .value();
  const auto decoded = json::decode<ExternalModelProvider>(full);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), full);
  EXPECT_THAT(texts(validate(decoded.value)), IsEmpty());
}

TEST(ExternalModelProvider, IsHeldAgainstItsSchema) {
  EXPECT_THAT(texts(decode_spec<ExternalModelProvider>("{}").problems),
              ElementsAre("spec.baseURL: Required value"));
  EXPECT_THAT(
      texts(decode_spec<ExternalModelProvider>(R"({"baseURL": "http://x", "providerType": "Cohere",
                            "auth": {"scheme": "Basic", "secretRef": {"name": "s"}}})")
                .problems),
      ElementsAre(R"(spec.baseURL: Invalid value: "http://x": spec.baseURL in body should match )"
                  "'^https://.+'",
                  R"(spec.providerType: Unsupported value: "Cohere": supported values: "OpenAI", )"
                  R"("Anthropic")",
                  R"(spec.auth.scheme: Unsupported value: "Basic": supported values: "Bearer", )"
                  R"("APIKey")",
                  "spec.auth.secretRef.key: Required value"));
  EXPECT_THAT(texts(decode_spec<ExternalModelProvider>(R"({"baseURL": "https://x",
                            "auth": {"secretRef": {"key": "k", "optional": true}}})")
                        .problems),
              ElementsAre("spec.auth: Invalid value: secretRef.optional must be false or unset"));
}

TEST(ExternalModelProvider, HasTheDefaultsOfItsSchema) {
  const auto decoded = decode_spec<ExternalModelProvider>(
      R"({"baseURL": "https://x", "auth": {"secretRef": {"key": "k"}}})");
  EXPECT_EQ(decoded.value.spec.provider_type, ProviderType::OpenAi);
  EXPECT_EQ(decoded.value.spec.auth->scheme, std::nullopt);
  EXPECT_EQ(decoded.value.spec.auth->secret_ref.name, "");
  EXPECT_THAT(texts(validate(decoded.value)),
              ElementsAre("spec.auth.secretRef.name: Required value: secret name is required"));
}

TEST(ExternalModelProvider, NeedsAnHttpsUrlOfAHostAndAPath) {
  for (const std::string_view url : {"https://a", "HTTPS://a/", "https://a.example:8443/v1/",
                                     "https://[::1]:443/x", "https://a?", "https://a/b%20c"}) {
    EXPECT_THAT(texts(validate(with_url(std::string(url)))), IsEmpty()) << url;
  }
  for (const std::string_view url :
       {"", "http://a", "https:///x", "https://", "https://a b", "a", "https://a:x", "https://[::1",
        "https://a/%zz", "https://a\n"}) {
    EXPECT_THAT(texts(validate(with_url(std::string(url)))),
                ElementsAre("spec.baseURL: Invalid value: " + json::quoted(url) +
                            ": baseURL must use https"))
        << url;
  }
  for (const std::string_view url :
       {"https://u@a", "https://u:p@a/x", "https://a?b", "https://a/x#f", "https://a/x?y#f"}) {
    EXPECT_THAT(texts(validate(with_url(std::string(url)))),
                ElementsAre("spec.baseURL: Invalid value: " + json::quoted(url) +
                            ": baseURL must not contain userinfo, query, or fragment"))
        << url;
  }
}

TEST(ExternalModelProvider, RefusesHeadersTheRouterSetsOrCannotSend) {
  ExternalModelProvider provider = with_url("https://a");
  provider.spec.headers = {{"X-Good", "fine\tvalue"}};
  EXPECT_THAT(validate(provider), IsEmpty());
  provider.spec.headers = {
      {"", "x"}, {"Cookie", "a"}, {"b c", "\r"}, {"x-a", "1\n2"}, {"x-b", "\x01"}};
  EXPECT_THAT(
      texts(validate(provider)),
      ElementsAre(
          R"(spec.headers[]: Invalid value: "": header name is invalid)",
          R"(spec.headers[Cookie]: Invalid value: "Cookie": header is reserved and cannot be )"
          "configured as a static header",
          R"(spec.headers[b c]: Invalid value: "b c": header name is invalid)",
          R"(spec.headers[x-a]: Invalid value: "1\n2": header value must not contain CR or LF)",
          R"(spec.headers[x-b]: Invalid value: "\x01": header value is invalid)"));
  EXPECT_TRUE(is_reserved_provider_header("X-Api-Key"));
  EXPECT_FALSE(is_reserved_provider_header("x-api"));
}

TEST(ExternalModelProvider, NeedsACompleteSecretReference) {
  ExternalModelProvider provider = with_url("https://a");
  provider.spec.auth.emplace().secret_ref.optional = true;
  EXPECT_THAT(
      texts(validate(provider)),
      ElementsAre("spec.auth.secretRef.name: Required value: secret name is required",
                  "spec.auth.secretRef.key: Required value: secret key is required",
                  "spec.auth.secretRef.optional: Invalid value: true: optional must be false or "
                  "unset"));
}

}  // namespace
}  // namespace kthena::api::networking
