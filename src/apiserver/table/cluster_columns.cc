// Tables of what pods need and what tells of them: namespaces, nodes, volumes, events.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/table/printer.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr Column kNamespaceColumns[] = {
    kNameColumn, {.name = "Status", .description = "Whether it is there or goes"}, kAgeColumn};

void namespace_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.text({"status", "phase"}));
  cells.emplace_back(subject.age());
}

constexpr Column kConfigMapColumns[] = {
    kNameColumn, {.name = "Data", .description = "How many entries it has"}, kAgeColumn};

void config_map_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(members_of(subject.at({"data"})).size() +
                     members_of(subject.at({"binaryData"})).size());
  cells.emplace_back(subject.age());
}

constexpr Column kSecretColumns[] = {
    kNameColumn,
    {.name = "Type", .description = "What it is for"},
    {.name = "Data", .description = "How many entries it has"},
    kAgeColumn,
};

void secret_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.text({"type"}));
  cells.emplace_back(members_of(subject.at({"data"})).size());
  cells.emplace_back(subject.age());
}

constexpr Column kServiceAccountColumns[] = {
    kNameColumn, {.name = "Secrets", .description = "How many secrets it names"}, kAgeColumn};

void service_account_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.items({"secrets"}).size());
  cells.emplace_back(subject.age());
}

constexpr Column kNodeColumns[] = {
    kNameColumn,
    {.name = "Status", .description = "Whether it is ready, and takes pods"},
    {.name = "Roles", .description = "What it is for, by its labels"},
    kAgeColumn,
    {.name = "Version", .description = "Version of what runs its pods"},
    {.name = "Internal-IP", .description = "Its address within the cluster", .priority = 1},
    {.name = "External-IP", .description = "Its address outside", .priority = 1},
    {.name = "OS-Image", .description = "Its operating system", .priority = 1},
    {.name = "Kernel-Version", .description = "Its kernel", .priority = 1},
    {.name = "Container-Runtime", .description = "What runs its containers", .priority = 1},
};

std::string node_status(const Subject& node) {
  std::string status = "Unknown";
  for (const Value& condition : node.items({"status", "conditions"})) {
    if (text_of(at(&condition, "type")) == "Ready") {
      status = text_of(at(&condition, "status")) == "True" ? "Ready" : "NotReady";
    }
  }
  return is_true(node.at({"spec", "unschedulable"})) ? status + ",SchedulingDisabled" : status;
}

std::string node_roles(const Subject& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  for (const auto& [label, value] : members_of(node.at({"metadata", "labels"}))) {
    if (label.starts_with(kPrefix)) {
      roles.insert(label.substr(kPrefix.size()));
    } else if (label == "kubernetes.io/role") {
      roles.emplace(text_of(&value));
    }
  }
  roles.erase("");
  const std::vector<std::string> sorted(roles.begin(), roles.end());
  return sorted.empty() ? "<none>" : join(sorted, ",");
}

std::string_view node_address(const Subject& node, std::string_view type) {
  for (const Value& address : node.items({"status", "addresses"})) {
    if (text_of(at(&address, "type")) == type) {
      return text_of(at(&address, "address"));
    }
  }
  return "<none>";
}

void node_cells(const Subject& node, json::Array& cells) {
  cells.emplace_back(node.name());
  cells.emplace_back(node_status(node));
  cells.emplace_back(node_roles(node));
  cells.emplace_back(node.age());
  cells.emplace_back(node.text({"status", "nodeInfo", "kubeletVersion"}));
  cells.emplace_back(node_address(node, "InternalIP"));
  cells.emplace_back(node_address(node, "ExternalIP"));
  for (const std::string_view name : {"osImage", "kernelVersion", "containerRuntimeVersion"}) {
    cells.emplace_back(node.text_or({"status", "nodeInfo", name}, "<unknown>"));
  }
}

constexpr Column kEventColumns[] = {
    {.name = "Last Seen", .description = "Time since it last happened"},
    {.name = "Type", .description = "Normal or Warning"},
    {.name = "Reason", .description = "What happened, in one word"},
    {.name = "Object", .description = "To what it happened"},
    {.name = "Subobject", .description = "To which part of that", .priority = 1},
    {.name = "Source", .description = "Who says so", .priority = 1},
    {.name = "Message", .description = "What happened"},
    {.name = "First Seen", .description = "Time since it first happened", .priority = 1},
    {.name = "Count", .description = "How often it happened", .priority = 1},
    {.name = "Name", .description = kNameColumn.description, .priority = 1, .format = "name"},
};

