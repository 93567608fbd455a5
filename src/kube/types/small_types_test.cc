// Built-in kinds of which we read little.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/codec.h"
#include "json/parse.h"
#include "kube/types/cluster.h"
#include "kube/types/config.h"
#include "kube/types/controller_revision.h"
#include "kube/types/service.h"

namespace kthena::kube {
namespace {

using testing::IsEmpty;

/// What a server says is read without a word.
template <class Kind>
Kind read(std::string_view text) {
  auto decoded = json::decode<Kind>(json::parse(text).value());
  EXPECT_THAT(decoded.problems, IsEmpty()) << text;
  return std::move(decoded.value);
}

TEST(Service, IsHeadlessWithoutAnAddressOfItsOwn) {
  const auto service = read<Service>(R"({"apiVersion": "v1", "kind": "Service",
    "metadata": {"name": "a"},
    "spec": {"clusterIP": "None", "publishNotReadyAddresses": true, "selector": {"a": "b"},
             "ports": [{"name": "http", "port": 80, "targetPort": "web"}, {"port": 81}],
             "sessionAffinity": "None"}, "status": {"loadBalancer": {}}})");
  EXPECT_TRUE(service.spec.is_headless());
  EXPECT_EQ(service.spec.ports[0].target_port, IntOrString{"web"});
  EXPECT_EQ(service.spec.ports[1].target_port, std::nullopt);
  EXPECT_FALSE(read<Service>(R"({"spec": {"clusterIP": "10.0.0.1"}})").spec.is_headless());
}

TEST(Secret, GivesTheBytesOfAKey) {
  const auto secret = read<Secret>(R"({"metadata": {"name": "s", "namespace": "n"},
    "type": "Opaque", "data": {"a": "aGVsbG8=", "bad": "?", "both": "aGVsbG8="},
    "stringData": {"b": "plain", "both": "newer"}})");
  EXPECT_EQ(secret.find("a").value(), "hello");
  EXPECT_EQ(secret.find("b").value(), "plain");
  EXPECT_EQ(secret.find("both").value(), "newer");
  EXPECT_EQ(secret.find("c").value(), std::nullopt);
  EXPECT_EQ(secret.find("bad").error().message(), "data[bad] of Secret n/s is no base64");
}

TEST(ConfigMap, GivesTheTextOfAKey) {
  const auto map = read<ConfigMap>(R"({"data": {"a": "x"}, "binaryData": {"b": "aGVsbG8="}})");
  EXPECT_EQ(*map.find("a"), "x");
  EXPECT_EQ(map.find("b"), nullptr);
}

TEST(ControllerRevision, KeepsWhateverItsControllerKeeps) {
  const json::Value value = json::parse(R"({"apiVersion": "apps/v1", "kind": "ControllerRevision",
    "metadata": {"name": "m-1"}, "data": {"data": [{"name": "prefill", "x": 1.50}]},
    "revision": 3})")
                                .value();
  const auto decoded = json::decode<ControllerRevision>(value);
  EXPECT_THAT(decoded.problems, IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), value);
}

TEST(Node, IsReadyWhenItsConditionSaysSo) {
  const auto node = read<Node>(R"({"spec": {"unschedulable": true, "podCIDR": "x"}, "status": {
    "allocatable": {"nvidia.com/gpu": "8"},
    "conditions": [{"type": "DiskPressure", "status": "True"}, {"type": "Ready", "status": "True"}]
  }})");
  EXPECT_TRUE(node.is_ready());
  EXPECT_TRUE(node.spec.unschedulable);
  EXPECT_EQ(node.status.allocatable.at("nvidia.com/gpu").ceiling(), 8);
  EXPECT_FALSE(read<Node>(R"({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}})")
                   .is_ready());
}

TEST(Namespace, SaysWhetherItIsGoingAway) {
  EXPECT_EQ(read<Namespace>(R"({"status": {"phase": "Terminating"}})").status.phase, "Terminating");
  EXPECT_EQ(Namespace::kResource.scope, Scope::Cluster);
}

}  // namespace
}  // namespace kthena::kube
