#include "router/routing/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "router/datastore/datastore.h"
#include "router/testing/objects.h"

namespace kthena::router::routing {
namespace {

using ::testing::HasSubstr;
using testing::pod_yaml;
using testing::route_yaml;
using testing::server_yaml;

/// A world with the servers a and b, and the routes of a test.
class Match : public ::testing::Test {
 protected:
  void build(const std::string& routes) {
    use(testing::read_objects(server_yaml("name: a", "a", ", model: base-a") +
                              server_yaml("name: b", "b") + server_yaml("name: empty", "none") +
                              pod_yaml("a-0", "a", "10.0.0.1") + pod_yaml("b-0", "b", "10.0.0.2") +
                              routes));
  }
  void use(Objects objects) {
    store_.replace(std::move(objects));
    world_ = store_.update().after;
  }
  /// "default/<server>", or the rejection as "status reason message".
  std::string match(
      std::string_view model, std::string_view path = "/v1/chat/completions",
      std::initializer_list<std::pair<std::string_view, std::string_view>> headers = {}) {
    request_ = {};
    request_.target = path;
    for (const auto& [name, value] : headers) {
      request_.headers.add(name, value);
    }
    call_.emplace(request_);
    call_->model = model;
    call_->world = world_;
    if (const auto matched = routing::match(*call_, random_); !matched) {
      const Rejection& why = matched.error();
      return std::to_string(why.status) + " " + std::string(why.reason) + " " + why.message;
    }
    return call_->server->key;
  }

