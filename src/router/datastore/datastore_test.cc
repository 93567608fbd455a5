#include "router/datastore/datastore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "router/testing/objects.h"

namespace kthena::router {
namespace {

using ::testing::ElementsAre;
using testing::pod_yaml;
using testing::read_objects;
using testing::route_yaml;
using testing::server_yaml;

std::shared_ptr<const Snapshot> build(const Objects& objects, Datastore& store) {
  store.replace(objects);
  return store.update().after;
}
std::vector<std::string> pods_of(const Snapshot& snapshot, std::string_view server) {
  std::vector<std::string> names;
  for (const auto& endpoint : snapshot.servers.at(server)->endpoints) {
    names.push_back(endpoint->pod_name + "@" + endpoint->ip.to_string());
  }
  return names;
}
std::string slice_yaml(std::string_view name, std::string_view app, std::string_view endpoints) {
  return "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: " +
         std::string(name) + ", labels: {app: " + std::string(app) +
         "}}\naddressType: IPv4\nendpoints: [" + std::string(endpoints) + "]\n";
}

TEST(Datastore, AnyOrderOfObjectsGivesTheSameSnapshot) {
  std::string yaml = server_yaml("name: s", "x") + server_yaml("name: t", "x") +
                     slice_yaml("sl", "x", "{addresses: [10.0.0.9]}");
  for (int i = 0; i < 6; ++i) {
    yaml += pod_yaml("p-" + std::to_string(i), "x", "10.0.0." + std::to_string(i + 1));
    yaml += route_yaml("name: r" + std::to_string(i),
                       "modelName: m, loraAdapters: [l], rules: [{targetModels: "
                       "[{modelServerName: s}]}]");
  }
  Objects objects = read_objects(yaml);
  const auto describe = [](const Snapshot& snapshot) {
    std::string text;
    for (const auto& [key, server] : snapshot.servers) {
      text += key + ":";
      for (const auto& endpoint : server->endpoints) {
        text += " " + endpoint->pod_name;
      }
      text += "\n";
    }
    for (const auto& route : snapshot.by_model.at("m")) {
      text += route->key + " ";
    }
    for (const auto& route : snapshot.by_adapter.at("l")) {
      text += route->key + " ";
    }
    for (const auto& name : snapshot.model_names()) {
      text += std::string(name) + " ";
    }
    return text;
  };
  Datastore first_store(kube::PodSource::Manifest);
  const std::string first = describe(*build(objects, first_store));
  EXPECT_TRUE(first.contains("default/t: 10.0.0.9 p-0 p-1 p-2 p-3 p-4 p-5\n")) << first;
  Random random(5);
  for (int i = 0; i < 50; ++i) {
    random.shuffle(objects.routes);
    random.shuffle(objects.servers);
    random.shuffle(objects.pods);
    Datastore store(kube::PodSource::Manifest);
    EXPECT_EQ(describe(*build(objects, store)), first);
  }
}

TEST(Datastore, APodKeepsItsEndpointOverRebuildsAndAnotherAddressIsAnotherOne) {
  Datastore store(kube::PodSource::Manifest);
  const std::string server = server_yaml("name: s", "x");
  const auto one = build(read_objects(server + pod_yaml("p", "x", "10.0.0.1")), store);
  one->servers.at("default/s")->endpoints[0]->in_flight = 7;
  const auto two =
      build(read_objects(pod_yaml("q", "x", "10.0.0.2") + server + pod_yaml("p", "x", "10.0.0.1")),
            store);
  EXPECT_EQ(two->servers.at("default/s")->endpoints[0], one->servers.at("default/s")->endpoints[0]);
  EXPECT_EQ(two->servers.at("default/s")->endpoints[0]->in_flight, 7);
  const auto three = build(read_objects(server + pod_yaml("p", "x", "10.0.0.3")), store);
  EXPECT_NE(three->servers.at("default/s")->endpoints[0],
            one->servers.at("default/s")->endpoints[0]);
  EXPECT_EQ(three->servers.at("default/s")->endpoints[0]->in_flight, 0);
}

TEST(Datastore, TwoServersShareAPodsEndpoint) {
  Datastore store(kube::PodSource::Manifest);
  const auto world = build(read_objects(server_yaml("name: s", "x") + server_yaml("name: t", "x") +
                                        pod_yaml("p", "x", "10.0.0.1")),
                           store);
  EXPECT_EQ(world->servers.at("default/s")->endpoints, world->servers.at("default/t")->endpoints);
}

TEST(Datastore, OnlyPodsThatServeAreInIt) {
  Datastore store(kube::PodSource::Manifest);
  const std::string yaml =
      server_yaml("name: s", "x") + pod_yaml("plain", "x", "10.0.0.1") +
      pod_yaml("ready", "x", "10.0.0.2",
               ", phase: Running, conditions: [{type: Ready, status: \"True\"}]") +
      pod_yaml("unready", "x", "10.0.0.3", ", conditions: [{type: Ready, status: \"False\"}]") +
      pod_yaml("pending", "x", "10.0.0.4", ", phase: Pending") +
      pod_yaml("failed", "x", "10.0.0.5", ", phase: Failed") + pod_yaml("other", "z", "10.0.0.6") +
      pod_yaml("strange", "x", "no-address") +
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: homeless, labels: {app: x}}\n"
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: dying, labels: {app: x}, "
      "deletionTimestamp: \"2026-01-01T00:00:00Z\"}\nstatus: {podIP: 10.0.0.7}\n"
      "---\napiVersion: v1\nkind: Pod\nmetadata: {name: far, namespace: far, labels: {app: x}}\n"
      "status: {podIP: 10.0.0.8}\n";
  EXPECT_THAT(pods_of(*build(read_objects(yaml), store), "default/s"),
              ElementsAre("plain@10.0.0.1", "ready@10.0.0.2"));
  Datastore cluster(kube::PodSource::Cluster);
  EXPECT_THAT(pods_of(*build(read_objects(yaml), cluster), "default/s"),
              ElementsAre("ready@10.0.0.2"))
      << "a cluster states everything";
}

TEST(Datastore, AllLabelsOfASelectorMustFit) {
  Datastore store(kube::PodSource::Manifest);
  Objects objects = read_objects(server_yaml("name: s", "x") + pod_yaml("p", "x", "10.0.0.1"));
  objects.servers[0].spec.workload_selector.match_labels["zone"] = "a";
  EXPECT_TRUE(build(objects, store)->servers.at("default/s")->endpoints.empty());
  objects.pods[0].metadata.labels["zone"] = "a";
  EXPECT_EQ(build(objects, store)->servers.at("default/s")->endpoints.size(), 1U);
  objects.servers[0].spec.workload_selector.match_labels.clear();
  EXPECT_TRUE(build(objects, store)->servers.at("default/s")->endpoints.empty())
      << "no labels select nothing";
}

TEST(Datastore, SlicesAreSelectedByTheirOwnLabels) {
  Datastore store(kube::PodSource::Manifest);
  const auto world = build(
      read_objects(server_yaml("name: s", "x") +
                   slice_yaml("one", "x",
                              "{addresses: [10.0.0.1]}, {addresses: [10.0.0.2], conditions: "
                              "{ready: false}}, {addresses: [10.0.0.3], conditions: {ready: true, "
                              "terminating: true}}, {addresses: [10.0.0.4], targetRef: {kind: Pod, "
                              "name: p-4}}") +
                   slice_yaml("two", "x", "{addresses: [10.0.0.1]}") +
                   slice_yaml("other", "z", "{addresses: [10.0.0.9]}") +
                   pod_yaml("p-4", "x", "10.0.0.4")),
      store);
  EXPECT_THAT(pods_of(*world, "default/s"), ElementsAre("10.0.0.1@10.0.0.1", "p-4@10.0.0.4"))
      << "each once, however often it is listed";
}

TEST(Datastore, IPv6AddressesAreEndpointsToo) {
  Datastore store(kube::PodSource::Manifest);
  const auto world = build(
      read_objects(server_yaml("name: s", "x") + pod_yaml("p", "x", "\"2001:db8::1\"")), store);
  EXPECT_THAT(pods_of(*world, "default/s"), ElementsAre("p@2001:db8::1"));
}

TEST(Datastore, TrafficPoliciesAreTakenOver) {
  Datastore store(kube::PodSource::Manifest);
  const auto world =
      build(read_objects(server_yaml("name: s", "x",
                                     ", trafficPolicy: {timeout: 1m30s, retry: "
                                     "{attempts: 3, retryInterval: 200ms}}") +
                         server_yaml("name: t", "x") +
                         server_yaml("name: u", "x", ", trafficPolicy: {timeout: 0s}")),
            store);
  const Server& s = *world->servers.at("default/s");
  EXPECT_EQ(s.timeout, std::chrono::seconds(90));
  EXPECT_EQ(s.retry_attempts, 3U);
  EXPECT_EQ(s.retry_interval, std::chrono::milliseconds(200));
  EXPECT_FALSE(world->servers.at("default/t")->timeout);
  EXPECT_FALSE(world->servers.at("default/t")->retry_attempts);
  EXPECT_FALSE(world->servers.at("default/u")->timeout);
}

TEST(Datastore, NamesAreListedOnceAndSorted) {
  Datastore store(kube::PodSource::Manifest);
  const auto world =
      build(read_objects(route_yaml("name: a", "modelName: z, loraAdapters: [b, x], rules: []") +
                         route_yaml("name: b", "modelName: x, rules: []") +
                         route_yaml("name: c", "loraAdapters: [a], rules: []")),
            store);
  EXPECT_THAT(world->model_names(), ElementsAre("a", "b", "x", "z"));
  EXPECT_TRUE(world->knows_model("b"));
  EXPECT_FALSE(world->knows_model(""));
}

std::vector<std::string> lines(const std::vector<Problem>& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) {
    all.push_back(problem.object + ": " + problem.what);
  }
  return all;
}

