#include "api/leaderworkerset/v1/leader_worker_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::leaderworkerset {
namespace {

TEST(LeaderWorkerSet, WritesWhatItReads) {
  const json::Value value = json::parse(R"({
    "apiVersion": "leaderworkerset.x-k8s.io/v1", "kind": "LeaderWorkerSet",
    "metadata": {"name": "lws"},
    "spec": {
      "replicas": 2, "startupPolicy": "LeaderReady", "networkConfig": {"subdomainPolicy": "Shared"},
      "rolloutStrategy": {"type": "RollingUpdate", "rollingUpdateConfiguration":
        {"partition": 1, "maxUnavailable": 1, "maxSurge": "25%"}},
      "leaderWorkerTemplate": {
        "size": 4, "restartPolicy": "RecreateGroupOnPodRestart",
        "workerTemplate": {"spec": {"containers": [{"name": "c", "image": "i"}]}}}},
    "status": {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2, "hpaPodSelector": "a=b",
               "conditions": [{"type": "Available", "status": "True", "reason": "R", "message": "",
                               "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})")
                                .value();
  const auto decoded = json::decode<LeaderWorkerSet>(value);
  EXPECT_THAT(decoded.problems, testing::IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), value);
  EXPECT_TRUE(decoded.value.spec.leader_worker_template.leader_template.is_null());
}

TEST(LeaderWorkerSet, TellsAbsentFromZero) {
  const auto decoded = json::decode<LeaderWorkerSet>(json::parse(R"({"spec": {}})").value());
  EXPECT_EQ(decoded.value.spec.replicas, std::nullopt);
  EXPECT_EQ(decoded.value.spec.leader_worker_template.size, std::nullopt);
}

}  // namespace
}  // namespace kthena::api::leaderworkerset