/// Names of the fields that differ between the two groups of events.
struct EventFields {
  std::string_view object, first, last, count, source, message;
};
constexpr EventFields kCoreEvent{"involvedObject", "firstTimestamp", "lastTimestamp",
                                 "count",          "source",         "message"};
constexpr EventFields kNewEvent{
    "regarding",       "deprecatedFirstTimestamp", "deprecatedLastTimestamp",
    "deprecatedCount", "deprecatedSource",         "note"};

std::string event_source(const Subject& event, const EventFields& fields) {
  const std::string component =
      event.text_or({fields.source, "component"}, event.text({"reportingController"}));
  // The group of old has other names for whom it is reported by.
  const std::string who = component.empty() ? event.text({"reportingComponent"}) : component;
  const std::string host =
      event.text_or({fields.source, "host"}, event.text({"reportingInstance"}));
  return host.empty() ? who : fmt::format("{}, {}", who, host);
}

void event_cells(const Subject& event, json::Array& cells) {
  // Both groups have the same events; how they are written is told by what they have.
  const EventFields& fields = event.at({kNewEvent.object}) == nullptr ? kCoreEvent : kNewEvent;
  const Value* first = event.at({fields.first});
  const std::string first_seen = event.since(first != nullptr ? first : event.at({"eventTime"}));
  const Value* last = event.at({fields.last});
  std::string last_seen = last != nullptr ? event.since(last) : first_seen;
  std::int64_t count = event.number({fields.count});
  if (event.at({"series"}) != nullptr) {
    last_seen = event.since(event.at({"series", "lastObservedTime"}));
    count = event.number({"series", "count"});
  } else if (count == 0) {
    count = 1;
  }
  const std::string kind = to_lower(event.text({fields.object, "kind"}));
  const std::string name = event.text({fields.object, "name"});
  cells.emplace_back(last_seen);
  cells.emplace_back(event.text({"type"}));
  cells.emplace_back(event.text({"reason"}));
  cells.emplace_back(name.empty() ? kind : fmt::format("{}/{}", kind, name));
  cells.emplace_back(event.text({fields.object, "fieldPath"}));
  cells.emplace_back(event_source(event, fields));
  cells.emplace_back(trim(event.text({fields.message})));
  cells.emplace_back(first_seen);
  cells.emplace_back(count);
  cells.emplace_back(event.name());
}

constexpr Column kVolumeColumns[] = {
    kNameColumn,
    {.name = "Capacity", .description = "Its size"},
    {.name = "Access Modes", .description = "Who may read and write it at once"},
    {.name = "Reclaim Policy", .description = "What becomes of it without a claim"},
    {.name = "Status", .description = "Whether it is bound to a claim"},
    {.name = "Claim", .description = "The claim that it is bound to"},
    {.name = "StorageClass", .description = "Its class"},
    {.name = "VolumeAttributesClass", .description = "The class of its attributes"},
    {.name = "Reason", .description = "Why it is in this state"},
    kAgeColumn,
    {.name = "VolumeMode", .description = "Whether it holds files or blocks", .priority = 1},
};

std::string access_modes(const json::Array& modes) {
  constexpr std::pair<std::string_view, std::string_view> kModes[] = {{"ReadWriteOnce", "RWO"},
                                                                      {"ReadOnlyMany", "ROX"},
                                                                      {"ReadWriteMany", "RWX"},
                                                                      {"ReadWriteOncePod", "RWOP"}};
  std::vector<std::string> found;
  for (const auto& [name, letters] : kModes) {
    if (std::ranges::find(modes, Value(name)) != modes.end()) {
      found.emplace_back(letters);
    }
  }
  return join(found, ",");
}

