#include "router/watch/cluster_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "json/yaml.h"
#include "kube/testing/cluster.h"
#include "router/testing/objects.h"

namespace kthena::router {
namespace {

using api::networking::ModelRoute;
using api::networking::ModelServer;
using ::testing::ElementsAre;
using namespace std::chrono_literals;
using testing::route_yaml;
using testing::server_yaml;

class ClusterWatchTest : public ::testing::Test {
 protected:
  ~ClusterWatchTest() override { stop(); }

  template <class T>
  void put(std::string_view yaml) {
    json::Value object = json::parse_yaml_documents(yaml, {}).value().at(0).value;
    json::Value& metadata = *object.find("metadata");
    metadata.set("namespace", "default");
    cluster_.api.put(T::kResource, std::move(object));
  }
  void put_pod(const std::string& name, bool ready = true) {
    put<kube::Pod>(
        "metadata: {name: " + name +
        ", labels: {app: x}, annotations: {long: text}}\nstatus: {phase: Running, podIP: "
        "10.0.0.7, conditions: [{type: Ready, status: \"" +
        std::string(ready ? "True" : "False") + "\"}]}");
  }
  template <class T>
  void remove(std::string name) {
    cluster_.api.remove(T::kResource, {.namespace_name = "default", .name = std::move(name)});
  }

  void start() {
    registry_ = std::make_unique<telemetry::Registry>();
    watch_ = std::make_unique<ClusterWatch>(*client_, store_, readiness_, *registry_, [this] {
      EXPECT_TRUE(watch_->synced());
      change_ = store_.update();
      ++changes_;
    });
  }
  void run(Duration time = 500ms) { cluster_.loop.run_for(time); }
  void stop() {
    if (watch_ != nullptr) {
      cluster_.run(watch_->stop());
      watch_.reset();
    }
  }
  std::vector<std::string> pods_of_s() const {
    std::vector<std::string> names;
    for (const auto& endpoint : change_.after->servers.at("default/s")->endpoints) {
      names.push_back(endpoint->pod_name);
    }
    return names;
  }

  static constexpr std::string_view kServer =
      "metadata: {name: s}\nspec: {inferenceEngine: vLLM, workloadSelector: {matchLabels: {app: "
      "x}}, workloadPort: {port: 8000}}";
  static constexpr std::string_view kRoute =
      "metadata: {name: r}\nspec: {modelName: m, rules: [{targetModels: [{modelServerName: s}]}]}";

  kube::testing::Cluster cluster_;
  std::unique_ptr<kube::Client> client_ = cluster_.make_client();
  std::unique_ptr<telemetry::Registry> registry_;
  Datastore store_{kube::PodSource::Cluster};
  Readiness readiness_;
  std::unique_ptr<ClusterWatch> watch_;
  Change change_;
  int changes_ = 0;
};

TEST_F(ClusterWatchTest, WhatIsThereAtTheBeginningComesAsOneChange) {
  put<ModelRoute>(kRoute);
  put<ModelServer>(kServer);
  put_pod("p");
  put_pod("q");
  start();
  EXPECT_FALSE(watch_->synced());
  run();
  EXPECT_TRUE(watch_->synced());
  EXPECT_EQ(changes_, 1);
  EXPECT_TRUE(change_.after->knows_model("m"));
  EXPECT_THAT(pods_of_s(), ElementsAre("p", "q"));
  EXPECT_TRUE(change_.after->pods.at("default/p")->metadata.annotations.empty()) << "never read";
}

TEST_F(ClusterWatchTest, TellsWhichKindsItDoesNotKnowYet) {
  cluster_.api.faults.refuse = 1000;
  start();
  run();
  EXPECT_EQ(readiness_.awaited(), "ModelRoute, ModelServer, Pod, EndpointSlice");
  cluster_.api.faults.refuse = 0;
  run(2min);
  EXPECT_EQ(readiness_.awaited(), "");
  EXPECT_TRUE(watch_->synced());
}

TEST_F(ClusterWatchTest, EventsOfOneMomentAreOneSnapshot) {
  put<ModelServer>(kServer);
  start();
  run();
  for (int i = 0; i < 50; ++i) {
    put_pod("p" + std::to_string(i));
  }
  run();
  EXPECT_EQ(pods_of_s().size(), 50U);
  EXPECT_LE(changes_, 3);
}

TEST_F(ClusterWatchTest, AnOrderOfArrivalIsAsGoodAsAnother) {
  std::vector<int> order = {0, 1, 2, 3};
  do {
    for (const int what : order) {
      switch (what) {
        case 0:
          put<ModelRoute>(kRoute);
          break;
        case 1:
          put<ModelServer>(kServer);
          break;
        case 2:
          put_pod("p");
          break;
        default:
          put<kube::EndpointSlice>(
              "metadata: {name: e, labels: {app: x}}\naddressType: IPv4\nendpoints: [{addresses: "
              "[10.0.0.9]}]");
      }
      if (what == order.front()) {
        start();
      }
      run();
    }
    EXPECT_THAT(pods_of_s(), ElementsAre("10.0.0.9", "p"));
    EXPECT_TRUE(change_.after->knows_model("m"));
    remove<ModelRoute>("r");
    remove<kube::Pod>("p");
    remove<kube::EndpointSlice>("e");
    run();
    EXPECT_FALSE(change_.after->knows_model("m"));
    EXPECT_THAT(pods_of_s(), ElementsAre());
    remove<ModelServer>("s");
    run();
    EXPECT_TRUE(change_.after->servers.empty());
    stop();
  } while (std::ranges::next_permutation(order).found);
}

TEST_F(ClusterWatchTest, APodThatIsNotReadyIsLeftAtOnce) {
  put<ModelServer>(kServer);
  put_pod("p");
  start();
  run();
  put_pod("p", false);
  run(10ms);
  EXPECT_THAT(pods_of_s(), ElementsAre());
  EXPECT_THAT(change_.gone.addresses, ElementsAre(*net::parse_socket_address("10.0.0.7:8000")));
}

TEST_F(ClusterWatchTest, WhatIsDeletedWhileTheWatchIsCutIsGoneAfterIt) {
  put<ModelServer>(kServer);
  put_pod("p");
  put_pod("q");
  start();
  run();
  cluster_.api.cut_watches();
  remove<kube::Pod>("p");
  cluster_.api.forget_history();
  run(60s);
  EXPECT_THAT(pods_of_s(), ElementsAre("q"));
}

}  // namespace
}  // namespace kthena::router
