#include "apiserver/apply/server_side_apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/managers.h"
#include "apiserver/apply/ownership.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/typed.h"
#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "base/result.h"
#include "json/parse.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view kKubectl = "kubectl";
constexpr std::string_view kBeforeFirstApply = "before-first-apply";
constexpr std::size_t kMaxAnnotationBytes = 256UL << 10;

const json::Value* metadata_field(const json::Value& object, std::string_view name) {
  const json::Value* metadata = object.find("metadata");
  return metadata == nullptr ? nullptr : metadata->find(name);
}

std::string_view text_of(const json::Value* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view{};
}

/// As Go prints a GroupVersionKind: "apps/v1, Kind=Deployment", "/v1, Kind=Pod".
std::string describe_kind(std::string_view api_version, std::string_view kind) {
  return fmt::format("{}{}, Kind={}", api_version.contains('/') ? "" : "/", api_version, kind);
}

std::string describe_object(const Target& target, const json::Value& object) {
  return fmt::format("{}/{}; {}", text_of(metadata_field(object, "namespace")),
                     text_of(metadata_field(object, "name")),
                     describe_kind(target.api_version, target.kind));
}

json::Value without_managed_fields(const json::Value& object) {
  if (!object.is_object()) {
    return object;
  }
  json::Object copy;
  for (const auto& [name, value] : object.as_object()) {
    if (name != "metadata" || !value.is_object()) {
      copy.append_new(name, value);
      continue;
    }
    // managedFields is as large as the rest: it is not even copied.
    json::Value& metadata = copy.append_new(name, json::Object{});
    for (const auto& [field, content] : value.as_object()) {
      if (field != "managedFields") {
        metadata.as_object().append_new(field, content);
      }
    }
  }
  return copy;
}

void set_managed_fields(json::Value& object, const Managers& managers) {
  json::Value entries = managers.print();
  if (entries.is_null() || !object.is_object()) {
    return;
  }
  json::Value* metadata = object.find("metadata");
  if (metadata == nullptr || !metadata->is_object()) {
    metadata = &object.as_object().set("metadata", json::Object{});
  }
  metadata->set("managedFields", std::move(entries));
}

/// What an object is before it is created.
json::Value empty_object(const Target& target) {
  json::Value object =
      target.origin == Origin::BuiltIn ? zero_value(*target.schema) : json::Value(json::Object{});
  object.set("apiVersion", target.api_version);
  object.set("kind", target.kind);
  return object;
}

/// Objects of custom resources may be older than their schema; those of built-in kinds fit.
std::optional<std::string> find_misfit(const Target& target, const json::Value& live) {
  return target.origin == Origin::Custom ? find_fault(*target.schema, live, Duplicates::Allowed)
                                         : std::nullopt;
}

/// The fields that a kubectl without server-side apply has applied, as far as they still are as it
/// left them; they are its successor's.
std::optional<FieldSet> fields_last_applied(const Target& target, const json::Value& live) {
  const json::Value* annotations = metadata_field(live, "annotations");
  const std::string_view text =
      text_of(annotations == nullptr ? nullptr : annotations->find(kLastApplied));
  if (text.empty()) {
    return std::nullopt;
  }
  const auto applied = json::parse(text, {.duplicate_keys = json::DuplicateKeys::LastWins});
  if (!applied || text_of(applied->find("apiVersion")) != target.api_version ||
      find_fault(*target.schema, *applied, Duplicates::Refused) ||
      find_fault(*target.schema, live, Duplicates::Refused)) {
    return std::nullopt;
  }
  const Difference difference = compare_typed(*target.schema, *applied, live);
  return subtract(subtract(subtract(fields_of(*target.schema, *applied), difference.modified),
                           difference.added),
                  difference.removed);
}

/// Applies; kubectl does not conflict with what its older self has applied.
Outcome apply_as(const Target& target, const Writer& writer, Managers& managers,
                 const json::Value& live, const json::Value& wanted, Force force) {
  const Managers before = writer.manager == kKubectl ? managers : Managers();
  Outcome outcome = apply_fields(target, writer, managers, live, wanted, force);
  if (outcome.conflicts.empty() || writer.manager != kKubectl) {
    return outcome;
  }
  const auto own = fields_last_applied(target, live);
  if (!own) {
    return outcome;
  }
  for (Conflict& conflict : outcome.conflicts) {
    conflict.fields = subtract(std::move(conflict.fields), *own);
  }
  std::erase_if(outcome.conflicts, [](const Conflict& c) { return c.fields.empty(); });
  if (!outcome.conflicts.empty()) {
    return outcome;
  }
  managers = before;
  return apply_fields(target, writer, managers, live, wanted, Force::Yes);
}

/// Keeps the annotation of client-side apply up to date, for older clients of the same object.
void refresh_last_applied(const json::Value& wanted, json::Value& object) {
  json::Value* metadata = object.find("metadata");
  json::Value* annotations = metadata == nullptr ? nullptr : metadata->find("annotations");
  if (annotations == nullptr || text_of(annotations->find(kLastApplied)).empty()) {
    return;
  }
  json::Value applied = wanted;
  if (json::Value* own = applied.find("metadata")) {
    if (json::Value* list = own->find("annotations"); list != nullptr && list->is_object()) {
      list->erase(kLastApplied);
    }
  }
  annotations->set(kLastApplied, go_json(applied) + "\n");
  std::size_t bytes = 0;
  for (const auto& [name, value] : annotations->as_object()) {
    bytes += name.size() + text_of(&value).size();
  }
  if (bytes > kMaxAnnotationBytes) {
    annotations->erase(kLastApplied);
  }
}

