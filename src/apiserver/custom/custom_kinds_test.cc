#include "apiserver/custom/custom_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "base/clock.h"
#include "base/rfc3339.h"
#include "json/parse.h"
#include "json/path.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

json::Value read(std::string_view text) { return json::parse(text).value(); }
WallTime time_of(std::string_view text) { return parse_rfc3339(text).value(); }

json::Value definition(std::string_view versions, std::string_view names = R"("kind":"Thing")") {
  json::Value crd =
      read(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
      "metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
      "names":{"plural":"things",)" +
           std::string(names) + R"(},"versions":[)" + std::string(versions) + "]}}");
  default_definition(crd);
  prepare_definition(crd, nullptr);
  return crd;
}

std::string version(std::string_view name, std::string_view schema, std::string_view more = "") {
  return R"({"name":")" + std::string(name) + R"(","served":true,"storage":)" +
         (name == "v1" ? "true" : "false") + R"(,"schema":{"openAPIV3Schema":)" +
         std::string(schema) + "}" + std::string(more) + "}";
}

json::Value established(json::Value crd) {
  establish(crd, {}, time_of("2026-01-02T03:04:05Z"));
  return crd;
}

std::vector<std::string> wrong(const json::Value& crd, const json::Value* before = nullptr) {
  std::vector<std::string> texts;
  for (const json::Problem& problem : validate_definition(crd, before)) {
    texts.push_back(problem.to_string());
  }
  return texts;
}

std::string text_at_path(const json::Value& value, std::string_view path) {
  const json::Value* found = json::find_path(value, path);
  return found == nullptr ? "" : json::print(*found);
}

constexpr std::string_view kObject = R"({"type":"object"})";

TEST(Definition, GetsTheNamesAndTheStatusThatItLeavesOut) {
  const json::Value crd = definition(version("v1", kObject));
  EXPECT_EQ(text_at_path(crd, "spec.names"),
            R"({"plural":"things","kind":"Thing","singular":"thing","listKind":"ThingList"})");
  EXPECT_EQ(text_at_path(crd, "spec.conversion"), R"({"strategy":"None"})");
  EXPECT_EQ(
      text_at_path(crd, "status"),
      R"({"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":["v1"]})");
  EXPECT_THAT(wrong(crd), IsEmpty());
}

TEST(Definition, IsEstablishedOnceAndStaysSo) {
  json::Value crd = established(definition(version("v1", kObject)));
  EXPECT_TRUE(is_established(crd));
  EXPECT_EQ(
      text_at_path(crd, "status.conditions"),
      R"([{"type":"NamesAccepted","status":"True","lastTransitionTime":"2026-01-02T03:04:05Z","reason":"NoConflicts",)"
      R"("message":"no conflicts found"},{"type":"Established","status":"True","lastTransitionTime":)"
      R"("2026-01-02T03:04:05Z","reason":"InitialNamesAccepted","message":"the initial names have been accepted"}])");
  const json::Value once = crd;
  establish(crd, {}, time_of("2027-01-02T03:04:05Z"));
  EXPECT_EQ(crd, once);
}

TEST(Definition, WhoseNamesAreTakenIsNotServed) {
  const json::Value first = established(definition(version("v1", kObject)));
  json::Value second =
      read(R"({"metadata":{"name":"others.example.com"},"spec":{"group":"example.com","names":
      {"plural":"others","singular":"other","kind":"Thing","listKind":"OtherList"},"versions":[{"name":"v1","served":true,
      "storage":true}]}})");
  const json::Value* others[] = {&first};
  establish(second, others, time_of("2026-01-02T03:04:05Z"));
  EXPECT_FALSE(is_established(second));
  EXPECT_EQ(text_at_path(second, "status.conditions[0].message"),
            R"("\"Thing\" is already in use")");
  EXPECT_EQ(text_at_path(second, "status.conditions[1].reason"), R"("NotAccepted")");
  EXPECT_THAT(kinds_of(second).value(), IsEmpty());
}