  Datastore store_{kube::PodSource::Manifest};
  std::shared_ptr<const Snapshot> world_;
  Random random_{11};
  http::Request request_;
  std::optional<Call> call_;
};

constexpr std::string_view kToA = "rules: [{targetModels: [{modelServerName: a}]}]";
constexpr std::string_view kToB = "rules: [{targetModels: [{modelServerName: b}]}]";

std::string spec(std::string_view model, std::string_view rules) {
  return "modelName: " + std::string(model) + ", " + std::string(rules);
}

TEST_F(Match, ABaseNameFindsItsServerAndIsRewritten) {
  build(route_yaml("name: r", spec("m", kToA)));
  EXPECT_EQ(match("m"), "default/a");
  EXPECT_EQ(call_->route->key, "default/r");
  EXPECT_EQ(call_->upstream_model, "base-a");
  EXPECT_FALSE(call_->adapter);
}

TEST_F(Match, AServerWithoutAModelKeepsTheClientsName) {
  build(route_yaml("name: r", spec("m", kToB)));
  EXPECT_EQ(match("m"), "default/b");
  EXPECT_EQ(call_->upstream_model, "m");
}

TEST_F(Match, AnAdapterIsNeverRewritten) {
  build(route_yaml("name: r", "loraAdapters: [l1, l2], " + std::string(kToA)));
  EXPECT_EQ(match("l2"), "default/a");
  EXPECT_TRUE(call_->adapter);
  EXPECT_EQ(call_->upstream_model, "l2");
}

TEST_F(Match, BaseNamesWinOverAdaptersEvenIfNoneOfThemMatches) {
  build(route_yaml("name: lora", "loraAdapters: [m], " + std::string(kToA)) +
        route_yaml("name: base", spec("m",
                                      "rules: [{modelMatch: {uri: {exact: /no}}, "
                                      "targetModels: [{modelServerName: b}]}]")));
  EXPECT_THAT(match("m"), HasSubstr("404 route_not_found"));
}

TEST_F(Match, UnknownModelsAreNotFoundAndCaseCounts) {
  build(route_yaml("name: r", spec("m", kToA)));
  EXPECT_EQ(match("M"), "404 route_not_found route not found: no ModelRoute serves model 'M'");
  EXPECT_THAT(match(""), HasSubstr("404 route_not_found"));
}

TEST_F(Match, TheOldestRouteWins) {
  const std::string young = route_yaml(
      "name: a-young, creationTimestamp: \"2026-01-02T00:00:00Z\", resourceVersion: \"1\"",
      spec("m", kToB));
  const std::string old =
      route_yaml("name: z-old, creationTimestamp: \"2026-01-01T00:00:00Z\", resourceVersion: \"2\"",
                 spec("m", kToA));
  build(young + old);
  EXPECT_EQ(match("m"), "default/a");
  build(old + young);
  EXPECT_EQ(match("m"), "default/a");
}

TEST_F(Match, AmongTwinsTheSmallerResourceVersionWinsAsANumber) {
  const auto twin = [](std::string_view name, std::string_view version, std::string_view rules) {
    return route_yaml("name: " + std::string(name) +
                          ", creationTimestamp: \"2026-01-01T00:00:00Z\", resourceVersion: \"" +
                          std::string(version) + "\"",
                      spec("m", rules));
  };
  build(twin("a", "10", kToB) + twin("z", "9", kToA));
  EXPECT_EQ(match("m"), "default/a");
  build(twin("z", "7", kToB) + twin("a", "7", kToA));
  EXPECT_EQ(match("m"), "default/a") << "then the name";
}

TEST_F(Match, RoutesOfGatewaysAreSkipped) {
  build(route_yaml("name: a", "parentRefs: [{name: g}], " + spec("m", kToB)) +
        route_yaml("name: z", spec("m", kToA)));
  EXPECT_EQ(match("m"), "default/a");
  build(route_yaml("name: a", "parentRefs: [{name: g}], " + spec("m", kToB)));
  EXPECT_THAT(match("m"), HasSubstr("404"));
}

TEST_F(Match, TheFirstMatchingRuleDecides) {
  build(route_yaml(
      "name: r",
      spec("m",
           "rules: ["
           "{modelMatch: {headers: {x-tier: {exact: gold}, x-zone: {prefix: eu-}}}, "
           "targetModels: [{modelServerName: a}]}, "
           "{modelMatch: {uri: {prefix: /v1/comp}}, targetModels: [{modelServerName: b}]}, "
           "{modelMatch: {headers: {x-id: {regex: \"[0-9]{3}\"}}}, "
           "targetModels: [{modelServerName: b}]}, "
           "{modelMatch: {body: {model: other}}, targetModels: [{modelServerName: b}]}, "
           "{targetModels: [{modelServerName: a}]}]")));
  EXPECT_EQ(match("m", "/v1/x", {{"X-Tier", "gold"}, {"X-Zone", "eu-1"}}), "default/a");
  EXPECT_EQ(match("m", "/v1/completions?x=/v1/no", {{"X-Tier", "gold"}}), "default/b")
      << "all headers must match";
  EXPECT_EQ(match("m", "/v1/x", {{"x-id", "ab123cd"}}), "default/b") << "searched, not anchored";
  EXPECT_EQ(match("m", "/v1/x?/v1/comp", {{"x-id", "12"}}), "default/a") << "no query, no regex";
}

TEST_F(Match, AnAbsentHeaderCountsAsEmptyAndTheFirstValueCounts) {
  build(route_yaml("name: r", spec("m",
                                   "rules: [{modelMatch: {headers: {x: {exact: \"\"}}}, "
                                   "targetModels: [{modelServerName: a}]}, "
                                   "{modelMatch: {headers: {Host: {prefix: b.}}}, "
                                   "targetModels: [{modelServerName: b}]}]")));
  EXPECT_EQ(match("m"), "default/a");
  EXPECT_EQ(match("m", "/v1/x", {{"X", "1"}, {"X", ""}, {"host", "b.example"}}), "default/b");
}

TEST_F(Match, ABadRegexNeverMatches) {
  Objects objects = testing::read_objects(
      server_yaml("name: a", "a") + server_yaml("name: b", "b") + pod_yaml("a-0", "a", "10.0.0.1") +
      pod_yaml("b-0", "b", "10.0.0.2") +
      route_yaml("name: r", spec("m",
                                 "rules: [{modelMatch: {headers: {x: {regex: ok}}}, "
                                 "targetModels: [{modelServerName: a}]}, "
                                 "{targetModels: [{modelServerName: b}]}]")));
  // Reading refuses one; a cluster may hold it all the same.
  objects.routes[0].spec.rules[0].model_match->headers.begin()->second.regex = "(";
  use(objects);
  EXPECT_EQ(match("m", "/v1/x", {{"x", "("}}), "default/b");
}

TEST_F(Match, ARouteThatCannotChooseLeavesItToTheNextRouteNotTheNextRule) {
  Objects objects = testing::read_objects(
      server_yaml("name: a", "a") + server_yaml("name: b", "b") + pod_yaml("a-0", "a", "10.0.0.1") +
      pod_yaml("b-0", "b", "10.0.0.2") +
      route_yaml("name: a", spec("m",
                                 "rules: [{targetModels: [{modelServerName: b, weight: 1}]}, "
                                 "{targetModels: [{modelServerName: b}]}]")) +
      route_yaml("name: z", spec("m", kToA)));
  auto& rules = objects.routes[0].spec.rules;
  rules[0].target_models[0].weight = 0;  // which reading refuses
  use(objects);
  EXPECT_EQ(match("m"), "default/a") << "a total of 0";
  rules[0].target_models.clear();
  use(objects);
  EXPECT_EQ(match("m"), "default/a") << "no targets";
  rules.clear();
  use(objects);
  EXPECT_EQ(match("m"), "default/a") << "no rules";
}

TEST_F(Match, S18AMissingWeightCountsAHundredAlsoBesideOthers) {
  // The API server fills the default in, so a router never sees the mixture that the scenario would
  // have skipped; manifests without a cluster mean the same.
  const std::string targets = "{modelServerName: a}, {modelServerName: b, weight: 100}";
  Objects objects = testing::read_objects(
      server_yaml("name: a", "a") + server_yaml("name: b", "b") + pod_yaml("a-0", "a", "10.0.0.1") +
      pod_yaml("b-0", "b", "10.0.0.2") +
      route_yaml("name: r", spec("m", "rules: [{targetModels: [" + targets + "]}]")));
  for (const bool filled : {true, false}) {
    if (!filled) {
      objects.routes[0].spec.rules[0].target_models[0].weight.reset();
    }
    use(objects);
    int a = 0;
    for (int i = 0; i < 2000; ++i) {
      a += match("m") == "default/a" ? 1 : 0;
    }
    EXPECT_NEAR(a / 2000.0, 0.5, 0.05);
  }
}

TEST_F(Match, TargetsAreDrawnByWeight) {
  const auto share = [&](std::string_view weights) {
    build(route_yaml("name: r",
                     spec("m", "rules: [{targetModels: [" + std::string(weights) + "]}]")));
    int a = 0;
    for (int i = 0; i < 2000; ++i) {
      a += match("m") == "default/a" ? 1 : 0;
    }
    return a / 2000.0;
  };
  EXPECT_NEAR(share("{modelServerName: a, weight: 70}, {modelServerName: b, weight: 30}"), 0.7,
              0.03);
  EXPECT_NEAR(share("{modelServerName: a, weight: 50}, {modelServerName: b, weight: 30}"), 0.625,
              0.03);
  EXPECT_NEAR(share("{modelServerName: a}, {modelServerName: b}"), 0.5, 0.03);
  EXPECT_EQ(share("{modelServerName: a, weight: 100}, {modelServerName: b, weight: 0}"), 1.0);
}

TEST_F(Match, AMissingServerAndOneWithoutPodsAreRejectedWithoutFallback) {
  build(route_yaml("name: r", spec("m", "rules: [{targetModels: [{modelServerName: gone}]}]")) +
        route_yaml("name: s", spec("k", "rules: [{targetModels: [{modelServerName: empty}]}]")));
  EXPECT_EQ(match("m"), "404 pod_discovery can't find model server: default/gone");
  EXPECT_EQ(match("k"), "503 pod_discovery no available pods for model server: default/empty");
}

TEST_F(Match, AnExternalProviderIsNamedAsWhatIsNotServed) {
  build(route_yaml("name: r",
                   spec("m", "rules: [{targetModels: [{externalModelProviderName: x}]}]")));
  EXPECT_EQ(match("m"),
            "404 provider_discovery can't find external model provider: default/x (this version "
            "serves no ExternalModelProvider)");
}

TEST_F(Match, TargetsAreInTheRoutesNamespace) {
  build(route_yaml("name: r, namespace: other", spec("m", kToA)));
  EXPECT_EQ(match("m"), "404 pod_discovery can't find model server: other/a");
}

}  // namespace
}  // namespace kthena::router::routing
