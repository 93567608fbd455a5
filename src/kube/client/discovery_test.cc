#include "kube/client/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "kube/client/testing/scripted_api.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"

namespace kthena::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kCore =
    R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},
  "items":[{"metadata":{"creationTimestamp":null},"versions":[{"version":"v1","freshness":"Current","resources":[
    {"resource":"nodes","responseKind":{"group":"","version":"","kind":"Node"},"scope":"Cluster","singularResource":"node",
     "verbs":["get","list"],"shortNames":["no"],"subresources":[{"subresource":"status","verbs":["get"]}]},
    {"resource":"pods","responseKind":{"group":"","version":"","kind":"Pod"},"scope":"Namespaced","singularResource":"pod",
     "verbs":["get"],"shortNames":["po"],"categories":["all"]}]}]}]})";
constexpr const char* kGroups =
    R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
  {"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[{"resource":"deployments",
   "responseKind":{"kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get"]}]}]},
  {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}]})";

struct DiscoveryTest : ::testing::Test {
  ~DiscoveryTest() override { api.stop(loop); }

  async::SimulatedLoop loop{4};
  net::SimulatedNetwork network{loop};
  net::testing::StaticResolver resolver;
  testing::ScriptedApi api{network};
  std::unique_ptr<Client> client = *Client::create(network, resolver, {.server = api.url()});

  std::vector<std::string> names() {
    const auto resources = async::run_until_done(loop, discover(*client));
    if (!resources) {
      return {resources.error().to_string()};
    }
    std::vector<std::string> names;
    for (const DynamicResource& resource : *resources) {
      names.push_back(resource.api_version + " " + resource.kind +
                      (resource.has_status() ? " with status" : ""));
    }
    return names;
  }
};

TEST_F(DiscoveryTest, AsksTwiceWhereAServerAnswersAllAtOnce) {
  api.answer(200, kCore);
  api.answer(200, kGroups);
  EXPECT_THAT(names(), ElementsAre("v1 Node with status", "v1 Pod", "apps/v1 Deployment"));
  EXPECT_THAT(api.lines(), ElementsAre("GET /api", "GET /apis"));
  EXPECT_THAT(std::string(*api.asked()[0].headers.find("Accept")),
              ::testing::StartsWith("application/json;g=apidiscovery.k8s.io;v=v2"));
}

TEST_F(DiscoveryTest, AsksOneByOneWhereItDoesNot) {
  api.answer(200, R"({"kind":"APIVersions","versions":["v1"]})");
  api.answer(
      200,
      R"({"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"},
    {"groupVersion":"apps/v1beta1","version":"v1beta1"}],"preferredVersion":{"groupVersion":"apps/v1"}}]})");
  api.answer(200, R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
    {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get"],"shortNames":["po"]},
    {"name":"pods/status","singularName":"","namespaced":true,"kind":"Pod","verbs":["get"]}]})");
  api.answer(
      200,
      R"({"groupVersion":"apps/v1","resources":[{"name":"deployments","kind":"Deployment","namespaced":true,"verbs":[]}]})");
  api.answer(503, "gone");
  EXPECT_THAT(names(), ElementsAre("v1 Pod with status", "apps/v1 Deployment"));
  EXPECT_THAT(api.lines(), ElementsAre("GET /api", "GET /apis", "GET /api/v1", "GET /apis/apps/v1",
                                       "GET /apis/apps/v1beta1"));
}

TEST_F(DiscoveryTest, SaysWhatTheServerIs) {
  api.answer(200, R"({"major":"1","minor":"34","gitVersion":"v1.34.2"})");
  EXPECT_EQ(*async::run_until_done(loop, server_version(*client)), "v1.34.2");
}

TEST(FindResource, TakesTheNamesThatKubectlTakes) {
  auto resources = *read_aggregated_discovery(kCore);
  for (DynamicResource& resource : *read_aggregated_discovery(kGroups)) {
    resources.push_back(resource);
  }
  const auto kind_of = [&](std::string_view name) {
    const DynamicResource* found = find_resource(resources, name);
    return found == nullptr ? "" : found->kind;
  };
  for (const char* name : {"pods", "pod", "po", "Pod", "PODS", "pods."}) {
    EXPECT_EQ(kind_of(name), "Pod") << name;
  }
  EXPECT_EQ(kind_of("deployments.apps"), "Deployment");
  EXPECT_EQ(kind_of("deployments.batch"), "");
  EXPECT_EQ(kind_of("cats"), "");
  const ResourceType type = find_resource(resources, "nodes")->type();
  EXPECT_EQ(type.plural, "nodes");
  EXPECT_EQ(type.scope, Scope::Cluster);
}

TEST(Discovery, RefusesWhatIsNone) {
  EXPECT_EQ(read_aggregated_discovery("[]").error().code(), ErrorCode::Malformed);
  EXPECT_EQ(read_aggregated_discovery(R"({"kind":"APIVersions"})").error().code(),
            ErrorCode::Malformed);
  EXPECT_EQ(read_resource_list("7").error().code(), ErrorCode::Malformed);
}

}  // namespace
}  // namespace kthena::kube
