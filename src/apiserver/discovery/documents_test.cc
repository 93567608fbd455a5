#include "apiserver/discovery/documents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apiserver/discovery/testing/custom_kinds.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

const Documents& documents() {
  static const Documents documents(testing::catalog_with_foo(),
                                   {.server_address = "127.0.0.1:6443"});
  return documents;
}

std::string text(std::string_view path, std::string_view accept = {}) {
  const auto found = documents().find({.path = path, .accept = accept});
  return found ? *found->text : "none";
}

/// The item of a list of that name.
json::Value named(std::string_view path, std::string_view list, std::string_view name) {
  const auto document = json::parse(text(path));
  for (const json::Value& item : document->find(list)->as_array()) {
    if (item.find("name")->as_string() == name) {
      return item;
    }
  }
  return nullptr;
}

json::Value value(std::string_view text) { return *json::parse(text); }

constexpr std::string_view kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

// The texts below are what kube-apiserver 1.34.2 answers.

TEST(Documents, SayTheVersionThatKubectlReads) {
  const auto version = value(text("/version"));
  EXPECT_EQ(version.find("major")->as_string(), "1");
  EXPECT_EQ(version.find("minor")->as_string(), "34");
  EXPECT_EQ(version.find("gitVersion")->as_string(), "v1.34.2+kthena");
}

TEST(Documents, SayWhereTheCoreGroupIs) {
  EXPECT_EQ(text("/api"), R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":)"
                          R"([{"clientCIDR":"0.0.0.0/0","serverAddress":"127.0.0.1:6443"}]})"
                          "\n");
}

TEST(Documents, ListGroupsWithThePreferredVersionFirst) {
  EXPECT_EQ(
      text("/apis/example.com"),
      R"({"kind":"APIGroup","apiVersion":"v1","name":"example.com","versions":[{"groupVersion":)"
      R"("example.com/v1","version":"v1"},{"groupVersion":"example.com/v1beta1","version":)"
      R"("v1beta1"}],"preferredVersion":{"groupVersion":"example.com/v1","version":"v1"}})"
      "\n");
  EXPECT_EQ(named("/apis", "groups", "apps"),
            value(R"({"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],)"
                  R"("preferredVersion":{"groupVersion":"apps/v1","version":"v1"}})"));
}

TEST(Documents, ListResourcesOfBuiltInKinds) {
  EXPECT_EQ(named("/apis/apps/v1", "resources", "deployments"),
            value(R"({"name":"deployments","singularName":"deployment","namespaced":true,"kind":)"
                  R"("Deployment","verbs":["create","delete","deletecollection","get","list",)"
                  R"("patch","update","watch"],"shortNames":["deploy"],"categories":["all"],)"
                  R"("storageVersionHash":"8aSe+NMegvE="})"));
  EXPECT_EQ(
      named("/apis/apps/v1", "resources", "deployments/scale"),
      value(R"({"name":"deployments/scale","singularName":"","namespaced":true,"group":)"
            R"("autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]})"));
  EXPECT_EQ(named("/api/v1", "resources", "pods/eviction"),
            value(R"({"name":"pods/eviction","singularName":"","namespaced":true,"group":"policy",)"
                  R"("version":"v1","kind":"Eviction","verbs":["create"]})"));
  EXPECT_EQ(named("/api/v1", "resources", "namespaces/finalize"),
            value(R"({"name":"namespaces/finalize","singularName":"","namespaced":false,"kind":)"
                  R"("Namespace","verbs":["update"]})"));
}

TEST(Documents, SayThatEventsOfBothGroupsAreStoredAlike) {
  EXPECT_EQ(named("/api/v1", "resources", "events").find("storageVersionHash")->as_string(),
            "r2yiGXH7wu8=");
  EXPECT_EQ(named("/apis/events.k8s.io/v1", "resources", "events")
                .find("storageVersionHash")
                ->as_string(),
            "r2yiGXH7wu8=");
}