TEST(Datastore, ObjectsThatCannotServeAreNamedOnceWithTheReason) {
  Datastore store(kube::PodSource::Manifest);
  Objects objects = read_objects(
      server_yaml("name: s", "a") + server_yaml("name: t", "a") + server_yaml("name: u", "none") +
      pod_yaml("p", "a", "10.0.0.1") + pod_yaml("q", "a", "10.0.0.2") +
      slice_yaml("sl", "a", "{addresses: [10.0.0.3]}") +
      route_yaml("name: r",
                 "modelName: m, rules: [{modelMatch: {uri: {regex: x}}, targetModels: "
                 "[{modelServerName: s}]}, {targetModels: [{modelServerName: gone}, "
                 "{externalModelProviderName: ext}]}]"));
  objects.pods[1].status.pod_ip = "engine.local";  // reading may refuse these
  objects.slices[0].endpoints[0].addresses[0] = "10.0.0";
  objects.routes[0].spec.rules[0].model_match->uri->regex = "(";
  build(objects, store);
  const auto problems = lines(store.problems().list());
  EXPECT_THAT(
      problems,
      ElementsAre(
          "EndpointSlice default/sl: its address '10.0.0' is no IP address",
          ::testing::StartsWith("ModelRoute default/r: spec.rules[0]: a regex never matches: "),
          "ModelRoute default/r: spec.rules[1]: ExternalModelProvider default/ext gets no "
          "requests: this version serves none of its kind",
          "ModelRoute default/r: spec.rules[1]: there is no ModelServer default/gone",
          "ModelServer default/u: no pod that is ready has its labels",
          "Pod default/q: its address 'engine.local' is no IP address"));
}