std::string storage_class(const Subject& subject) {
  const Value* old =
      subject.at({"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
  return old != nullptr ? std::string(text_of(old)) : subject.text({"spec", "storageClassName"});
}

std::string volume_phase(const Subject& subject) {
  return subject.is_deleted() ? "Terminating" : subject.text({"status", "phase"});
}

std::string or_unset(const Value* value) {
  return std::string(value == nullptr ? "<unset>" : text_of(value));
}

void volume_cells(const Subject& volume, json::Array& cells) {
  cells.emplace_back(volume.name());
  cells.emplace_back(quantity_text(volume.at({"spec", "capacity", "storage"})));
  cells.emplace_back(access_modes(volume.items({"spec", "accessModes"})));
  cells.emplace_back(volume.text({"spec", "persistentVolumeReclaimPolicy"}));
  cells.emplace_back(volume_phase(volume));
  cells.emplace_back(volume.at({"spec", "claimRef"}) == nullptr
                         ? ""
                         : fmt::format("{}/{}", volume.text({"spec", "claimRef", "namespace"}),
                                       volume.text({"spec", "claimRef", "name"})));
  cells.emplace_back(storage_class(volume));
  cells.emplace_back(or_unset(volume.at({"spec", "volumeAttributesClassName"})));
  cells.emplace_back(volume.text({"status", "reason"}));
  cells.emplace_back(volume.age());
  cells.emplace_back(or_unset(volume.at({"spec", "volumeMode"})));
}

constexpr Column kClaimColumns[] = {
    kNameColumn,
    {.name = "Status", .description = "Whether it has a volume"},
    {.name = "Volume", .description = "The volume that it is bound to"},
    {.name = "Capacity", .description = "The volume's size"},
    {.name = "Access Modes", .description = "Who may read and write the volume at once"},
    {.name = "StorageClass", .description = "Its class"},
    {.name = "VolumeAttributesClass", .description = "The class of its attributes"},
    kAgeColumn,
    {.name = "VolumeMode", .description = "Whether it holds files or blocks", .priority = 1},
};

void claim_cells(const Subject& claim, json::Array& cells) {
  const std::string volume = claim.text({"spec", "volumeName"});
  cells.emplace_back(claim.name());
  cells.emplace_back(volume_phase(claim));
  cells.emplace_back(volume);
  cells.emplace_back(volume.empty() ? ""
                                    : quantity_text(claim.at({"status", "capacity", "storage"})));
  cells.emplace_back(volume.empty() ? "" : access_modes(claim.items({"status", "accessModes"})));
  cells.emplace_back(storage_class(claim));
  cells.emplace_back(or_unset(claim.at({"spec", "volumeAttributesClassName"})));
  cells.emplace_back(claim.age());
  cells.emplace_back(or_unset(claim.at({"spec", "volumeMode"})));
}

constexpr Column kStorageClassColumns[] = {
    kNameColumn,
    {.name = "Provisioner", .description = "Who makes its volumes"},
    {.name = "ReclaimPolicy", .description = "What becomes of volumes without a claim"},
    {.name = "VolumeBindingMode", .description = "When volumes are made and bound"},
    {.name = "AllowVolumeExpansion", .description = "Whether its volumes may grow"},
    kAgeColumn,
};

void storage_class_cells(const Subject& subject, json::Array& cells) {
  const auto is_default = [&subject](std::string_view annotation) {
    return subject.text({"metadata", "annotations", annotation}) == "true";
  };
  cells.emplace_back(subject.name() +
                     (is_default("storageclass.kubernetes.io/is-default-class") ||
                              is_default("storageclass.beta.kubernetes.io/is-default-class")
                          ? " (default)"
                          : ""));
  cells.emplace_back(subject.text({"provisioner"}));
  cells.emplace_back(subject.text_or({"reclaimPolicy"}, "Delete"));
  cells.emplace_back(subject.text_or({"volumeBindingMode"}, "Immediate"));
  cells.emplace_back(is_true(subject.at({"allowVolumeExpansion"})));
  cells.emplace_back(subject.age());
}

constexpr Column kLeaseColumns[] = {
    kNameColumn, {.name = "Holder", .description = "Who holds it"}, kAgeColumn};

void lease_cells(const Subject& lease, json::Array& cells) {
  cells.emplace_back(lease.name());
  cells.emplace_back(lease.text({"spec", "holderIdentity"}));
  cells.emplace_back(lease.age());
}

constexpr Column kRuntimeClassColumns[] = {
    kNameColumn, {.name = "Handler", .description = "What runs its pods"}, kAgeColumn};

void runtime_class_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.text({"handler"}));
  cells.emplace_back(subject.age());
}

constexpr NamedPrinter kPrinters[] = {
    {"", "Namespace", {kNamespaceColumns, namespace_cells}},
    {"", "ConfigMap", {kConfigMapColumns, config_map_cells}},
    {"", "Secret", {kSecretColumns, secret_cells}},
    {"", "ServiceAccount", {kServiceAccountColumns, service_account_cells}},
    {"", "Node", {kNodeColumns, node_cells}},
    {"", "Event", {kEventColumns, event_cells}},
    {"events.k8s.io", "Event", {kEventColumns, event_cells}},
    {"", "PersistentVolume", {kVolumeColumns, volume_cells}},
    {"", "PersistentVolumeClaim", {kClaimColumns, claim_cells}},
    {"storage.k8s.io", "StorageClass", {kStorageClassColumns, storage_class_cells}},
    {"coordination.k8s.io", "Lease", {kLeaseColumns, lease_cells}},
    {"node.k8s.io", "RuntimeClass", {kRuntimeClassColumns, runtime_class_cells}},
};

}  // namespace

std::span<const NamedPrinter> cluster_printers() { return kPrinters; }

}  // namespace kthena::apiserver
