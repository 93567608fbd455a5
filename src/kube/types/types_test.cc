#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/codec.h"
#include "json/parse.h"
#include "kube/meta/manifest.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/event.h"
#include "kube/types/lease.h"
#include "kube/types/pod.h"

namespace kthena::kube {
namespace {

using testing::IsEmpty;

constexpr std::string_view kPod = R"({
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {"name": "p0", "namespace": "prod", "labels": {"app": "chat"}},
  "spec": {"nodeName": "n1", "restartPolicy": "Always",
           "containers": [{"name": "engine", "image": "vllm", "ports": [{"containerPort": 8000}]}]},
  "status": {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
             "startTime": "2026-01-02T03:04:05Z", "qosClass": "Burstable",
             "conditions": [{"type": "PodScheduled", "status": "True"},
                            {"type": "Ready", "status": "True",
                             "lastTransitionTime": "2026-01-02T03:04:10Z"}]}})";

Pod pod() {
  auto decoded = json::decode<Pod>(json::parse(kPod).value());
  EXPECT_THAT(decoded.problems, IsEmpty());  // fields that are not modelled are no finding
  return std::move(decoded.value);
}

TEST(Pod, ReadsWhatWeNeed) {
  const Pod p = pod();
  EXPECT_EQ(p.metadata.key().to_string(), "prod/p0");
  EXPECT_EQ(p.spec.node_name, "n1");
  EXPECT_EQ(p.spec.containers.at(0).ports.at(0).container_port, 8000);
  EXPECT_EQ(p.status.pod_ips.at(1).ip, "fd00::1");
  EXPECT_TRUE(is_serving(p, PodSource::Cluster));
  EXPECT_EQ(json::decode<Pod>(json::encode(p)).value, p);
}

TEST(Pod, ServesWhileItRunsAndIsReady) {
  const auto serving = [](auto change) {
    Pod p = pod();
    change(p);
    return is_serving(p, PodSource::Cluster);
  };
  EXPECT_FALSE(serving([](Pod& p) { p.status.phase = "Pending"; }));
  EXPECT_FALSE(serving([](Pod& p) { p.status.phase = ""; }));
  EXPECT_FALSE(serving([](Pod& p) { p.status.conditions[1].status = "False"; }));
  EXPECT_FALSE(serving([](Pod& p) { p.status.conditions[1].status = "Unknown"; }));
  EXPECT_FALSE(serving([](Pod& p) { p.status.conditions.clear(); }));
  EXPECT_FALSE(serving([](Pod& p) { p.metadata.deletion_timestamp.emplace(); }));
  EXPECT_FALSE(serving([](Pod& p) { p.status.pod_ip.clear(), p.status.pod_ips.clear(); }));
  EXPECT_TRUE(serving([](Pod& p) { p.status.pod_ip.clear(); }));
}

TEST(Pod, OfAFileIsReadyUnlessItSaysOtherwise) {
  Pod p;
  EXPECT_FALSE(is_serving(p, PodSource::Manifest));
  p.status.pod_ip = "127.0.0.1";
  EXPECT_TRUE(is_serving(p, PodSource::Manifest));
  EXPECT_FALSE(is_serving(p, PodSource::Cluster));
  p.status.conditions = {{.type = "Ready", .status = "False"}};
  EXPECT_FALSE(is_serving(p, PodSource::Manifest));
  p.status = {.phase = "Failed", .pod_ip = "127.0.0.1"};
  EXPECT_FALSE(is_serving(p, PodSource::Manifest));
}

TEST(Pod, OfAFileNeedsAnAddress) {
  const auto manifests = read_manifests<Pod>("p.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: a}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: b}
status: {phase: Pending}
)");
  EXPECT_TRUE(manifests.ok());
  EXPECT_EQ(manifests.objects.size(), 2U);
  ASSERT_EQ(manifests.problems.size(), 1U);
  EXPECT_EQ(manifests.problems[0].to_string(),
            "p.yaml:9: status.podIP: Required value: without an address the pod does not serve");
}

