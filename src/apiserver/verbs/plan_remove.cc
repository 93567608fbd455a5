#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "apiserver/built_in/access.h"
#include "apiserver/custom/custom_kinds.h"
#include "apiserver/request/refusals.h"
#include "apiserver/verbs/metadata.h"
#include "apiserver/verbs/plan.h"
#include "base/rfc3339.h"

namespace kthena::apiserver {

namespace {

constexpr std::string_view kOrphan = "orphan";
constexpr std::string_view kForeground = "foregroundDeletion";

Answer<void> check_preconditions(const Kind& kind, const json::Value& before,
                                 const RemoveOptions& options) {
  const std::string_view name = metadata_text_of(before, "name");
  const auto check = [&](std::string_view wanted, std::string_view field,
                         std::string_view word) -> Answer<void> {
    const std::string_view is = metadata_text_of(before, field);
    if (!wanted.empty() && wanted != is) {
      return refusals::conflict(
          kind, name,
          fmt::format("Precondition failed: {0} in precondition: {1}, {0} in object meta: {2}",
                      word, wanted, is));
    }
    return {};
  };
  TRY(check(options.uid, "uid", "UID"));
  return check(options.resource_version, "resourceVersion", "ResourceVersion");
}

/// How long the object may still take: of pods that run somewhere, which end on their own.
std::int64_t grace_of(const Kind& kind, const json::Value& before, const RemoveOptions& options) {
  if (kind.resource != "pods") {
    return 0;
  }
  const std::string_view phase = text_at(before, {"status", "phase"});
  if (text_at(before, {"spec", "nodeName"}).empty() || phase == "Failed" || phase == "Succeeded") {
    return 0;
  }
  constexpr std::int64_t kUsual = 30;
  const json::Value* spec = before.find("spec");
  const json::Value* stated =
      spec != nullptr ? spec->find("terminationGracePeriodSeconds") : nullptr;
  std::int64_t grace =
      stated != nullptr && stated->is_number() ? stated->to_int64().value_or(kUsual) : kUsual;
  grace = options.grace_period_seconds.value_or(grace);
  return grace < 0 ? 1 : grace;
}

/// The finalizers that tell the garbage collector what to do with what the object owns.
json::Array finalizers_after(const json::Value& before, kube::Propagation propagation) {
  json::Array finalizers;
  bool orphan = false;
  bool foreground = false;
  if (const json::Value* live = metadata_field(before, "finalizers");
      live != nullptr && live->is_array()) {
    for (const json::Value& one : live->as_array()) {
      const bool is_orphan = one == json::Value(kOrphan);
      const bool is_foreground = one == json::Value(kForeground);
      orphan |= is_orphan;
      foreground |= is_foreground;
      if (!is_orphan && !is_foreground) {
        finalizers.push_back(one);
      }
    }
  }
  if (propagation != kube::Propagation::Unset) {
    orphan = propagation == kube::Propagation::Orphan;
    foreground = propagation == kube::Propagation::Foreground;
  }
  if (orphan) {
    finalizers.emplace_back(kOrphan);
  } else if (foreground) {
    finalizers.emplace_back(kForeground);
  }
  return finalizers;
}

WallTime deletion_time(const json::Value& object, WallTime otherwise) {
  const auto time = parse_rfc3339(metadata_text_of(object, "deletionTimestamp"));
  return time ? *time : otherwise;
}

void mark(json::Value& object, WallTime at, std::int64_t grace) {
  set_metadata(object, "deletionTimestamp",
               std::string(print_rfc3339(at, Rfc3339Fraction::None).view()));
  set_metadata(object, "deletionGracePeriodSeconds", grace);
}

Answer<Draft> remove_namespace(const Kind& kind, json::Value object, WallTime now) {
  const bool holds = [&] {
    const json::Value* spec = object.find("spec");
    const json::Value* finalizers = spec != nullptr ? spec->find("finalizers") : nullptr;
    return finalizers != nullptr && finalizers->is_array() && !finalizers->as_array().empty();
  }();
  if (is_being_deleted(object)) {
    if (holds) {
      return refusals::conflict(
          kind, metadata_text_of(object, "name"),
          "The system is ensuring all content is removed from this namespace.  Upon completion, "
          "this namespace will automatically be purged by the system.");
    }
  } else if (holds) {
    set_metadata(object, "deletionTimestamp",
                 std::string(print_rfc3339(now, Rfc3339Fraction::None).view()));
    json::Value* status = object.find("status");
    (status != nullptr ? *status : object.set("status", json::Object()))
        .set("phase", "Terminating");
    return Draft{.action = Draft::Action::Put, .object = std::move(object)};
  }
  return Draft{.action = has_finalizers(object) ? Draft::Action::Keep : Draft::Action::Remove,
               .object = std::move(object)};
}

}  // namespace

Answer<Draft> Planner::remove(const Kind& kind, const json::Value& before,
                              const RemoveOptions& options, WallTime now) const {
  TRY(check_preconditions(kind, before, options));
  if (kind.resource == "namespaces") {
    return remove_namespace(kind, before, now);
  }
  json::Value after = before;
  json::Array finalizers = finalizers_after(before, options.propagation);
  const bool holds = !finalizers.empty();
  set_metadata(after, "finalizers", holds ? json::Value(std::move(finalizers)) : json::Value());
  const std::int64_t grace = grace_of(kind, before, options);
  if (!is_being_deleted(before)) {
    if (kind.resource == "apiextensions.k8s.io/customresourcedefinitions") {
      // Its objects go first.
      mark(after, now, 0);
      after.find("metadata")->erase("deletionGracePeriodSeconds");
      mark_terminating(after, now);
      return Draft{.action = Draft::Action::Put, .object = std::move(after)};
    }
    if (!holds && grace == 0) {
      return Draft{.action = Draft::Action::Remove, .object = std::move(after)};
    }
    mark(after, now + std::chrono::seconds(grace), grace);
    if (const std::int64_t generation = generation_of(before); generation > 0) {
      set_metadata(after, "generation", generation + 1);
    }
    return Draft{.action = Draft::Action::Put, .object = std::move(after)};
  }
  // Asked again: only sooner, never later.
  const std::int64_t given = deletion_grace_of(before);
  const std::int64_t left =
      options.grace_period_seconds || grace == 0 ? std::min(given, grace) : given;
  if (left == 0 && !holds) {
    return Draft{.action = Draft::Action::Remove, .object = std::move(after)};
  }
  if (left < given) {
    mark(after, deletion_time(before, now) - std::chrono::seconds(given - left), left);
  }
  return Draft{.action = after == before ? Draft::Action::Keep : Draft::Action::Put,
               .object = std::move(after)};
}

}  // namespace kthena::apiserver