TEST(Definition, IsRefusedForWhatUsersGetWrong) {
  EXPECT_THAT(
      wrong(definition(version("v2", kObject))),
      ElementsAre(
          "spec.versions: Invalid value: [{\"Name\":\"v2\",\"Served\":true,\"Storage\":false,"
          "\"Deprecated\":false,\"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,"
          "\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}]: must have exactly one "
          "version "
          "marked as storage version",
          "status.storedVersions: Invalid value: null: must have at least one stored version"));
  EXPECT_THAT(
      wrong(definition(version("v1", R"({"properties":{"spec":{"properties":{"a":{}}}}})"))),
      ElementsAre(
          "spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: "
          "must not "
          "be empty for specified object fields",
          "spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be "
          "empty for "
          "specified object fields",
          "spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root"));
  EXPECT_THAT(
      wrong(definition(version(
          "v1", R"({"type":"object","properties":{"a":{"type":"integer","default":"x"}}})"))),
      ElementsAre("spec.validation.openAPIV3Schema.properties[a].default: Invalid value: "
                  "\"string\":  in body must "
                  "be of type integer: \"string\""));
  EXPECT_THAT(
      wrong(definition(
          version("v1", kObject,
                  R"(,"additionalPrinterColumns":[{"name":"x","type":"y","jsonPath":"z"}])"))),
      ElementsAre("spec.additionalPrinterColumns[0].type: Invalid value: \"y\": must be one of "
                  "boolean,date,integer,number,string",
                  "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"z\": must be a "
                  "simple json path "
                  "starting with ."));
}

TEST(Definition, WithRulesInCelIsRefusedByName) {
  const std::string schema =
      R"({"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self.a > 1"}]}}})";
  EXPECT_THAT(wrong(definition(version("v1", schema))),
              ElementsAre("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-"
                          "validations[0].rule: Forbidden: "
                          "this API server does not evaluate rules in CEL"));
}

TEST(Definition, ThatConvertsByWebhookIsRefused) {
  json::Value crd = definition(version("v1", kObject));
  crd.find("spec")->set("conversion", read(R"({"strategy":"Webhook"})"));
  EXPECT_THAT(
      wrong(crd),
      ElementsAre("spec.conversion.strategy: Forbidden: this API server does not call webhooks for "
                  "conversion: only None is supported"));
}

TEST(Definition, KeepsItsScopeAndKindOnceItIsEstablished) {
  const json::Value before = established(definition(version("v1", kObject)));
  json::Value after = before;
  after.find("spec")->set("scope", "Cluster");
  after.find("spec")->find("names")->set("kind", "Other");
  EXPECT_THAT(wrong(after, &before),
              ElementsAre("spec.scope: Invalid value: \"Cluster\": field is immutable",
                          "spec.names.kind: Invalid value: \"Other\": field is immutable"));
}

TEST(Definition, MustKeepVersionsInWhichObjectsMayBeStored) {
  const json::Value before = established(definition(version("v1", kObject)));
  json::Value after = before;
  after.find("spec")->set(
      "versions",
      read(
          R"([{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}])"));
  prepare_definition(after, &before);
  EXPECT_EQ(text_at_path(after, "status.storedVersions"), R"(["v1","v2"])");
  EXPECT_THAT(wrong(after, &before),
              ElementsAre("status.storedVersions[0]: Invalid value: \"v1\": missing from "
                          "spec.versions; v1 was previously a "
                          "storage version, and must remain in spec.versions until a storage "
                          "migration ensures no data "
                          "remains persisted in v1 and removes v1 from status.storedVersions"));
}

