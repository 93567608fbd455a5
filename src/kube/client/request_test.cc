#include "kube/client/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr ResourceType kPod{
    .api_version = "v1", .kind = "Pod", .plural = "pods", .singular = "pod"};
constexpr ResourceType kLease{.api_version = "coordination.k8s.io/v1",
                              .kind = "Lease",
                              .plural = "leases",
                              .singular = "lease"};
constexpr ResourceType kNode{.api_version = "v1",
                             .kind = "Node",
                             .plural = "nodes",
                             .singular = "node",
                             .scope = Scope::Cluster};

std::string target_of(const Result<ApiRequest>& request) {
  return request ? request->target : request.error().to_string();
}

TEST(Requests, NameTheObjectInThePath) {
  EXPECT_EQ(target_of(requests::get(kPod, {"prod", "p-0"})), "/api/v1/namespaces/prod/pods/p-0");
  EXPECT_EQ(target_of(requests::get(kLease, {"prod", "l"}, "status")),
            "/apis/coordination.k8s.io/v1/namespaces/prod/leases/l/status");
  EXPECT_EQ(target_of(requests::get(kNode, {"", "n"})), "/api/v1/nodes/n");
  EXPECT_EQ(target_of(requests::get(kPod, {"prod", "system:a b"})),
            "/api/v1/namespaces/prod/pods/system%3Aa%20b");
}

TEST(Requests, RefuseWhatCannotStandInAPath) {
  for (const char* name : {"", ".", "..", "a/b", "a%2fb"}) {
    EXPECT_EQ(requests::get(kPod, {"prod", name}).error().code(), ErrorCode::InvalidArgument)
        << name;
  }
  EXPECT_THAT(target_of(requests::get(kPod, {"a/b", "p"})),
              HasSubstr("namespace cannot stand in a request: \"a/b\""));
  EXPECT_THAT(target_of(requests::get(kPod, {"", "p"})), HasSubstr("without a namespace"));
  EXPECT_THAT(target_of(requests::get(kNode, {"prod", "n"})), HasSubstr("has no namespaces"));
  EXPECT_THAT(target_of(requests::create(kPod, "", "{}")), HasSubstr("without a namespace"));
  EXPECT_FALSE(requests::api_resources("../v1").has_value());
  EXPECT_FALSE(requests::exec({"prod", "p"}, {}).has_value());
  EXPECT_FALSE(requests::port_forward({"prod", "p"}, {0}).has_value());
}

TEST(Requests, SayWhatToList) {
  EXPECT_EQ(target_of(requests::list(kPod, {})), "/api/v1/pods");
  EXPECT_EQ(target_of(requests::list(kPod, {.selection = {.namespace_name = "prod",
                                                          .label_selector = "app in (a,b),!x",
                                                          .field_selector = "metadata.name=p"},
                                            .limit = 500,
                                            .resource_version = "0",
                                            .match = VersionMatch::NotOlderThan})),
            "/api/v1/namespaces/prod/pods?labelSelector=app%20in%20%28a%2Cb%29%2C%21x"
            "&fieldSelector=metadata.name%3Dp&limit=500&resourceVersion=0"
            "&resourceVersionMatch=NotOlderThan");
  EXPECT_EQ(target_of(requests::list(
                kPod, {.limit = 5, .continue_token = "a+b=", .resource_version = "7"})),
            "/api/v1/pods?limit=5&continue=a%2Bb%3D");
}

TEST(Requests, SayWhatToWatch) {
  EXPECT_EQ(target_of(requests::watch(kPod, {.resource_version = "12", .timeout = 5500ms})),
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=12&timeoutSeconds=6");
  EXPECT_EQ(target_of(requests::watch(kPod, {.bookmarks = false})), "/api/v1/pods?watch=true");
  EXPECT_EQ(target_of(requests::watch(kPod, {.send_initial_events = true})),
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
            "&resourceVersionMatch=NotOlderThan");
}

TEST(Requests, WriteObjects) {
  const auto create = *requests::create(
      kPod, "prod", "{}",
      {.field_manager = "me", .dry_run = DryRun::Yes, .validation = FieldValidation::Strict});
  EXPECT_EQ(create.method, http::Method::Post);
  EXPECT_EQ(create.target,
            "/api/v1/namespaces/prod/pods?fieldManager=me&dryRun=All&fieldValidation=Strict");
  EXPECT_EQ(create.content_type, "application/json");
  const auto eviction = *requests::create(kPod, "prod", "{}", {}, "p", "eviction");
  EXPECT_EQ(eviction.target, "/api/v1/namespaces/prod/pods/p/eviction");
  const auto replace = *requests::replace(kLease, {"prod", "l"}, "{}");
  EXPECT_EQ(replace.method, http::Method::Put);
  EXPECT_EQ(replace.flow, Flow::Lease);
}

TEST(Requests, PatchInEachWay) {
  const auto type_of = [](PatchType type) {
    return requests::patch(kPod, {"prod", "p"}, type, "{}", {.field_manager = "me"})->content_type;
  };
  EXPECT_EQ(type_of(PatchType::Json), "application/json-patch+json");
  EXPECT_EQ(type_of(PatchType::Merge), "application/merge-patch+json");
  EXPECT_EQ(type_of(PatchType::StrategicMerge), "application/strategic-merge-patch+json");
  EXPECT_EQ(type_of(PatchType::Apply), "application/apply-patch+yaml");
  EXPECT_EQ(target_of(requests::patch(kPod, {"prod", "p"}, PatchType::Apply, "{}",
                                      {.field_manager = "me", .force = Force::Yes}, "status")),
            "/api/v1/namespaces/prod/pods/p/status?fieldManager=me&force=true");
  EXPECT_THAT(target_of(requests::patch(kPod, {"prod", "p"}, PatchType::Apply, "{}")),
              HasSubstr("field manager"));
}

TEST(Requests, DeleteOnConditions) {
  const auto request = *requests::remove(kPod, {"prod", "p"},
                                         {.grace_period_seconds = 0,
                                          .propagation = Propagation::Foreground,
                                          .uid = "u",
                                          .resource_version = "7",
                                          .dry_run = DryRun::Yes});
  EXPECT_EQ(request.method, http::Method::Delete);
  EXPECT_EQ(request.body,
            R"({"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,)"
            R"("propagationPolicy":"Foreground","preconditions":{"uid":"u","resourceVersion":"7"},)"
            R"("dryRun":["All"]})");
  EXPECT_EQ(requests::remove(kPod, {"prod", "p"})->body,
            R"({"kind":"DeleteOptions","apiVersion":"v1"})");
  EXPECT_EQ(target_of(requests::remove_collection(
                kPod, {.selection = {.namespace_name = "prod", .label_selector = "a=b"}})),
            "/api/v1/namespaces/prod/pods?labelSelector=a%3Db");
}

TEST(Requests, ReachIntoPods) {
  EXPECT_EQ(
      target_of(requests::logs({"prod", "p"}, {.container = "c", .follow = true, .tail_lines = 0})),
      "/api/v1/namespaces/prod/pods/p/log?container=c&follow=true&tailLines=0");
  EXPECT_EQ(target_of(requests::exec({"prod", "p"}, {.command = {"sh", "-c", "a b"}})),
            "/api/v1/namespaces/prod/pods/p/exec?command=sh&command=-c&command=a%20b"
            "&stdout=true&stderr=true");
  EXPECT_EQ(target_of(requests::port_forward({"prod", "p"}, {80, 443})),
            "/api/v1/namespaces/prod/pods/p/portforward?ports=80&ports=443");
}

}  // namespace
}  // namespace kthena::kube
