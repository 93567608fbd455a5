#include "api/networking/v1alpha1/model_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/objects.h"
#include "json/codec.h"
#include "json/parse.h"
#include "json/print.h"

namespace kthena::api::networking {
namespace {

using api::testing::decode_spec;
using api::testing::texts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Decodes a route whose spec is `spec`; schema findings must be none.
ModelRoute route(std::string_view spec, const json::DecodeOptions& options = {.defaults = false}) {
  auto decoded = decode_spec<ModelRoute>(spec, options);
  EXPECT_THAT(texts(decoded.problems), IsEmpty()) << spec;
  return std::move(decoded.value);
}

std::vector<std::string> schema_findings(std::string_view spec) {
  return texts(decode_spec<ModelRoute>(spec).problems);
}

constexpr std::string_view kFull = R"({
  "apiVersion": "networking.serving.volcano.sh/v1alpha1",
  "kind": "ModelRoute",
  "metadata": {"name": "chat", "namespace": "prod"},
  "spec": {
    "modelName": "chat",
    "loraAdapters": ["a", "b"],
    "parentRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "gw",
                    "namespace": "infra", "sectionName": "http", "port": 80}],
    "rules": [{
      "name": "premium",
      "modelMatch": {"headers": {"x-tier": {"exact": "gold"}}, "uri": {"prefix": "/v1"},
                     "body": {"model": "chat"}},
      "targetModels": [{"modelServerName": "big", "weight": 70},
                       {"modelServerName": "small", "weight": 30}]
    }],
    "rateLimit": {"inputTokensPerUnit": 1000, "outputTokensPerUnit": 500, "unit": "minute",
                  "global": {"redis": {"address": "redis:6379"}}}
  }
})";

TEST(ModelRoute, WritesWhatItReads) {
  const json::Value full = json::parse(kFull).value();
  const auto decoded = json::decode<ModelRoute>(full);
  EXPECT_THAT(texts(decoded.problems), IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), full);
  EXPECT_THAT(validate(decoded.value), IsEmpty());
  const Rule& rule = decoded.value.spec.rules.at(0);
  EXPECT_EQ(rule.model_match->headers.at("x-tier").exact, "gold");
  EXPECT_EQ(rule.target_models.at(0).weight, 70U);
  EXPECT_EQ(decoded.value.spec.rate_limit->unit, RateLimitUnit::Minute);
}

TEST(ModelRoute, HasTheDefaultsOfItsSchema) {
  const ModelRoute r = route(
      R"({"modelName": "m", "parentRefs": [{"name": "g"}], "rateLimit": {"inputTokensPerUnit": 1},
          "rules": [{"targetModels": [{"modelServerName": "s"}]}]})",
      {});
  EXPECT_EQ(r.spec.rules[0].target_models[0].weight, 100U);
  EXPECT_EQ(r.spec.rate_limit->unit, RateLimitUnit::Second);
  EXPECT_EQ(r.spec.parent_refs[0].group, "gateway.networking.k8s.io");
  EXPECT_EQ(r.spec.parent_refs[0].kind, "Gateway");
}

TEST(ModelRoute, TellsAnAbsentWeightFromZero) {
  const ModelRoute r = route(
      R"({"modelName": "m", "rules": [{"targetModels": [{"modelServerName": "s", "weight": 0},
          {"modelServerName": "t"}]}]})");
  EXPECT_EQ(r.spec.rules[0].target_models[0].weight, 0U);
  EXPECT_EQ(r.spec.rules[0].target_models[1].weight, std::nullopt);
  EXPECT_EQ(r.spec.rules[0].target_models[1].weight_or_default(), 100U);
}

struct Case {
  std::string_view spec;
  std::vector<std::string> findings;
};

