#include "api/volcano/v1beta1/pod_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/codec.h"
#include "json/parse.h"

namespace kthena::api::volcano {
namespace {

TEST(PodGroup, WritesTheFieldsWeOwn) {
  const json::Value value = json::parse(R"({
    "apiVersion": "scheduling.volcano.sh/v1beta1", "kind": "PodGroup",
    "metadata": {"name": "pd-0", "labels": {"modelserving.volcano.sh/name": "pd"}},
    "spec": {
      "minMember": 4, "queue": "q", "minResources": {"cpu": "10", "memory": "19Gi"},
      "networkTopology": {"mode": "hard", "highestTierAllowed": 2},
      "subGroupPolicy": [{
        "name": "prefill",
        "labelSelector": {"matchLabels": {"modelserving.volcano.sh/role": "prefill"}},
        "matchLabelKeys": ["modelserving.volcano.sh/role-id"],
        "subGroupSize": 2, "minSubGroups": 1,
        "networkTopology": {"mode": "hard", "highestTierAllowed": 1}}]}})")
                                .value();
  const auto decoded = json::decode<PodGroup>(value);
  EXPECT_THAT(decoded.problems, testing::IsEmpty());
  EXPECT_EQ(json::encode(decoded.value), value);
}

TEST(PodGroup, PassesOverWhatOnlyVolcanoReads) {
  const auto decoded = json::decode<PodGroup>(json::parse(R"({
    "spec": {"minTaskMember": {"prefill-0": 2}, "priorityClassName": "x"},
    "status": {"phase": "Running", "running": 3}})")
                                                  .value());
  EXPECT_THAT(decoded.problems, testing::IsEmpty());
  EXPECT_EQ(decoded.value.status.phase, "Running");
}

}  // namespace
}  // namespace kthena::api::volcano