TEST(Definition, OfAGroupOfKubernetesSaysWhoApprovedIt) {
  json::Value crd = definition(version("v1", kObject));
  crd.find("spec")->set("group", "x.k8s.io");
  crd.find("metadata")->set("name", "things.x.k8s.io");
  EXPECT_THAT(
      wrong(crd),
      ElementsAre(
          "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups "
          "must have approval annotation \"api-approved.kubernetes.io\", see "
          "https://github.com/kubernetes/enhancements/pull/1111"));
  crd.find("metadata")
      ->set("annotations", read(R"({"api-approved.kubernetes.io":"https://example.com/1"})"));
  EXPECT_THAT(wrong(crd), IsEmpty());
  crd = established(crd);
  EXPECT_EQ(text_at_path(crd, "status.conditions[2].message"),
            R"("approved in https://example.com/1")");
}

TEST(Definition, ThatIsDeletedWaitsForItsObjects) {
  json::Value crd = established(definition(version("v1", kObject)));
  EXPECT_FALSE(is_terminating(crd));
  mark_terminating(crd, time_of("2026-01-02T03:04:05Z"));
  mark_terminating(crd, time_of("2026-01-02T03:04:06Z"));
  EXPECT_TRUE(is_terminating(crd));
  EXPECT_EQ(text_at_path(crd, "metadata.finalizers"),
            R"(["customresourcecleanup.apiextensions.k8s.io"])");
}

TEST(Definition, WarnsOfFormatsThatNobodyChecks) {
  const json::Value crd = definition(
      version("v1", R"({"type":"object","properties":{"a":{"type":"string","format":"x"}}})"));
  EXPECT_THAT(definition_warnings(crd, nullptr), ElementsAre(R"(unrecognized format "x")"));
  EXPECT_THAT(definition_warnings(crd, &crd), IsEmpty());
}

TEST(KindsOf, AreOneAVersionThePreferredFirst) {
  const json::Value crd = established(definition(
      version("v1beta1", kObject) + "," +
          version("v1", kObject, R"(,"subresources":{"status":{},"scale":{"specReplicasPath":
      ".spec.replicas","statusReplicasPath":".status.replicas"}},"additionalPrinterColumns":[{"name":"A","type":"string",
      "jsonPath":".spec.a","priority":1}])") +
          R"(,{"name":"v3","served":false,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}})",
      R"("kind":"Thing","shortNames":["th"],"categories":["all"])"));
  const std::vector<KindPtr> kinds = kinds_of(crd).value();
  ASSERT_EQ(kinds.size(), 2U);
  const Kind& kind = *kinds[0];
  EXPECT_EQ(kind.api_version, "example.com/v1");
  EXPECT_EQ(kind.resource, "example.com/things");
  EXPECT_EQ(kind.qualified(), "things.example.com");
  EXPECT_EQ(kind.list_kind, "ThingList");
  EXPECT_EQ(kind.singular, "thing");
  EXPECT_THAT(kind.short_names, ElementsAre("th"));
  EXPECT_THAT(kind.categories, ElementsAre("all"));
  EXPECT_TRUE(kind.is_custom() && kind.is_namespaced() && kind.has_status && kind.has_scale);
  ASSERT_EQ(kind.columns.size(), 1U);
  EXPECT_EQ(kind.columns[0].priority, 1);
  EXPECT_THAT(kind.api_versions, ElementsAre("example.com/v1", "example.com/v1beta1"));
  EXPECT_NE(kind.schema, nullptr);
  EXPECT_FALSE(kinds[1]->has_status);
  EXPECT_EQ(kinds[1]->columns[0].name, "Age");
}

TEST(KindsOf, OrderVersionsAsKubernetesDoes) {
  const std::vector<std::string_view> versions = {"v10",      "v2",      "v1",        "v11beta2",
                                                  "v10beta3", "v3beta1", "v12alpha1", "v11alpha2",
                                                  "foo1",     "foo10",   "v01"};
  for (std::size_t i = 1; i < versions.size(); ++i) {
    EXPECT_GT(compare_versions(versions[i - 1], versions[i]), 0) << versions[i];
    EXPECT_LT(compare_versions(versions[i], versions[i - 1]), 0) << versions[i];
  }
}

TEST(KindsOf, TellWhatToUseInsteadOfADeprecatedVersion) {
  const json::Value crd = definition(version("v1beta1", kObject, R"(,"deprecated":true)") + "," +
                                     version("v1", kObject));
  EXPECT_EQ(deprecation_warning(crd, "v1beta1"),
            "example.com/v1beta1 Thing is deprecated; use example.com/v1 Thing");
  EXPECT_EQ(deprecation_warning(crd, "v1"), std::nullopt);
}

TEST(OurDefinitions, AreGoodAndServed) {
  const std::vector<json::Value> definitions = our_definitions(time_of("2026-01-02T03:04:05Z"));
  EXPECT_EQ(definitions.size(), 7U);
  for (const json::Value& crd : definitions) {
    EXPECT_THAT(wrong(crd), IsEmpty()) << text_at_path(crd, "metadata.name");
    const std::vector<KindPtr> kinds = kinds_of(crd).value();
    ASSERT_FALSE(kinds.empty());
    EXPECT_TRUE(kinds.front()->has_status) << kinds.front()->kind;
  }
}

}  // namespace
}  // namespace kthena::apiserver
