#include "router/observe/debug_page.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <string>
#include <string_view>

#include "async/scope.h"
#include "async/simulated_loop.h"
#include "base/strings.h"
#include "json/parse.h"
#include "json/print.h"
#include "kube/meta/manifest.h"
#include "router/datastore/datastore.h"
#include "router/testing/golden.h"

namespace kthena::router {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kManifests = R"(
apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelRoute
metadata: {name: r, namespace: team}
spec:
  modelName: m
  loraAdapters: [lora]
  rules:
  - name: default
    targetModels: [{modelServerName: s, weight: 3}]
---
apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelServer
metadata: {name: s, namespace: team}
spec:
  model: base
  inferenceEngine: SGLang
  workloadSelector: {matchLabels: {app: engine}}
  workloadPort: {port: 8000}
---
apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelServer
metadata: {name: empty, namespace: team}
spec:
  inferenceEngine: vLLM
  workloadSelector: {matchLabels: {app: nothing}}
  workloadPort: {port: 8000}
---
apiVersion: v1
kind: Pod
metadata: {name: e-0, namespace: team, labels: {app: engine, tier: a}}
spec: {nodeName: node-1}
status: {podIP: 10.0.0.1, phase: Running, startTime: "2026-04-16T07:33:08Z"}
---
apiVersion: v1
kind: Pod
metadata: {name: e-1, namespace: team, labels: {app: engine}}
status: {podIP: 10.0.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: stray, namespace: team, labels: {app: other}}
status: {podIP: 10.0.0.3}
)";

Objects read_objects() {
  const auto manifests =
      kube::read_manifests<api::networking::ModelRoute, api::networking::ModelServer, kube::Pod>(
          "test.yaml", kManifests);
  EXPECT_TRUE(manifests.ok());
  Objects objects;
  for (const auto& entry : manifests.objects) {
    if (const auto* route = std::get_if<api::networking::ModelRoute>(&entry.object)) {
      objects.routes.push_back(*route);
    } else if (const auto* server = std::get_if<api::networking::ModelServer>(&entry.object)) {
      objects.servers.push_back(*server);
    } else {
      objects.pods.push_back(std::get<kube::Pod>(entry.object));
    }
  }
  return objects;
}

class DebugPageTest : public ::testing::Test {
 protected:
  DebugPageTest() {
    loop_.run_for(1h);
    store_.replace(read_objects());
    world_.set(store_.update().after);
  }

  http::Response get(std::string target, http::Method method = http::Method::Get,
                     std::string_view accept = "*/*") {
    http::Request request;
    request.method = method;
    request.headers.add("Accept", accept);
    request.target = std::move(target);
    return async::run_until_done(loop_, front_.handle(request));
  }
  std::string dump(const std::string& what) {
    const http::Response response = get("/debug/config_dump/" + what);
    EXPECT_EQ(response.status, 200) << what;
    EXPECT_EQ(response.headers.find("Content-Type"), "application/json; charset=utf-8");
    return std::string(response.body.text());
  }

  async::SimulatedLoop loop_;
  Datastore store_{kube::PodSource::Manifest};
  CurrentSnapshot world_;
  DebugFront front_{loop_, world_};
};

TEST_F(DebugPageTest, DumpsWhatTheRouterKnows) {
  Endpoint& endpoint = *world_.get()->servers.at("team/s")->endpoints[0];
  endpoint.in_flight = 7;
  endpoint.failures_in_row = 3;
  endpoint.ejected_until = (loop_.now() + 1500ms).time_since_epoch().count();
  std::string all;
  for (const std::string what :
       {"modelroutes", "modelservers", "pods", "gateways", "httproutes", "inferencepools",
        "namespaces/team/modelroutes/r", "namespaces/team/modelservers/s",
        "namespaces/team/modelservers/empty", "namespaces/team/pods/e-0",
        "namespaces/team/pods/e-1"}) {
    all += what + "\n" + json::print_pretty(*json::parse(dump(what))) + "\n";
  }
  testing::expect_golden(std::string(KTHENA_TESTDATA) + "/config_dump.txt", all);
}

