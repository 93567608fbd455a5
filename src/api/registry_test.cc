#include "api/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/path.h"

namespace kthena::api {
namespace {

using kube::AdmissionStage;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kWorkload = "workload.serving.volcano.sh/v1alpha1";

std::vector<std::string> texts(const Review& review) {
  std::vector<std::string> out;
  for (const json::Problem& problem : review.problems) {
    out.push_back((problem.severity == json::Severity::Warning ? "warning: " : "") +
                  problem.to_string());
  }
  return out;
}

json::Value serving(std::string_view spec) {
  json::Value value = json::parse(R"({"apiVersion": "workload.serving.volcano.sh/v1alpha1",
    "kind": "ModelServing", "metadata": {"name": "m"}})")
                          .value();
  value.set("spec", json::parse(spec).value());
  return value;
}
constexpr std::string_view kRoles =
    R"("template": {"roles": [{"name": "a", "workerReplicas": 0, "entryTemplate": {}}]})";

TEST(Registry, HasAllOurKindsByName) {
  std::vector<std::string_view> kinds;
  for (const KindDoor& door : our_kinds()) {
    kinds.push_back(door.resource->kind);
    EXPECT_EQ(find_kind(door.resource->api_version, door.resource->kind), &door);
    EXPECT_TRUE(door.resource->group().ends_with(".serving.volcano.sh"));
  }
  EXPECT_THAT(kinds,
              ElementsAre("AutoscalingPolicy", "AutoscalingPolicyBinding", "ExternalModelProvider",
                          "ModelBooster", "ModelRoute", "ModelServer", "ModelServing"));
  EXPECT_EQ(find_kind("v1", "ModelServing"), nullptr);
  EXPECT_EQ(find_kind(kWorkload, "Pod"), nullptr);
}

TEST(Registry, FillsInDefaultsOnTheWholeWay) {
  const KindDoor& door = *find_kind(kWorkload, "ModelServing");
  const Review review =
      door.review(serving("{" + std::string(kRoles) + "}"), nullptr, AdmissionStage::Whole);
  EXPECT_THAT(texts(review), IsEmpty());
  EXPECT_EQ(review.key.to_string(), "default/m");
  EXPECT_EQ(*json::find_path(review.object, "spec.replicas"), json::Value(1));
  EXPECT_EQ(*json::find_path(review.object, "spec.template.roles[0].maxUnavailable"),
            json::Value(1));
}

TEST(Registry, TakesAnObjectAsTheServerShowsItToAWebhook) {
  const KindDoor& door = *find_kind(kWorkload, "ModelServing");
  const json::Value object = serving("{" + std::string(kRoles) + "}");
  EXPECT_EQ(kube::denial_text(door.review(object, nullptr, AdmissionStage::Webhook).problems),
            "validation failed:\n"
            "  - spec.replicas: Invalid value: null: replicas must be a non-negative integer\n"
            "  - spec.template.roles[0].replicas: Invalid value: null: role replicas must be a "
            "non-negative integer");
  EXPECT_FALSE(
      door.review(serving(R"({"replicas": "two"})"), nullptr, AdmissionStage::Webhook).readable);
}

TEST(Registry, HoldsAChangeAgainstWhatWasThere) {
  const KindDoor& door = *find_kind("networking.serving.volcano.sh/v1alpha1", "ModelRoute");
  const auto route = [](std::string_view model) {
    json::Value value =
        json::parse(R"({"metadata": {"name": "r"}, "spec": {"rules": []}})").value();
    value.find("spec")->set("modelName", model);
    return value;
  };
  const json::Value before = route("a");
  EXPECT_TRUE(door.review(route("a"), &before, AdmissionStage::Whole).ok());
  const Review changed = door.review(route("b"), &before, AdmissionStage::Whole);
  EXPECT_THAT(texts(changed),
              ElementsAre("spec.modelName: Invalid value: \"b\": modelName is immutable"));
  EXPECT_TRUE(changed.object.is_null());
}

TEST(Registry, ShowsWhatAWebhookWouldChange) {
  const KindDoor& booster = *find_kind(kWorkload, "ModelBooster");
  const json::Value old = json::parse(R"({"metadata": {"name": "b"}, "spec": {"backend": {
    "name": "k", "type": "vLLM", "modelURI": "hf://a/b", "minReplicas": 2, "maxReplicas": 2,
    "workers": [{"image": "i"}]}}})")
                              .value();
  const Mutation mutation = booster.mutate(old).value();
  EXPECT_EQ(json::find_path(mutation.before, "spec.backend.replicas"), nullptr);
  EXPECT_EQ(*json::find_path(mutation.after, "spec.backend.replicas"), json::Value(2));
  EXPECT_EQ(
      patch_of(mutation),
      json::parse(R"([{"op": "add", "path": "/spec/backend/replicas", "value": 2}])").value());
  const Mutation again = booster.mutate(mutation.after).value();
  EXPECT_EQ(again.before, again.after);
  EXPECT_FALSE(booster.mutate(json::parse(R"({"spec": 1})").value()).has_value());
  EXPECT_EQ(find_kind(kWorkload, "ModelServing")->mutate, nullptr);
  EXPECT_NE(find_kind(kWorkload, "AutoscalingPolicy")->mutate, nullptr);
}