TEST(EndpointSlice, ReadsAddressesAndConditions) {
  const auto decoded = json::decode<EndpointSlice>(json::parse(R"({
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
    "metadata": {"name": "chat-1", "labels": {"app": "chat"}}, "addressType": "IPv4",
    "endpoints": [
      {"addresses": ["10.0.0.1"], "conditions": {"ready": true, "serving": true}, "zone": "a",
       "targetRef": {"kind": "Pod", "name": "p0", "namespace": "prod"}},
      {"addresses": ["10.0.0.2"]},
      {"addresses": ["10.0.0.3"], "conditions": {"ready": false, "serving": true, "terminating": true}},
      {"addresses": ["10.0.0.4"], "conditions": {"ready": true, "terminating": true}}],
    "ports": [{"name": "http", "port": 8000, "protocol": "TCP"}]})")
                                                       .value());
  EXPECT_THAT(decoded.problems, IsEmpty());
  const EndpointSlice& slice = decoded.value;
  ASSERT_EQ(slice.endpoints.size(), 4U);
  EXPECT_EQ(slice.endpoints[0].target_ref->name, "p0");
  EXPECT_TRUE(is_serving(slice.endpoints[0]));
  EXPECT_TRUE(is_serving(slice.endpoints[1]));
  EXPECT_FALSE(is_serving(slice.endpoints[2]));
  EXPECT_FALSE(is_serving(slice.endpoints[3]));
  EXPECT_EQ(slice.ports.at(0).port, 8000);
  EXPECT_EQ(json::decode<EndpointSlice>(json::encode(slice)).value, slice);
}

TEST(EndpointSlice, MayHaveNoEndpointsAsAServerWritesThem) {
  // An unreadable update would leave in a cache the endpoints that are gone.
  const auto decoded = json::decode<EndpointSlice>(
      json::parse(R"({"addressType": "IPv4", "endpoints": null, "ports": null})").value());
  EXPECT_THAT(decoded.problems, IsEmpty());
  EXPECT_TRUE(decoded.value.endpoints.empty());
}

TEST(EndpointSlice, NeedsAnAddressForEachEndpoint) {
  const auto decoded = json::decode<EndpointSlice>(
      json::parse(R"({"addressType": "IPv4", "endpoints": [{}, {"addresses": []}]})").value());
  ASSERT_EQ(decoded.problems.size(), 2U);
  EXPECT_EQ(decoded.problems[0].to_string(), "endpoints[0].addresses: Required value");
  EXPECT_EQ(
      decoded.problems[1].to_string(),
      "endpoints[1].addresses: Invalid value: 0: endpoints[1].addresses in body should have at "
      "least 1 items");
}

TEST(Lease, IsWrittenBackAsItWasRead) {
  const json::Value text = json::parse(R"({
    "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
    "metadata": {"name": "kthena", "namespace": "default", "resourceVersion": "7"},
    "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15, "leaseTransitions": 0,
             "acquireTime": "2026-08-01T10:00:00.000000Z",
             "renewTime": "2026-08-01T10:00:02.120000Z"}})")
                               .value();
  const auto lease = json::decode<Lease>(text);
  ASSERT_TRUE(lease.ok());
  EXPECT_EQ(lease.value.spec.holder_identity, "a");
  EXPECT_EQ(json::encode(lease.value), text);
}

TEST(Event, NamesWhatItIsAbout) {
  const Event event{.involved_object = {.kind = "Pod", .name = "p0", .namespace_name = "default"},
                    .reason = "Restarted",
                    .message = "the engine was restarted",
                    .type = "Warning",
                    .count = 3};
  const json::Value text = json::encode(event);
  EXPECT_EQ(text.find("involvedObject")->find("name")->as_string(), "p0");
  EXPECT_EQ(json::decode<Event>(text).value, event);
}

}  // namespace
}  // namespace kthena::kube