TEST_F(DebugPageTest, ListsAreEmptyRatherThanNull) {
  world_.set(std::make_shared<Snapshot>());
  for (const std::string what :
       {"modelroutes", "modelservers", "pods", "gateways", "httproutes", "inferencepools"}) {
    EXPECT_EQ(dump(what), "{\"" + what + "\":[]}");
  }
}

TEST_F(DebugPageTest, NamesTheKindThatIsNotThere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"modelroutes", "ModelRoute"},
      {"modelservers", "ModelServer"},
      {"pods", "Pod"},
      {"gateways", "Gateway"},
      {"httproutes", "HTTPRoute"},
      {"inferencepools", "InferencePool"}};
  for (const auto& [plural, kind] : cases) {
    const auto response = get("/debug/config_dump/namespaces/team/" + plural + "/nobody");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body.text(), R"({"error":")" + kind + R"( not found"})");
  }
  EXPECT_EQ(get("/debug/config_dump/namespaces/team/pods/stray").status, 404)
      << "a pod of no server is not known";
  EXPECT_EQ(get("/debug/config_dump/namespaces/other/pods/e-0").status, 404);
}

TEST_F(DebugPageTest, AsksForNamespaceAndName) {
  for (const std::string path : {"/pods/e-0", "team/pods/"}) {
    const auto response = get("/debug/config_dump/namespaces/" + path);
    EXPECT_EQ(response.status, 400) << path;
    EXPECT_EQ(response.body.text(), R"({"error":"namespace and name parameters are required"})");
  }
}

TEST_F(DebugPageTest, KnowsNoOtherPaths) {
  for (const std::string path :
       {"/debug", "/debug/config_dump/", "/debug/config_dump/secrets",
        "/debug/config_dump/namespaces/team/secrets/x", "/debug/config_dump/namespaces/team",
        "/debug/config_dump/namespaces/team/pods", "/debug/pprof/cmdline", "/metrics"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
  EXPECT_EQ(get("/debug/config_dump/pods", http::Method::Post).status, 404);
  EXPECT_EQ(get("/debug/config_dump/pods", http::Method::Head).status, 200);
}

TEST_F(DebugPageTest, ListsPagesThatAreThere) {
  const auto index = get("/");
  EXPECT_EQ(index.status, 200);
  EXPECT_EQ(index.headers.find("Content-Type"), "text/plain; charset=utf-8");
  int pages = 0;
  for (const std::string_view line : split(trim(index.body.text()), '\n')) {
    if (!line.contains('{')) {
      EXPECT_EQ(get(std::string(line)).status, 200) << line;
      ++pages;
    }
  }
  EXPECT_EQ(pages, 8);
  EXPECT_TRUE(
      index.body.text().contains("/debug/config_dump/namespaces/{namespace}/{list}/{name}"));
}

TEST_F(DebugPageTest, ListsThemAsLinksForABrowser) {
  const auto index = get("/", http::Method::Get, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
  EXPECT_EQ(index.headers.find("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(index.body.text().contains(
      R"(<a href="/debug/config_dump/pods">/debug/config_dump/pods</a>)"))
      << index.body.text();
}

TEST_F(DebugPageTest, SaysWhatToUseInPlaceOfProfiles) {
  const std::string process = std::to_string(::getpid());
  const auto overview = get("/debug/pprof/");
  EXPECT_EQ(overview.status, 200);
  EXPECT_TRUE(overview.body.text().contains("perf record -g -p " + process));
  for (const auto& [profile, tool] :
       std::map<std::string, std::string>{{"profile?seconds=1", "perf record -g -p "},
                                          {"heap", "heaptrack -p "},
                                          {"allocs", "heaptrack -p "},
                                          {"goroutine", "gdb -batch -ex 'thread apply all bt' -p "},
                                          {"block", "perf trace -s -p "},
                                          {"mutex", "perf lock contention -b -p "}}) {
    const auto response = get("/debug/pprof/" + profile);
    EXPECT_EQ(response.status, 501) << profile;
    EXPECT_TRUE(response.body.text().contains(tool + process)) << response.body.text();
  }
}

}  // namespace
}  // namespace kthena::router