TEST(Datastore, AProblemIsNewWhenItWasNotThereBefore) {
  Datastore store(kube::PodSource::Manifest);
  const auto news = [&](const std::string& yaml) {
    build(read_objects(yaml), store);
    return lines(store.problems().take_new());
  };
  const std::string server = server_yaml("name: s", "a");
  const std::string s = "ModelServer default/s: no pod that is ready has its labels";
  const std::string t = "ModelServer default/t: no pod that is ready has its labels";
  EXPECT_THAT(news(server), ElementsAre(s));
  EXPECT_THAT(news(server), ElementsAre());
  EXPECT_THAT(news(server + server_yaml("name: t", "t")), ElementsAre(t));
  EXPECT_THAT(news(server + pod_yaml("p", "a", "10.0.0.1")), ElementsAre());
  EXPECT_THAT(news(server), ElementsAre(s)) << "again";
  build(read_objects(server + pod_yaml("p", "a", "10.0.0.1")), store);
  EXPECT_THAT(news(server), ElementsAre()) << "came and went unseen";
}

TEST(Datastore, WhatIsGoneIsNamedAndWhatComesBackAtOnceIsNot) {
  Datastore store(kube::PodSource::Manifest);
  const std::string route = route_yaml(
      "name: r",
      "modelName: m, loraAdapters: [l], rules: [{targetModels: [{modelServerName: s}]}]");
  const std::string all =
      route + server_yaml("name: s", "x", ", model: one") + pod_yaml("p", "x", "10.0.0.1");
  const auto change_to = [&](const std::string& yaml) {
    store.replace(read_objects(yaml));
    return store.update();
  };
  const auto describe = [](const Gone& gone) {
    std::vector<std::string> all = gone.models;
    all.insert(all.end(), gone.routes.begin(), gone.routes.end());
    all.insert(all.end(), gone.servers.begin(), gone.servers.end());
    for (const auto& address : gone.addresses) {
      all.push_back(address.to_string());
    }
    return all;
  };
  EXPECT_THAT(describe(change_to(all).gone), ElementsAre());
  EXPECT_EQ(store.current()->retirements, 0U);
  EXPECT_THAT(describe(change_to("").gone),
              ElementsAre("l", "m", "default/r", "default/s", "10.0.0.1:8000"));
  EXPECT_EQ(store.current()->retirements, 1U);
  EXPECT_THAT(describe(change_to(all).gone), ElementsAre());
  store.replace({});
  EXPECT_THAT(describe(change_to(all).gone), ElementsAre()) << "it never was away for anybody";
  EXPECT_THAT(describe(change_to(route + server_yaml("name: s", "x", ", model: two") +
                                 server_yaml("name: t", "x") + pod_yaml("p", "x", "10.0.0.1"))
                           .gone),
              ElementsAre("default/s"))
      << "another upstream model";
  EXPECT_THAT(
      describe(
          change_to(route + server_yaml("name: t", "x") + pod_yaml("p", "x", "10.0.0.1")).gone),
      ElementsAre("default/s"))
      << "the address is t's too";
}

