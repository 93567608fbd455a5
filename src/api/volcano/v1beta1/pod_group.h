// PodGroup of Volcano, the part we use: pods that are placed together or not at all.
// Source: docs/reference/modelserving.md#gangs
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/quantity.h"
#include "kube/meta/resource.h"
#include "kube/meta/selector.h"

namespace kthena::api::volcano {

struct NetworkTopologySpec {
  std::string mode;  ///< "hard" or "soft"
  std::optional<std::int64_t> highest_tier_allowed;
  std::string highest_tier_name;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using N = NetworkTopologySpec;
    return std::tuple{json::Field{"mode", &N::mode},
                      json::Field{"highestTierAllowed", &N::highest_tier_allowed},
                      json::Field{"highestTierName", &N::highest_tier_name}};
  }
  friend bool operator==(const NetworkTopologySpec&, const NetworkTopologySpec&) = default;
};

/// Pods of the group that belong closer together: the replicas of one role. Volcano 1.14 and later.
struct SubGroupPolicy {
  std::string name;
  std::optional<kube::LabelSelector> label_selector;
  std::vector<std::string> match_label_keys;  ///< pods with equal values form one sub-group
  std::optional<std::int32_t> sub_group_size;
  std::optional<std::int32_t> min_sub_groups;
  std::optional<NetworkTopologySpec> network_topology;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using P = SubGroupPolicy;
    return std::tuple{json::Field{"name", &P::name},
                      json::Field{"labelSelector", &P::label_selector},
                      json::Field{"matchLabelKeys", &P::match_label_keys},
                      json::Field{"subGroupSize", &P::sub_group_size},
                      json::Field{"minSubGroups", &P::min_sub_groups},
                      json::Field{"networkTopology", &P::network_topology}};
  }
  friend bool operator==(const SubGroupPolicy&, const SubGroupPolicy&) = default;
};

struct PodGroupSpec {
  std::int32_t min_member = 0;
  std::map<std::string, kube::Quantity, std::less<>> min_resources;  ///< by resource
  std::string queue;  ///< the server says "default" where nothing is said
  std::optional<NetworkTopologySpec> network_topology;
  std::vector<SubGroupPolicy> sub_group_policy;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using P = PodGroupSpec;
    return std::tuple{
        json::Field{"minMember", &P::min_member}, json::Field{"minResources", &P::min_resources},
        json::Field{"queue", &P::queue}, json::Field{"networkTopology", &P::network_topology},
        json::Field{"subGroupPolicy", &P::sub_group_policy}};
  }
  friend bool operator==(const PodGroupSpec&, const PodGroupSpec&) = default;
};

struct PodGroupStatus {
  std::string phase;  ///< "Pending", "Inqueue", "Running", "Unknown"

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"phase", &PodGroupStatus::phase}};
  }
  friend bool operator==(const PodGroupStatus&, const PodGroupStatus&) = default;
};

struct PodGroup {
  kube::ObjectMeta metadata;
  PodGroupSpec spec;
  PodGroupStatus status;

  static constexpr kube::ResourceType kResource{.api_version = "scheduling.volcano.sh/v1beta1",
                                                .kind = "PodGroup",
                                                .plural = "podgroups",
                                                .singular = "podgroup"};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{
        json::Constant{"apiVersion", kResource.api_version}, json::Constant{"kind", kResource.kind},
        json::Field{"metadata", &PodGroup::metadata}, json::Field{"spec", &PodGroup::spec},
        json::Field{"status", &PodGroup::status}};
  }
  friend bool operator==(const PodGroup&, const PodGroup&) = default;
};

}  // namespace kthena::api::volcano

KTHENA_JSON_EXTERN_TYPE(kthena::api::volcano::PodGroup);
