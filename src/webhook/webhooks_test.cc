#include "webhook/webhooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "api/registry.h"
#include "json/base64.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/admission/review.h"

namespace kthena::webhook {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const Webhook& at(std::string_view path) {
  for (const Webhook& webhook : all_webhooks()) {
    if (webhook.path == path) {
      return webhook;
    }
  }
  ADD_FAILURE() << path;
  return all_webhooks().front();
}

json::Value object(const Webhook& webhook, std::string_view spec) {
  return json::Object{{"apiVersion", webhook.api_version},
                      {"kind", webhook.kind},
                      {"metadata", json::Object{{"name", "o"}, {"namespace", "team"}}},
                      {"spec", json::parse(spec).value()}};
}

kube::AdmissionRequest request(const Webhook& webhook, std::string_view spec) {
  const std::string_view text = webhook.api_version;
  return {.uid = "u",
          .kind = {.group = std::string(text.substr(0, text.find('/'))),
                   .version = std::string(text.substr(text.find('/') + 1)),
                   .kind = std::string(webhook.kind)},
          .object = object(webhook, spec)};
}

TEST(Webhooks, AreThoseThatInstalledConfigurationsName) {
  std::set<std::string_view> paths;
  for (const Webhook& webhook : all_webhooks()) {
    EXPECT_TRUE(paths.insert(webhook.path).second);
    EXPECT_NE(api::find_kind(webhook.api_version, webhook.kind), nullptr) << webhook.kind;
  }
  EXPECT_EQ(at("/validate-workload-ai-v1alpha1-modelserving").name,
            "validate-workload-ai-v1alpha1-modelserving.volcano.sh");
  EXPECT_EQ(at("/mutate/autoscalingpolicy").task, Webhook::Task::Mutate);
}

struct Wrong {
  std::string_view path;
  std::string_view spec;
  std::string_view line;  // of the refusal
};

TEST(Webhooks, RefuseWrongObjectsOfEveryKindByTheNameOfTheField) {
  const Wrong cases[] = {
      {"/validate/modelroute",
       R"({"loraAdapters":[""],"rules":[{"targetModels":[{"modelServerName":"s"}]}]})",
       "spec.loraAdapters[0]: Invalid value: \"\": lora adapter name cannot be an empty string"},
      {"/validate/modelserver",
       R"({"inferenceEngine":"vLLM","workloadPort":{"port":8000},"workloadSelector":{"matchLabels":{}}})",
       "spec.workloadSelector.matchLabels: Required value: labels must contain at least one label"},
      {"/validate/externalmodelprovider",
       R"({"providerType":"OpenAI","baseURL":"http://x","auth":{"secretRef":{"name":"s","key":"k"}}})",
       "spec.baseURL: Invalid value: \"http://x\": baseURL must use https"},
      {"/validate/modelbooster",
       R"({"backend":{"name":"b","type":"vLLM","modelURI":"hf://m","cacheURI":"hostpath:///c",)"
       R"("replicas":1000001,"workers":[{"type":"server","image":"i"}]}})",
       "spec.backend.replicas: Invalid value: 1000001: replicas (1000001) cannot exceed 1000000"},
      {"/validate/autoscalingpolicy", R"({"metrics":[{"name":"m","targetValue":"0"}]})",
       "metric target value must be greater than 0 and not equal to infinity"},
      {"/validate/autoscalingpolicybinding", R"({"policyRef":{"name":"p"}})", "spec"},
      {"/validate-workload-ai-v1alpha1-modelserving", R"({"replicas":1,"template":{"roles":[]}})",
       "spec.template.roles"},
  };
  for (const Wrong& wrong : cases) {
    const Webhook& webhook = at(wrong.path);
    const auto decision = policy_of(webhook)(request(webhook, wrong.spec));
    ASSERT_TRUE(decision) << wrong.path << ": " << decision.error().message();
    EXPECT_EQ(decision->verdict, kube::AdmissionDecision::Verdict::Refuse) << wrong.path;
    EXPECT_THAT(decision->refusal.message, StartsWith("validation failed:\n  - "));
    EXPECT_THAT(decision->refusal.message, HasSubstr(wrong.line));
  }
}

TEST(Webhooks, LetGoodObjectsIn) {
  const Webhook& webhook = at("/validate/modelroute");
  const auto decision = policy_of(webhook)(request(
      webhook, R"({"modelName":"m","rules":[{"targetModels":[{"modelServerName":"s"}]}]})"));
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->verdict, kube::AdmissionDecision::Verdict::Allow);
  EXPECT_EQ(decision->refusal.message, "");
}

TEST(Webhooks, FillInWhatWasLeftOut) {
  const Webhook& webhook = at("/mutate/autoscalingpolicy");
  const auto decision = policy_of(webhook)(request(webhook, R"({"metrics":[]})"));
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->verdict, kube::AdmissionDecision::Verdict::Allow);
  EXPECT_THAT(json::print(*decision->patch), StartsWith(R"([{"op":"add","path":"/spec/behavior")"));
}

TEST(Webhooks, ChangeNothingWhereNothingIsLeftOut) {
  const Webhook& webhook = at("/mutate/modelbooster");
  const auto decision = policy_of(webhook)(
      request(webhook, R"({"backend":{"name":"b","type":"vLLM","modelURI":"hf://m","replicas":1,)"
                       R"("workers":[{"type":"server","image":"i","replicas":1,"pods":1}]}})"));
  ASSERT_TRUE(decision);
  EXPECT_EQ(json::print(*decision->patch), "[]");
}

TEST(Webhooks, RefuseWhatIsNotOfTheirKind) {
  for (const Webhook& webhook : all_webhooks()) {
    kube::AdmissionRequest other = request(webhook, "{}");
    other.kind.kind = "Pod";
    const auto decision = policy_of(webhook)(other);
    ASSERT_TRUE(decision);
    EXPECT_EQ(decision->verdict, kube::AdmissionDecision::Verdict::Refuse);
    EXPECT_THAT(decision->refusal.message, HasSubstr("was asked about Pod"));
  }
}

TEST(Webhooks, CannotReadObjectsOfWrongTypes) {
  for (const Webhook& webhook : all_webhooks()) {
    kube::AdmissionRequest wrong = request(webhook, "{}");
    wrong.object.set("spec", 7);
    const auto decision = policy_of(webhook)(wrong);
    ASSERT_FALSE(decision) << webhook.path;
    EXPECT_EQ(decision.error().code(), ErrorCode::InvalidArgument);
  }
}

TEST(Webhooks, DoNotJudgeDeletions) {
  const Webhook& webhook = at("/validate/modelroute");
  kube::AdmissionRequest deletion = request(webhook, "{}");
  deletion.operation = kube::AdmissionOperation::Delete;
  EXPECT_FALSE(policy_of(webhook)(deletion));
}

}  // namespace
}  // namespace kthena::webhook