Answer<void> check_wanted(const Target& target, const json::Value& wanted) {
  const std::string_view api_version = text_of(wanted.find("apiVersion"));
  const std::string_view kind = text_of(wanted.find("kind"));
  if (api_version != target.api_version || kind != target.kind) {
    return bad_request("invalid object type: " + describe_kind(api_version, kind));
  }
  const json::Value* managed = metadata_field(wanted, "managedFields");
  if (managed != nullptr && managed->is_array()) {
    return bad_request("metadata.managedFields must be nil");
  }
  if (const auto fault = find_fault(*target.schema, wanted, Duplicates::Refused)) {
    return untranslated(fmt::format("failed to create typed patch object ({}): {}",
                                    describe_object(target, wanted), *fault));
  }
  return {};
}

/// The decoder of custom resources loses empty lists before anyone can take them for a reset.
bool is_reset(const Target& target, const json::Value* managed_fields) {
  if (managed_fields == nullptr || !managed_fields->is_array()) {
    return false;
  }
  const json::Array& entries = managed_fields->as_array();
  return (entries.empty() && target.origin == Origin::BuiltIn) ||
         (entries.size() == 1 && entries[0].is_object() && entries[0].as_object().empty());
}

/// The managers that an update starts from.
Managers managers_before(const Target& target, const json::Value* before,
                         const json::Value& after) {
  const auto of = [](const json::Value* object) {
    return object == nullptr ? Result<Managers>()
                             : Managers::parse(metadata_field(*object, "managedFields"));
  };
  if (target.subresource.empty()) {
    if (is_reset(target, metadata_field(after, "managedFields"))) {
      return {};
    }
    if (auto given = of(&after); given && !given->empty()) {
      return *std::move(given);
    }
  }
  auto live = of(before);
  return live ? *std::move(live) : Managers();
}

}  // namespace

const FieldSet& reset_fields(std::string_view kind, std::string_view subresource) {
  static const FieldSet status = FieldSet::of({{"status"}});
  static const FieldSet spec = FieldSet::of({{"spec"}});
  static const FieldSet of_pod_status =
      FieldSet::of({{"spec"}, {"metadata", "deletionTimestamp"}, {"metadata", "ownerReferences"}});
  static const FieldSet of_deployment_status = FieldSet::of({{"spec"}, {"metadata", "labels"}});
  static const FieldSet of_definition_status = FieldSet::of({{"spec"}, {"metadata"}});
  if (subresource != "status") {
    return status;
  }
  if (kind == "Pod") {
    return of_pod_status;
  }
  if (kind == "Deployment") {
    return of_deployment_status;
  }
  return kind == "CustomResourceDefinition" ? of_definition_status : spec;
}

Answer<Applied> apply_object(const Target& target, const Writer& writer, const json::Value* live,
                             const json::Value& wanted, Force force) {
  TRY(check_wanted(target, wanted));
  const json::Value base = live == nullptr ? empty_object(target) : without_managed_fields(*live);
  if (const auto fault = find_misfit(target, base)) {
    return untranslated(fmt::format("failed to create typed live object ({}): {}",
                                    describe_object(target, base), *fault));
  }
  Managers managers;
  if (live != nullptr) {
    auto parsed = Managers::parse(metadata_field(*live, "managedFields"));
    if (!parsed) {
      return untranslated("failed to decode managed fields: " + parsed.error().message());
    }
    managers = *std::move(parsed);
    if (managers.empty()) {
      update_owners(target, {.manager = kBeforeFirstApply, .now = writer.now}, managers,
                    empty_object(target), base);
    }
  }
  Outcome outcome = apply_as(target, writer, managers, base, wanted, force);
  if (!outcome.conflicts.empty()) {
    return conflict_failure(std::move(outcome.conflicts));
  }
  if (writer.manager == kKubectl) {
    refresh_last_applied(wanted, outcome.object);
  }
  if (target.origin == Origin::BuiltIn) {
    as_stored(*target.schema, outcome.object);
  }
  set_managed_fields(outcome.object, managers);
  return Applied{.object = std::move(outcome.object), .changed = outcome.changed};
}

json::Value track_update(const Target& target, const Writer& writer, const json::Value* before,
                         json::Value after) {
  Managers managers = managers_before(target, before, after);
  json::Value object = without_managed_fields(after);
  if (managers.empty() && before != nullptr) {
    return object;  // not tracked so far, and that starts with an apply only
  }
  const json::Value base =
      before == nullptr ? empty_object(target) : without_managed_fields(*before);
  if (find_fault(*target.schema, object, Duplicates::Allowed) || find_misfit(target, base)) {
    return object;
  }
  update_owners(target, writer, managers, base, object);
  set_managed_fields(object, managers);
  return object;
}

void keep_times(const json::Value& before, json::Value& after) {
  const json::Value* old_entries = metadata_field(before, "managedFields");
  json::Value* metadata = after.find("metadata");
  json::Value* new_entries = metadata == nullptr ? nullptr : metadata->find("managedFields");
  if (old_entries == nullptr || new_entries == nullptr || *old_entries == *new_entries ||
      !old_entries->is_array() || !new_entries->is_array() ||
      old_entries->as_array().size() != new_entries->as_array().size()) {
    return;
  }
  const auto without_time = [](json::Value entry) {
    if (entry.is_object()) {
      entry.erase("time");
    }
    return entry;
  };
  if (!std::ranges::equal(old_entries->as_array(), new_entries->as_array(), {}, without_time,
                          without_time)) {
    return;
  }
  json::Value entries = std::move(*new_entries);
  *new_entries = *old_entries;
  if (before != after) {
    *metadata->find("managedFields") = std::move(entries);
  }
}

}  // namespace kthena::apiserver
