#include "apiserver/apply/ownership.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/managers.h"
#include "apiserver/apply/server_side_apply.h"
#include "apiserver/apply/typed.h"
#include "json/value.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {

namespace {

/// What the server itself sets: nobody's.
const FieldSet& server_fields() {
  static const FieldSet fields = FieldSet::of({{"apiVersion"},
                                               {"kind"},
                                               {"metadata"},
                                               {"metadata", "name"},
                                               {"metadata", "namespace"},
                                               {"metadata", "creationTimestamp"},
                                               {"metadata", "selfLink"},
                                               {"metadata", "uid"},
                                               {"metadata", "clusterName"},
                                               {"metadata", "generation"},
                                               {"metadata", "managedFields"},
                                               {"metadata", "resourceVersion"}});
  return fields;
}

bool is_served(const Target& target, std::string_view api_version) {
  return api_version == target.api_version ||
         std::ranges::find(target.other_versions, api_version) != target.other_versions.end();
}

FieldSet without_resets(const Target& target, FieldSet fields) {
  return target.resets == nullptr ? std::move(fields)
                                  : subtract_whole(std::move(fields), *target.resets);
}

/// Brings old entries up to date: versions that are gone, and types that merge otherwise now.
void bring_up_to_date(const Target& target, Managers& managers) {
  std::erase_if(managers.all(), [&target](const Manager& manager) {
    return !is_served(target, manager.api_version);
  });
  for (Manager& manager : managers.all()) {
    manager.fields = reconciled(*target.schema, std::move(manager.fields));
  }
}

/// What changed between two objects, less what the endpoint resets.
struct Change {
  FieldSet removed;
  FieldSet set;  ///< modified or added
};

Change change_between(const Target& target, const json::Value& before, const json::Value& after) {
  Difference difference = compare_typed(*target.schema, before, after);
  return {.removed = without_resets(target, std::move(difference.removed)),
          .set = without_resets(
              target, unite(std::move(difference.modified), std::move(difference.added)))};
}

Conflicts find_conflicts(const Managers& managers, const ManagerId& self, const FieldSet& set) {
  Conflicts conflicts;
  if (set.empty()) {
    return conflicts;
  }
  for (const Manager& manager : managers.all()) {
    if (manager.id != self) {
      if (FieldSet fields = intersect(manager.fields, set); !fields.empty()) {
        conflicts.push_back({.manager = manager.id, .fields = std::move(fields)});
      }
    }
  }
  return conflicts;
}

/// Takes what changed from all but `self`.
void take_from_others(Managers& managers, const ManagerId& self, const Change& change) {
  for (Manager& manager : managers.all()) {
    if (manager.id != self) {
      manager.fields = subtract(subtract(std::move(manager.fields), change.set), change.removed);
    }
  }
  managers.erase_empty();
}

/// Removes what the applier had applied before and does not apply now, unless another manager owns
/// it or it was never the applier's.
json::Value prune(const Schema& schema, json::Value merged, const Managers& managers,
                  const FieldSet& applied_before, const FieldSet& applied_now) {
  // Then all of it is still owned, and the steps below would put all of it back.
  if (applied_before.empty() || is_subset(applied_before, applied_now)) {
    return merged;
  }
  const FieldSet before = with_named_fields(schema, applied_before);
  const FieldSet all = with_named_fields(schema, fields_of(schema, merged));
  json::Value pruned = remove_fields(schema, merged, before);
  FieldSet owned;
  for (const Manager& manager : managers.all()) {
    owned = unite(std::move(owned), manager.fields);
  }
  const FieldSet kept = unite(with_named_fields(schema, fields_of(schema, pruned)),
                              with_named_fields(schema, std::move(owned)));
  pruned = remove_fields(schema, merged, subtract(all, kept));
  const FieldSet left = with_named_fields(schema, fields_of(schema, pruned));
  return remove_fields(schema, merged, intersect(subtract(all, left), before));
}

}  // namespace

std::unexpected<kube::Status> conflict_failure(Conflicts conflicts) {
  std::ranges::sort(conflicts, {}, [](const Conflict& c) { return c.manager.text(); });
  kube::Status status{.status = "Failure",
                      .message = {},
                      .reason = "Conflict",
                      .details = kube::StatusDetails{},
                      .code = 409};
  std::string list;
  for (const Conflict& conflict : conflicts) {
    const std::string manager = conflict.manager.describe();
    list += fmt::format("{}conflicts with {}:", list.empty() ? "" : "\n", manager);
    conflict.fields.for_each([&](std::span<const PathElement> path) {
      const std::string field = describe(path);
      list += "\n- " + field;
      status.details->causes.push_back({.reason = "FieldManagerConflict",
                                        .message = "conflict with " + manager,
                                        .field = field});
    });
  }
  const auto& causes = status.details->causes;
  status.message =
      causes.size() == 1
          ? fmt::format("Apply failed with 1 conflict: {}: {}", causes[0].message, causes[0].field)
          : fmt::format("Apply failed with {} conflicts: {}", causes.size(), list);
  return std::unexpected(std::move(status));
}

Outcome apply_fields(const Target& target, const Writer& writer, Managers& managers,
                     const json::Value& live, const json::Value& wanted, Force force) {
  bring_up_to_date(target, managers);
  const ManagerId self{.name = std::string(writer.manager),
                       .operation = Operation::Apply,
                       .api_version = {},
                       .subresource = std::string(target.subresource)};
  Manager& own = managers.at(self, target.api_version);
  const FieldSet before = std::move(own.fields);
  own.fields = without_resets(target, fields_of(*target.schema, wanted));
  own.api_version = target.api_version;
  json::Value merged = merge_typed(*target.schema, live, wanted);
  merged = prune(*target.schema, std::move(merged), managers, before, own.fields);
  const Change change = change_between(target, live, merged);
  Conflicts conflicts = find_conflicts(managers, self, change.set);
  if (force == Force::No && !conflicts.empty()) {
    return {.object = {}, .changed = false, .conflicts = std::move(conflicts)};
  }
  take_from_others(managers, self, change);
  const bool changed = merged != live;
  if (Manager* own_entry = managers.find(self)) {
    own_entry->fields = subtract(std::move(own_entry->fields), server_fields());
    if (changed) {
      own_entry->time = writer.now;
    }
  }
  managers.erase_empty();
  return {.object = std::move(merged), .changed = changed, .conflicts = {}};
}

void update_owners(const Target& target, const Writer& writer, Managers& managers,
                   const json::Value& before, const json::Value& after) {
  bring_up_to_date(target, managers);
  const ManagerId self{.name = writer.manager.empty() ? "unknown" : std::string(writer.manager),
                       .operation = Operation::Update,
                       .api_version = std::string(target.api_version),
                       .subresource = std::string(target.subresource)};
  const Change change = change_between(target, before, after);
  // The writer is treated as the others first: what it changes again is taken from its old entry
  // too, and comes back with the new one.
  for (Manager& manager : managers.all()) {
    manager.fields = subtract(subtract(std::move(manager.fields), change.set), change.removed);
  }
  managers.erase_empty();
  FieldSet changed = subtract(change.set, server_fields());
  if (!changed.empty()) {
    Manager& own = managers.at(self, target.api_version);
    own.fields = unite(std::move(own.fields), std::move(changed));
    own.time = writer.now;
  }
  cap_updaters(managers);
}

}  // namespace kthena::apiserver