TEST(ModelRoute, IsHeldAgainstItsSchema) {
  constexpr std::string_view kExactlyOne =
      ": Invalid value: exactly one of modelServerName or externalModelProviderName must be set";
  const std::vector<Case> cases = {
      {R"({"modelName": "m"})", {"spec.rules: Required value"}},
      {R"({"modelName": "m", "rules": []})", {}},
      {R"({"rules": []})",
       {"spec: Invalid value: ModelName and LoraAdapters cannot both be empty"}},
      {R"({"modelName": "m", "rules": [{}]})", {"spec.rules[0].targetModels: Required value"}},
      {R"({"modelName": "m", "rules": [{"targetModels": []}]})",
       {"spec.rules[0].targetModels: Invalid value: 0: spec.rules[0].targetModels in body should "
        "have "
        "at least 1 items"}},
      {R"({"modelName": "m", "rules": [null]})",
       {R"(spec.rules[0]: Invalid value: "null": spec.rules[0] in body must be of type object: "null")"}},
      {R"({"modelName": "m", "rules": [{"targetModels": [{}]}]})",
       {"spec.rules[0].targetModels[0]" + std::string(kExactlyOne)}},
      {R"({"modelName": "m", "rules": [{"targetModels":
          [{"modelServerName": "a", "externalModelProviderName": "b", "weight": 1}]}]})",
       {"spec.rules[0].targetModels[0]" + std::string(kExactlyOne)}},
      {R"({"modelName": "m", "rules": [{"targetModels": [{"modelServerName": "a", "weight": 101}]}]})",
       {"spec.rules[0].targetModels[0].weight: Invalid value: 101: "
        "spec.rules[0].targetModels[0].weight in body should be less than or equal to 100"}},
      {R"({"modelName": "m", "rules": [{"targetModels": [{"modelServerName": "a", "weight": "1"}]}]})",
       {"spec.rules[0].targetModels[0].weight: Invalid value: \"string\": "
        "spec.rules[0].targetModels[0].weight in body must be of type integer: \"string\""}},
      {R"({"modelName": "m", "rules": [], "rateLimit": {"unit": "week", "inputTokensPerUnit": 0}})",
       {R"(spec.rateLimit.unit: Unsupported value: "week": supported values: "second", "minute", )"
        R"("hour", "day", "month")",
        "spec.rateLimit.inputTokensPerUnit: Invalid value: 0: spec.rateLimit.inputTokensPerUnit in "
        "body "
        "should be greater than or equal to 1"}},
      {R"({"modelName": "m", "rules": [], "rateLimit": {"global": {"redis": {}}}})",
       {"spec.rateLimit.global.redis.address: Required value"}},
      {R"({"modelName": "m", "rules": [], "loraAdapters": [1,2,3,4,5,6,7,8,9,10,11]})", {}},
      {R"({"modelName": "m", "rules": [{"targetModel": [], "targetModels": [{"modelServerName": "a"}]}]})",
       {R"(warning: unknown field "spec.rules[0].targetModel"; did you mean "targetModels"?)"}},
      {R"({"modelName": "m", "rules": [], "parentRefs": [{"name": "g", "port": 0, "group": "A"}]})",
       {"spec.parentRefs[0].port: Invalid value: 0: spec.parentRefs[0].port in body should be "
        "greater "
        "than or equal to 1",
        R"(spec.parentRefs[0].group: Invalid value: "A": spec.parentRefs[0].group in body should match )"
        R"('^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')"}},
  };
  for (const Case& c : cases) {
    if (c.spec.contains("11]")) {
      EXPECT_EQ(schema_findings(c.spec).size(), 11U);  // one for each number that is no text
      continue;
    }
    EXPECT_EQ(schema_findings(c.spec), c.findings) << c.spec;
  }
  EXPECT_THAT(texts(json::decode<ModelRoute>(json::parse("{}").value()).problems),
              ElementsAre("spec: Required value"));
}

/// A route built in code, since the schema would refuse some of these first.
ModelRoute with_rule(Rule rule) {
  ModelRoute r;
  r.spec.model_name = "m";
  r.spec.rules.push_back(std::move(rule));
  return r;
}

TEST(ModelRoute, IsValidatedInTheWordsOfTheReference) {
  EXPECT_THAT(
      texts(validate(ModelRoute{})),
      ElementsAre("spec: Required value: either modelName or loraAdapters must be specified"));
  ModelRoute r;
  r.spec.lora_adapters = {"a", ""};
  EXPECT_THAT(
      texts(validate(r)),
      ElementsAre(R"(spec.loraAdapters[1]: Invalid value: "": lora adapter name cannot be an )"
                  "empty string"));
  EXPECT_THAT(
      texts(validate(with_rule({}))),
      ElementsAre("spec.rules[0].targetModels: Required value: each rule must have at least one "
                  "target model"));
  EXPECT_THAT(texts(validate(with_rule({.target_models = {TargetModel{}}}))),
              ElementsAre(R"(spec.rules[0].targetModels[0]: Invalid value: "/": exactly one of )"
                          "modelServerName or externalModelProviderName must be set"));
  EXPECT_THAT(
      texts(validate(with_rule(
          {.target_models = {{.model_server_name = "a", .external_model_provider_name = "b"}}}))),
      ElementsAre(R"(spec.rules[0].targetModels[0]: Invalid value: "a/b": exactly one of )"
                  "modelServerName or externalModelProviderName must be set"));
  EXPECT_THAT(
      texts(validate(with_rule({.target_models = {{.model_server_name = "a", .weight = 0},
                                                  {.model_server_name = "b", .weight = 0}}}))),
      ElementsAre(
          "spec.rules[0].targetModels: Invalid value: 0: total weight must be greater than zero"));
}