TEST(Documents, ListCustomResourcesInTheOrderOfTheRealServer) {
  EXPECT_EQ(
      text("/apis/example.com/v1"),
      R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"example.com/v1","resources":)"
      R"([{"name":"foos","singularName":"foo","namespaced":true,"kind":"Foo","verbs":["delete",)"
      R"("deletecollection","get","list","patch","create","update","watch"],"shortNames":["fo"],)"
      R"("categories":["all","mine"],"storageVersionHash":"4XyhoHMtUhg="},{"name":"foos/status",)"
      R"("singularName":"","namespaced":true,"kind":"Foo","verbs":["get","patch","update"]},)"
      R"({"name":"foos/scale","singularName":"","namespaced":true,"group":"autoscaling","version":)"
      R"("v1","kind":"Scale","verbs":["get","patch","update"]}]})"
      "\n");
}

TEST(Documents, LeaveTheVersionOutOfTheCoreGroupsList) {
  EXPECT_TRUE(text("/api/v1").starts_with(
      R"({"kind":"APIResourceList","groupVersion":"v1","resources":[)"));
}

TEST(Documents, HaveNoneOfPathsThatAreNotServed) {
  for (const std::string_view path : {"/apis/nope", "/apis/apps/v2", "/api/v2", "/", "",
                                      "/apis/apps/v1/deployments", "/api/v1/pods", "/versions"}) {
    EXPECT_EQ(documents().find({.path = path}), std::nullopt) << path;
  }
}

TEST(Documents, AreFoundWithASlashAtTheEnd) {
  EXPECT_EQ(text("/apis/"), text("/apis"));
  EXPECT_EQ(text("/apis/apps/v1/"), text("/apis/apps/v1"));
}

TEST(Documents, AggregateGroupsForWhoAsksForThat) {
  const auto found = documents().find({.path = "/apis", .accept = kAggregated});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status, 200);
  EXPECT_EQ(found->content_type, kAggregated);
  EXPECT_EQ(found->vary, "Accept");
  EXPECT_EQ(found->cache_control, "public");
  EXPECT_TRUE(found->text->starts_with(
      R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},)"
      R"("items":[{"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[)"
      R"({"resource":"controllerrevisions","responseKind":{"group":"","version":"","kind":)"
      R"("ControllerRevision"},"scope":"Namespaced","singularResource":"controllerrevision",)"
      R"("verbs":["create","delete","deletecollection","get","list","patch","update","watch"]},)"))
      << found->text->substr(0, 600);
  EXPECT_TRUE(found->text->contains(
      R"({"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[{"resource":)"
      R"("foos","responseKind":{"group":"example.com","version":"v1","kind":"Foo"},"scope":)"
      R"("Namespaced","singularResource":"foo","verbs":["delete","deletecollection","get","list",)"
      R"("patch","create","update","watch"],"shortNames":["fo"],"categories":["all","mine"],)"
      R"("subresources":[{"subresource":"status","responseKind":{"group":"example.com","version":)"
      R"("v1","kind":"Foo"},"verbs":["get","patch","update"]},{"subresource":"scale",)"
      R"("responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},"verbs":["get",)"
      R"("patch","update"]}]}],"freshness":"Current"},)"));
  const std::string core = text("/api", kAggregated);
  EXPECT_TRUE(
      core.contains(R"("items":[{"metadata":{},"versions":[{"version":"v1","resources":[)"));
  EXPECT_TRUE(core.contains(
      R"({"subresource":"exec","responseKind":{"group":"","version":"","kind":"PodExecOptions"},)"
      R"("verbs":["create","get"]})"));
}

TEST(Documents, AggregateEvenIfAPlainListWouldDoToo) {
  // What kubectl 1.34 sends: v2beta1 is no more, and json alone comes last.
  const std::string kubectl =
      std::string(kAggregated) +
      ",application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
  EXPECT_TRUE(text("/apis", kubectl).contains("APIGroupDiscoveryList"));
  EXPECT_TRUE(text("/api", "application/json, " + std::string(kAggregated))
                  .contains("APIGroupDiscoveryList"));
  EXPECT_TRUE(text("/apis/apps", kubectl).starts_with(R"({"kind":"APIGroup",)"));
  EXPECT_TRUE(text("/apis", "application/json, */*").contains("APIGroupList"));
}

TEST(Documents, RefuseFormsThatThereAreNot) {
  for (const std::string_view accept :
       {"text/html", "application/json;as=Table;g=meta.k8s.io;v=v1",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"}) {
    const auto found = documents().find({.path = "/apis", .accept = accept});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->status, 406) << accept;
    EXPECT_EQ(
        *found->text,
        R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)"
        R"("only the following media types are accepted: application/json, application/yaml",)"
        R"("reason":"NotAcceptable","code":406})");
  }
}