TEST(Registry, RefusesNullsInItsOwnWords) {
  const KindDoor& door = *find_kind("networking.serving.volcano.sh/v1alpha1", "ModelRoute");
  const json::Value route = json::parse(R"({"metadata": {"name": "r"}, "spec": {"modelName": "m",
    "rules": [null, {"targetModels": [null, {"modelServerName": "s"}]}]}})")
                                .value();
  EXPECT_THAT(texts(door.review(route, nullptr, AdmissionStage::Webhook)),
              ElementsAre("spec.rules[0]: Invalid value: null: rule must not be nil",
                          "spec.rules[1].targetModels[0]: Invalid value: null: target model must "
                          "not be nil"));
  EXPECT_FALSE(door.review(route, nullptr, AdmissionStage::Whole).ok());
}

TEST(Registry, AddsWholeBlocksOfBehaviorWhereTheyAreMissing) {
  const KindDoor& door = *find_kind(kWorkload, "AutoscalingPolicy");
  const auto patch = [&](std::string_view spec) {
    json::Value value = json::parse(R"({"metadata": {"name": "p"}})").value();
    value.set("spec", json::parse(spec).value());
    std::vector<std::string> paths;
    for (const json::Value& operation : patch_of(door.mutate(value).value()).as_array()) {
      paths.push_back(operation.find("path")->as_string());
    }
    return paths;
  };
  EXPECT_THAT(patch(R"({"tolerancePercent": 5})"), ElementsAre("/spec/behavior"));
  EXPECT_THAT(
      patch(R"({"behavior": {"scaleDown": {"instances": 3}}})"),
      ElementsAre("/spec/behavior/scaleDown/stabilizationWindow", "/spec/behavior/scaleUp"));
  EXPECT_THAT(patch(R"({"behavior": {"scaleUp": {"stablePolicy": {}}}})"),
              ElementsAre("/spec/behavior/scaleDown", "/spec/behavior/scaleUp/panicPolicy",
                          "/spec/behavior/scaleUp/stablePolicy/stabilizationWindow"));
  EXPECT_THAT(patch(R"({"behavior": {
    "scaleDown": {"stabilizationWindow": "1m"},
    "scaleUp": {"stablePolicy": {"stabilizationWindow": "1m"}, "panicPolicy": {}}}})"),
              IsEmpty());
}

TEST(Registry, TellsUsersOfDeprecatedKinds) {
  const KindDoor& door = *find_kind(kWorkload, "AutoscalingPolicyBinding");
  const json::Value binding = json::parse(R"({"metadata": {"name": "b"}, "spec": {
    "policyRef": {"name": "p"}, "homogeneousTarget": {"minReplicas": 1, "maxReplicas": 2,
    "target": {"targetRef": {"name": "m"}}}}})")
                                  .value();
  EXPECT_THAT(texts(door.review(binding, nullptr, AdmissionStage::Whole)),
              ElementsAre("warning: kind: workload.serving.volcano.sh/v1alpha1 "
                          "AutoscalingPolicyBinding is deprecated; name the target in the "
                          "AutoscalingPolicy"));
  EXPECT_THAT(texts(door.review(binding, nullptr, AdmissionStage::Webhook)), IsEmpty());
}

}  // namespace
}  // namespace kthena::api
