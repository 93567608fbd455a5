#include "kube/admission/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "json/base64.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::kube {
namespace {

using ::testing::StartsWith;

constexpr std::string_view kJson = "application/json";

std::string review_of(std::string_view operation, std::string_view more) {
  return std::string(
             R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{)") +
         R"("uid":"705ab4f5-6393-11e8-b7cc-42010a800002",)"
         R"("kind":{"group":"example.org","version":"v1","kind":"Widget"},)"
         R"("resource":{"group":"example.org","version":"v1","resource":"widgets"},)"
         R"("namespace":"team-a","name":"w0","userInfo":{"username":"jo"},"operation":")" +
         std::string(operation) + "\"" + std::string(more) + "}}";
}

std::string create_review() {
  return review_of("CREATE", R"(,"object":{"apiVersion":"example.org/v1","kind":"Widget"})");
}

AdmissionPolicy always(AdmissionDecision decision) {
  return [decision](const AdmissionRequest&) -> Result<AdmissionDecision> { return decision; };
}

AdmissionResponse response_in(const AdmissionAnswer& answer) {
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.content_type, kJson);
  const auto review = json::parse(answer.body);
  EXPECT_TRUE(review) << answer.body;
  const auto decoded = json::decode<AdmissionResponse>(*review->find("response"));
  EXPECT_TRUE(decoded.ok());
  return decoded.value;
}

TEST(AdmissionReview, IsAnsweredByTheSameReviewWithItsResponse) {
  const AdmissionAnswer answer =
      answer_review(kJson, create_review(), always(AdmissionDecision::allow()));

  auto sent = json::parse(create_review());
  auto got = json::parse(answer.body);
  ASSERT_TRUE(got) << answer.body;
  EXPECT_EQ(json::print(*got->find("response")),
            R"({"uid":"705ab4f5-6393-11e8-b7cc-42010a800002","allowed":true})");
  got->erase("response");
  EXPECT_EQ(*got, *sent);
  EXPECT_EQ(answer.outcome, AdmissionAnswer::Outcome::Allowed);
}

TEST(AdmissionReview, IsGivenToThePolicyAsAStruct) {
  AdmissionRequest seen;
  answer_review(kJson,
                review_of("UPDATE", R"(,"object":{"a":1},"oldObject":{"a":0},"dryRun":true,)"
                                    R"("subResource":"scale")"),
                [&](const AdmissionRequest& request) -> Result<AdmissionDecision> {
                  seen = request;
                  return AdmissionDecision::allow();
                });

  EXPECT_EQ(seen.kind, (GroupVersionKind{"example.org", "v1", "Widget"}));
  EXPECT_EQ(seen.kind.api_version(), "example.org/v1");
  EXPECT_EQ(seen.operation, AdmissionOperation::Update);
  EXPECT_EQ(seen.namespace_name, "team-a");
  EXPECT_EQ(seen.name, "w0");
  EXPECT_EQ(seen.subresource, "scale");
  EXPECT_EQ(seen.object, *json::parse(R"({"a":1})"));
  EXPECT_EQ(seen.old_object, *json::parse(R"({"a":0})"));
  EXPECT_TRUE(seen.dry_run);
}

TEST(AdmissionReview, IsRefusedWithTheTextOfThePolicy) {
  const AdmissionAnswer answer = answer_review(
      kJson, create_review(), always(AdmissionDecision::refuse("validation failed:\n  - a: b")));

  const AdmissionResponse response = response_in(answer);
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(response.status->message, "validation failed:\n  - a: b");
  EXPECT_EQ(response.status->code, 0);
  EXPECT_EQ(answer.outcome, AdmissionAnswer::Outcome::Refused);
}

TEST(AdmissionReview, IsRefusedByADecisionThatSaysNothing) {
  EXPECT_FALSE(response_in(answer_review(kJson, create_review(), always({}))).allowed);
}

TEST(AdmissionReview, IsAnsweredWithAPatchInBase64) {
  AdmissionDecision decision = AdmissionDecision::allow();
  decision.patch = *json::parse(R"([{"op":"add","path":"/spec","value":{}}])");
  AdmissionResponse response = response_in(answer_review(kJson, create_review(), always(decision)));
  EXPECT_EQ(response.patch_type, "JSONPatch");
  EXPECT_EQ(json::decode_base64(response.patch), R"([{"op":"add","path":"/spec","value":{}}])");

  decision.patch = json::Array{};
  response = response_in(answer_review(kJson, create_review(), always(decision)));
  EXPECT_EQ(json::decode_base64(response.patch), "[]");
}

TEST(AdmissionReview, CarriesWarningsWhateverTheVerdict) {
  AdmissionDecision decision = AdmissionDecision::refuse("no");
  decision.warnings = {"spec.a: odd"};
  EXPECT_EQ(response_in(answer_review(kJson, create_review(), always(decision))).warnings,
            decision.warnings);
  decision.verdict = AdmissionDecision::Verdict::Allow;
  EXPECT_EQ(response_in(answer_review(kJson, create_review(), always(decision))).warnings,
            decision.warnings);
}

