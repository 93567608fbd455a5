#include "apiserver/built_in/strategy.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/event_versions.h"
#include "apiserver/built_in/service_strategy.h"
#include "apiserver/kinds/catalog.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

const Kind& kind_of(std::string_view name) {
  for (const KindPtr& kind : built_in_kinds()) {
    if (kind->kind == name) {
      return *kind;
    }
  }
  ADD_FAILURE() << name;
  std::abort();
}

json::Value object(std::string_view text) { return *json::parse(text); }

json::Value decoded(std::string_view kind, std::string_view text) {
  json::Value value = object(text);
  EXPECT_TRUE(decode_built_in(*kind_of(kind).shape, value).has_value());
  return value;
}

TEST(Strategy, GivesNewPodsTheirStatus) {
  json::Value pod = object(
      R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]},
          "status":{"phase":"Running"}})");
  prepare_create(kind_of("Pod"), pod);
  EXPECT_EQ(json::print(*pod.find("status")), R"({"phase":"Pending","qosClass":"Burstable"})");
  EXPECT_EQ(number_of(at(pod, {"metadata", "generation"})), 1);
}

TEST(Strategy, CountsGenerationsOfTheSpecOnly) {
  const json::Value before =
      decoded("ReplicaSet",
              R"({"metadata":{"generation":4,"labels":{"a":"b"}},"spec":{"replicas":1},
                  "status":{"replicas":1}})");
  const auto generation_after = [&](std::string_view text, std::string_view subresource) {
    json::Value after = decoded("ReplicaSet", text);
    prepare_update(kind_of("ReplicaSet"), after, before, subresource);
    EXPECT_EQ(number_of(at(after, {"status", "replicas"})), subresource.empty() ? 1 : 2);
    return number_of(at(after, {"metadata", "generation"}));
  };
  EXPECT_EQ(generation_after(R"({"spec":{"replicas":2},"status":{"replicas":2}})", ""), 5);
  EXPECT_EQ(generation_after(R"({"metadata":{"labels":{"c":"d"}},"spec":{"replicas":1}})", ""), 4);
  EXPECT_EQ(generation_after(R"({"spec":{"replicas":3},"status":{"replicas":2}})", "status"), 4);
}

TEST(Strategy, SelectsJobsByTheirUid) {
  json::Value job =
      object(R"({"metadata":{"name":"j","uid":"u"},"spec":{"manualSelector":false}})");
  prepare_create(kind_of("Job"), job);
  EXPECT_EQ(json::print(*at(job, {"spec", "selector"})),
            R"({"matchLabels":{"batch.kubernetes.io/controller-uid":"u"}})");
  EXPECT_EQ(json::print(*at(job, {"spec", "template", "metadata", "labels"})),
            R"({"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"j",)"
            R"("controller-uid":"u","job-name":"j"})");
}

TEST(Strategy, GivesServicesAddresses) {
  ServicePool pool("10.96.0.0", 16);
  json::Value first = object(R"({"spec":{"type":"ClusterIP","selector":{"a":"b"}}})");
  EXPECT_TRUE(allocate_service(first, nullptr, pool).empty());
  EXPECT_EQ(json::print(*first.find("spec")),
            R"({"type":"ClusterIP","selector":{"a":"b"},"ipFamilyPolicy":"SingleStack",)"
            R"("ipFamilies":["IPv4"],"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"]})");
  pool.take(first);

  json::Value same_one = object(R"({"spec":{"type":"ClusterIP","clusterIP":"10.96.0.1"}})");
  const auto problems = allocate_service(same_one, nullptr, pool);
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(problems[0].to_string(),
            R"(spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: )"
            "provided IP is already allocated");

  json::Value update = object(R"({"spec":{"type":"ClusterIP","selector":{"a":"b"}}})");
  EXPECT_TRUE(allocate_service(update, &first, pool).empty());
  EXPECT_EQ(text_at(update, {"spec", "clusterIP"}), "10.96.0.1");
}

TEST(Strategy, GivesNodePortsAndTakesThemBack) {
  ServicePool pool("10.96.0.0", 16);
  json::Value service = object(
      R"({"spec":{"type":"NodePort","ports":[{"port":80,"protocol":"TCP","name":"a"},
          {"port":80,"protocol":"UDP","name":"b"},{"port":81,"name":"c"}]}})");
  EXPECT_TRUE(allocate_service(service, nullptr, pool).empty());
  const json::Array& ports = items_of(at(service, {"spec", "ports"}));
  EXPECT_EQ(number_of(at(ports[0], {"nodePort"})), 30000);
  EXPECT_EQ(number_of(at(ports[1], {"nodePort"})), 30000);
  EXPECT_EQ(number_of(at(ports[2], {"nodePort"})), 30001);
  pool.take(service);

  json::Value plain = service;
  plain.find("spec")->set("type", "ClusterIP");
  EXPECT_TRUE(allocate_service(plain, &service, pool).empty());
  prepare_update(kind_of("Service"), plain, service, "");
  EXPECT_EQ(at(items_of(at(plain, {"spec", "ports"}))[0], {"nodePort"}), nullptr);
}

TEST(EventVersions, NameTheSameFieldsOtherwise) {
  json::Value event = decoded("Event", R"({"kind":"Event","apiVersion":"v1",
      "involvedObject":{"kind":"Pod","name":"p"},"message":"m","count":2,
      "lastTimestamp":"2025-01-01T00:00:00Z"})");
  const json::Value other = event_as("events.k8s.io/v1", event);
  EXPECT_EQ(json::print(other),
            R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{},"eventTime":null,)"
            R"("regarding":{"kind":"Pod","name":"p"},"note":"m","deprecatedSource":{},)"
            R"("deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":"2025-01-01T00:00:00Z",)"
            R"("deprecatedCount":2})");
  EXPECT_EQ(json::print(event_as("v1", other)), json::print(event));
}

}  // namespace
}  // namespace kthena::apiserver