TEST(Documents, AreNotSentAgainToWhoHasThem) {
  const auto first = documents().find({.path = "/apis", .accept = kAggregated});
  const auto again =
      documents().find({.path = "/apis", .accept = kAggregated, .if_none_match = first->etag});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(*again->text, "");
  EXPECT_EQ(again->etag, first->etag);
  EXPECT_NE(documents().find({.path = "/api", .accept = kAggregated})->etag, first->etag);
}

TEST(Documents, AreWrittenAsYamlToo) {
  const auto found = documents().find({.path = "/apis/example.com", .accept = "application/yaml"});
  EXPECT_EQ(found->content_type, "application/yaml");
  EXPECT_TRUE(found->text->starts_with("kind: APIGroup\napiVersion: v1\nname: example.com\n"));
}

TEST(Documents, ShowOpenApiByTheHashOfEachDocument) {
  const auto index = documents().find({.path = "/openapi/v3"});
  ASSERT_TRUE(index);
  const auto paths = value(*index->text);
  const json::Value* apps = paths.find("paths")->find("apis/apps/v1");
  ASSERT_NE(apps, nullptr);
  EXPECT_NE(paths.find("paths")->find("api/v1"), nullptr);
  EXPECT_NE(paths.find("paths")->find("apis/example.com/v1beta1"), nullptr);
  const std::string url = apps->find("serverRelativeURL")->as_string();
  const std::string query = url.substr(url.find('?') + 1);

  const auto found = documents().find({.path = "/openapi/v3/apis/apps/v1", .query = query});
  EXPECT_EQ(found->status, 200);
  EXPECT_EQ(found->content_type, "application/json");
  EXPECT_EQ(found->cache_control, "public, immutable");
  EXPECT_EQ(found->etag, '"' + query.substr(query.find('=') + 1) + '"');

  const auto old = documents().find({.path = "/openapi/v3/apis/apps/v1", .query = "hash=1"});
  EXPECT_EQ(old->status, 301);
  EXPECT_EQ(old->location, url);
  EXPECT_EQ(*old->text, "");

  const auto any = documents().find({.path = "/openapi/v3/apis/apps/v1", .query = "timeout=32s"});
  EXPECT_EQ(any->status, 200);
  EXPECT_EQ(any->cache_control, "no-cache, private");
  EXPECT_EQ(documents().find({.path = "/openapi/v3/apis/nope/v1"})->status, 404);
  EXPECT_EQ(documents().find({.path = "/openapi/v4"}), std::nullopt);
}

TEST(Documents, HaveOpenApiAsProtobufByBothOfItsNames) {
  constexpr std::string_view kName = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
  const auto found = documents().find({.path = "/openapi/v2", .accept = kName});
  const auto old =
      documents().find({.path = "/openapi/v2",
                        .accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"});
  EXPECT_EQ(found->content_type, kName);
  EXPECT_EQ(old->content_type, kName);
  EXPECT_EQ(found->text, old->text);
  EXPECT_TRUE(
      found->text->starts_with("\x0a\x03"
                               "2.0"));
  const auto json = documents().find({.path = "/openapi/v2", .accept = "*/*"});
  EXPECT_EQ(json->content_type, "application/json");
  EXPECT_EQ(json->etag, found->etag);
  EXPECT_EQ(documents().find({.path = "/openapi/v2", .accept = "text/html"})->status, 406);
  EXPECT_EQ(documents().find({.path = "/openapi/v2", .if_none_match = json->etag})->status, 304);
}

TEST(Documents, KeepWhatANewCatalogueDoesNotChange) {
  std::vector<KindPtr> kinds(built_in_kinds().begin(), built_in_kinds().end());
  const Documents next(std::make_shared<const Catalog>(kinds), {}, &documents());
  const DocumentRequest apps{.path = "/openapi/v3/apis/apps/v1"};
  EXPECT_EQ(next.find(apps)->text, documents().find(apps)->text);
  EXPECT_EQ(next.find({.path = "/openapi/v3/apis/example.com/v1"})->status, 404);
  EXPECT_EQ(next.find({.path = "/apis/example.com"}), std::nullopt);
}

}  // namespace
}  // namespace kthena::apiserver
