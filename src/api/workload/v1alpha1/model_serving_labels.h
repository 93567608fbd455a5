// What the objects of a ModelServing carry: users' manifests select pods by these names.
// Source: docs/reference/modelserving.md#labels
#pragma once

#include <array>
#include <string_view>

namespace kthena::api::workload::labels {

inline constexpr std::string_view kName = "modelserving.volcano.sh/name";
inline constexpr std::string_view kGroupName = "modelserving.volcano.sh/group-name";
inline constexpr std::string_view kRole = "modelserving.volcano.sh/role";
inline constexpr std::string_view kRoleId = "modelserving.volcano.sh/role-id";
inline constexpr std::string_view kRevision = "modelserving.volcano.sh/revision";
inline constexpr std::string_view kRoleTemplateHash = "modelserving.volcano.sh/role-template-hash";
inline constexpr std::string_view kEntry = "modelserving.volcano.sh/entry";

/// Set by the controller on every pod, whatever the template says.
inline constexpr std::array kOwned{kName,     kGroupName,        kRole, kRoleId,
                                   kRevision, kRoleTemplateHash, kEntry};

// Of pods whose ModelServing belongs to a LeaderWorkerSet.
inline constexpr std::string_view kLwsName = "leaderworkerset.sigs.k8s.io/name";
inline constexpr std::string_view kLwsGroupIndex = "leaderworkerset.sigs.k8s.io/group-index";
inline constexpr std::string_view kLwsWorkerIndex = "leaderworkerset.sigs.k8s.io/worker-index";
inline constexpr std::string_view kLwsGroupKey = "leaderworkerset.sigs.k8s.io/group-key";

}  // namespace kthena::api::workload::labels

namespace kthena::api::workload::annotations {

// Of a ModelServing.
/// The Volcano queue of its PodGroups.
inline constexpr std::string_view kQueue = "scheduling.volcano.sh/queue-name";
/// How many groups a rolling update of roles may hold below full at a time: a count or a
/// percentage; 1 if absent.
inline constexpr std::string_view kRoleUpdateMaxGroups =
    "modelserving.volcano.sh/role-update-max-groups";

// Of pods.
inline constexpr std::string_view kGangGroup = "scheduling.k8s.io/group-name";
inline constexpr std::string_view kGangTask = "volcano.sh/task-spec";
inline constexpr std::string_view kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";

}  // namespace kthena::api::workload::annotations

namespace kthena::api::workload::environment {

// Of every container; entries of the template with these names are replaced.
inline constexpr std::string_view kGroupSize = "GROUP_SIZE";
inline constexpr std::string_view kEntryAddress = "ENTRY_ADDRESS";
inline constexpr std::string_view kWorkerIndex = "WORKER_INDEX";
inline constexpr std::array kOwned{kGroupSize, kEntryAddress, kWorkerIndex};

}  // namespace kthena::api::workload::environment