TEST(ModelRoute, KeepsLoraRoutesFromExternalProviders) {
  ModelRoute r = with_rule({.target_models = {{.external_model_provider_name = "openai"}}});
  EXPECT_THAT(validate(r), IsEmpty());
  r.spec.lora_adapters = {"a"};
  EXPECT_THAT(texts(validate(r)),
              ElementsAre("spec.rules[0].targetModels[0].externalModelProviderName: Invalid value: "
                          "\"openai\": lora routes must target modelServerName"));
}

TEST(ModelRoute, RefusesExpressionsThatCannotBeCompiled) {
  const ModelRoute r = with_rule(
      {.model_match = ModelMatch{.headers = {{"x-a", {.regex = "("}}, {"x-b", {.regex = "ok"}}},
                                 .uri = StringMatch{.regex = "["}},
       .target_models = {{.model_server_name = "a"}}});
  EXPECT_THAT(
      texts(validate(r)),
      ElementsAre("spec.rules[0].modelMatch.headers[x-a].regex: Invalid value: \"(\": error "
                  "parsing regexp: missing closing ): `(`",
                  "spec.rules[0].modelMatch.uri.regex: Invalid value: \"[\": error parsing "
                  "regexp: missing closing ]: `[`"));
}

TEST(ModelRoute, WarnsOfWhatTheReferenceTakes) {
  const ModelRoute r = with_rule(
      {.model_match = ModelMatch{.uri = StringMatch{.exact = "/a", .prefix = "/"}},
       .target_models = {{.model_server_name = "a", .weight = 10}, {.model_server_name = "b"}}});
  const auto problems = validate(r);
  EXPECT_FALSE(json::has_errors(problems));
  EXPECT_THAT(
      texts(problems),
      ElementsAre(R"(warning: spec.rules[0].modelMatch.uri: Invalid value: )"
                  R"({"exact":"/a","prefix":"/"}: only one of exact, prefix and regex should )"
                  "be set"));
  EXPECT_THAT(
      texts(check_as_written(r)),
      ElementsAre("warning: spec.rules[0].targetModels: Invalid value: 1 of 2: weight should be "
                  "set on all targets of a rule or on none; a missing one counts 100"));
}

TEST(ModelRoute, SpeaksOfItsTargets) {
  ModelRoute r = with_rule(
      {.target_models = {{.model_server_name = "a"}, {.external_model_provider_name = "b"}}});
  r.metadata.namespace_name = "prod";
  std::vector<std::string> missing;
  for (const Reference& reference : references(r)) {
    missing.push_back(reference.missing.to_string());
  }
  EXPECT_THAT(missing,
              ElementsAre("spec.rules[0].targetModels[0].modelServerName: Not found: \"a\": there "
                          "is no ModelServer of that name in namespace prod",
                          "spec.rules[0].targetModels[1].externalModelProviderName: Not found: "
                          "\"b\": there is no ExternalModelProvider of that name in namespace "
                          "prod"));
}

TEST(ModelRoute, KeepsItsModelName) {
  ModelRoute before;
  before.spec.model_name = "a";
  ModelRoute after = before;
  EXPECT_THAT(json::check_update(before, after), IsEmpty());
  after.spec.model_name = "b";
  EXPECT_THAT(texts(json::check_update(before, after)),
              ElementsAre("spec.modelName: Invalid value: \"b\": modelName is immutable"));
  after.spec.model_name = "";  // rules of a transition do not fire when a field comes or goes
  EXPECT_THAT(json::check_update(before, after), IsEmpty());
  EXPECT_THAT(json::check_update(after, before), IsEmpty());
}

}  // namespace
}  // namespace kthena::api::networking