TEST(Datastore, WhatDoesNotChangeIsShared) {
  Datastore store(kube::PodSource::Manifest);
  std::string yaml;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    yaml += server_yaml("name: s" + n, "a" + n) + pod_yaml("p" + n, "a" + n, "10.0.0.1");
  }
  Objects objects = read_objects(yaml);
  const auto before = build(objects, store);
  objects.pods[250].status.pod_ip = "10.0.0.2";
  const auto after = build(objects, store);
  std::vector<std::string> changed;
  for (const auto& [key, server] : after->servers) {
    if (before->servers.at(key) != server) {
      changed.push_back(key);
    }
  }
  EXPECT_THAT(changed, ElementsAre("default/s250"));
}

TEST(Datastore, OnlyWhatMattersMakesItDirty) {
  Datastore store(kube::PodSource::Cluster);
  const auto ready = [](std::string_view app, std::string_view more = "") {
    Objects objects =
        read_objects(pod_yaml("p", app, "10.0.0.1",
                              ", phase: Running, conditions: [{type: Ready, status: \"True\"}" +
                                  std::string(more) + "]"));
    return std::make_shared<const kube::Pod>(objects.pods[0]);
  };
  store.replace(read_objects(server_yaml("name: s", "x")));
  store.put(ready("x"));
  EXPECT_TRUE(store.dirty());
  EXPECT_EQ(store.update().after->servers.at("default/s")->endpoints.size(), 1U);
  EXPECT_FALSE(store.dirty());
  store.put(ready("x"));
  store.put(ready("x", ", {type: Other, status: \"True\"}"));
  EXPECT_FALSE(store.dirty()) << "nothing that anybody sees";
  store.put(ready("q"));
  EXPECT_TRUE(store.dirty());
  EXPECT_TRUE(store.update().after->pods.empty());
  store.put(ready("q", ", {type: Other, status: \"True\"}"));
  store.put(ready("z"));
  EXPECT_FALSE(store.dirty()) << "no server's pod";
  store.remove(*ready("z"));
  store.remove(*ready("z"));
  EXPECT_FALSE(store.dirty());
}

TEST(Datastore, InAClusterPodsSpeakForThemselvesNotTheirSlices) {
  Datastore store(kube::PodSource::Cluster);
  EXPECT_THAT(
      pods_of(*build(read_objects(server_yaml("name: s", "x") +
                                  slice_yaml("sl", "x",
                                             "{addresses: [10.0.0.1], targetRef: {kind: Pod, name: "
                                             "p}}, {addresses: [10.0.0.2]}")),
                     store),
              "default/s"),
      ElementsAre("10.0.0.2@10.0.0.2"));
}

TEST(EndpointTable, ForgetsThoseThatNobodyHolds) {
  EndpointTable table;
  const auto held = table.get({.namespace_name = "a", .name = "held"}, net::IpAddress::v4(1));
  for (int i = 0; i < 1000; ++i) {
    table.get({.namespace_name = "a", .name = std::to_string(i)}, net::IpAddress::v4(1));
  }
  EXPECT_LE(table.size(), 65U);
  EXPECT_EQ(table.get({.namespace_name = "a", .name = "held"}, net::IpAddress::v4(1)), held);
}

}  // namespace
}  // namespace kthena::router