TEST(AdmissionReview, HasAnAnswerOfBoundedSize) {
  AdmissionDecision decision;
  decision.refusal.message = std::string(kMaxRefusalBytes - 1, 'x') + "ä and more";
  decision.warnings = std::vector<std::string>(1000, "w");
  const AdmissionResponse response =
      response_in(answer_review(kJson, create_review(), always(decision)));
  EXPECT_EQ(response.status->message, std::string(kMaxRefusalBytes - 1, 'x') + "…");
  EXPECT_EQ(response.warnings.size(), kMaxAdmissionWarnings);
}

TEST(AdmissionReview, IsRefusedWhenThePolicyFails) {
  const AdmissionAnswer answer = answer_review(
      kJson, create_review(), [](const AdmissionRequest&) -> Result<AdmissionDecision> {
        return fail(ErrorCode::Unavailable, "the cluster cannot be asked");
      });
  const AdmissionResponse response = response_in(answer);
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(response.status->message, "the cluster cannot be asked");
  EXPECT_EQ(response.status->code, 503);
  EXPECT_EQ(answer.outcome, AdmissionAnswer::Outcome::Failed);
}

TEST(AdmissionReview, IsRefusedWhenThePolicyThrows) {
  const AdmissionAnswer answer = answer_review(
      kJson, create_review(), [](const AdmissionRequest&) -> Result<AdmissionDecision> {
        throw std::runtime_error("no such index");
      });
  const AdmissionResponse response = response_in(answer);
  EXPECT_FALSE(response.allowed);
  EXPECT_EQ(response.status->message, "the webhook failed: no such index");
  EXPECT_EQ(response.status->code, 500);
}

struct Unreadable {
  std::string_view content_type;
  std::string body;
  std::string_view text;
};

TEST(AdmissionReview, ThatCannotBeReadIsABadRequest) {
  const std::string valid = create_review();
  const std::string wrong_uid = R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                                R"("request":{"uid":7,"operation":"CREATE"}})";
  const Unreadable cases[] = {
      {"text/plain", valid, "invalid Content-Type, expect application/json, got text/plain"},
      {"", valid, "invalid Content-Type, expect application/json, got "},
      {kJson, "", "failed to decode body: "},
      {kJson, "{", "failed to decode body: "},
      {kJson, "[]", "failed to decode body: expected an AdmissionReview"},
      {kJson, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{}})",
       "failed to decode body: expected an AdmissionReview of admission.k8s.io/v1"},
      {kJson, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"})",
       "failed to decode body: the review has no request"},
      {kJson, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":null})",
       "failed to decode body: the review has no request"},
      {kJson, wrong_uid, "failed to decode body: request: "},
      {kJson, review_of("CREATE", ""), "failed to decode object: request.object is empty"},
      {kJson, review_of("CREATE", R"(,"object":null)"), "failed to decode object: "},
      {kJson, review_of("SHRED", R"(,"object":{})"), "failed to decode body: request: operation"},
  };
  for (const Unreadable& one : cases) {
    const AdmissionAnswer answer =
        answer_review(one.content_type, one.body, always(AdmissionDecision::allow()));
    EXPECT_EQ(answer.status, 400) << one.body;
    EXPECT_EQ(answer.outcome, AdmissionAnswer::Outcome::Unreadable);
    EXPECT_THAT(answer.content_type, StartsWith("text/plain"));
    EXPECT_THAT(answer.body, StartsWith(one.text));
  }
}

TEST(AdmissionReview, OfAnObjectThatThePolicyCannotReadIsABadRequest) {
  const AdmissionAnswer answer = answer_review(
      kJson, create_review(), [](const AdmissionRequest&) -> Result<AdmissionDecision> {
        return fail(ErrorCode::InvalidArgument, "spec: expected an object");
      });
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "failed to decode object: spec: expected an object");
}

TEST(AdmissionReview, MayNameACharacterSet) {
  EXPECT_EQ(answer_review("application/json; charset=utf-8", create_review(),
                          always(AdmissionDecision::allow()))
                .status,
            200);
}

TEST(AdmissionReview, BeyondTheSizeOfObjectsIsTooLarge) {
  const std::string body =
      review_of("CREATE", R"(,"object":{"a":")" + std::string(kMaxReviewBytes, 'x') + "\"}");
  EXPECT_EQ(answer_review(kJson, body, always(AdmissionDecision::allow())).status, 413);
}

TEST(AdmissionReview, OfADeletionHasNoNewObject) {
  EXPECT_TRUE(
      response_in(answer_review(kJson, review_of("DELETE", R"(,"object":null,"oldObject":{})"),
                                always(AdmissionDecision::allow())))
          .allowed);
}

}  // namespace
}  // namespace kthena::kube
