#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "apiserver/apply/server_side_apply.h"
#include "apiserver/request/refusals.h"
#include "apiserver/verbs/metadata.h"
#include "apiserver/verbs/plan.h"
#include "base/rfc3339.h"
#include "json/problem.h"

namespace kthena::apiserver {

namespace {

std::string seconds_text(WallTime time) {
  return std::string(print_rfc3339(time, Rfc3339Fraction::None).view());
}

std::string_view text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view{};
}

/// Errors: 400 as kube-apiserver says it of a body that is of another kind.
Answer<void> check_kind(const Kind& kind, json::Value& wanted) {
  const std::string_view api_version = text_of(wanted, "apiVersion");
  const std::string_view name = text_of(wanted, "kind");
  if (!name.empty() && name != kind.kind) {
    return bad_request(
        fmt::format("{} in version \"{}\" cannot be handled as a {}: the kind of "
                    "the data does not match the expected kind ({})",
                    name, kind.version, kind.kind, kind.kind));
  }
  if (!api_version.empty() && api_version != kind.api_version) {
    return bad_request(
        fmt::format("the API version in the data ({}) does not match the expected API version ({})",
                    api_version, kind.api_version));
  }
  if (kind.is_custom() && name.empty()) {
    return bad_request(fmt::format("Object 'Kind' is missing in the body of a {}", kind.kind));
  }
  wanted.set("apiVersion", kind.api_version);
  wanted.set("kind", kind.kind);
  return {};
}

/// Two references to one owner become one. Source: dedupOwnerReferences of the API server.
void drop_repeated_owners(json::Value& object, Warnings& warnings) {
  json::Value& metadata = metadata_of(object);
  json::Value* owners = metadata.find("ownerReferences");
  if (owners == nullptr || !owners->is_array()) {
    return;
  }
  json::Array kept;
  for (json::Value& owner : owners->as_array()) {
    if (std::ranges::find(kept, owner) == kept.end()) {
      kept.push_back(std::move(owner));
    } else {
      warnings.push_back(
          fmt::format(".metadata.ownerReferences contains duplicate entries; API server dedups "
                      "owner references in 1.20+, and may reject such requests as early as 1.24; "
                      "please fix your requests; duplicate UID(s) observed: {}",
                      text_of(kept.back(), "uid")));
    }
  }
  *owners = std::move(kept);
}

/// Errors: 422 if one of them is an error; the others are told.
Answer<void> check(const Kind& kind, std::string_view name,
                   const std::vector<json::Problem>& problems, Warnings& warnings) {
  if (json::has_errors(problems)) {
    return refusals::invalid(kind, name, problems);
  }
  for (const json::Problem& problem : problems) {
    warnings.push_back(problem.to_string());
  }
  return {};
}

bool must_go(const Kind& kind, const json::Value& object) {
  if (!is_being_deleted(object) || has_finalizers(object) || deletion_grace_of(object) != 0) {
    return false;
  }
  if (kind.resource == "namespaces") {
    const json::Value* spec = object.find("spec");
    const json::Value* finalizers = spec != nullptr ? spec->find("finalizers") : nullptr;
    return finalizers == nullptr || !finalizers->is_array() || finalizers->as_array().empty();
  }
  return true;
}

Writer writer_of(const WriteRequest& request, WallTime now) {
  return {.manager = request.manager, .now = now};
}

}  // namespace

Target Planner::target_of(const Kind& kind, std::string_view subresource) {
  return {
      .api_version = kind.api_version,
      .kind = kind.kind,
      .origin = kind.origin,
      .schema = kind.schema.get(),
      .subresource = subresource,
      .resets = kind.is_custom() && !kind.has_status
                    ? nullptr
                    : &reset_fields(kind.is_custom() ? std::string_view{} : kind.kind, subresource),
      .other_versions = kind.api_versions};
}

Answer<void> Planner::check_identity(const WriteRequest& request, json::Value& wanted) const {
  if (!wanted.is_object()) {
    return bad_request("the body of the request must be an object");
  }
  if (const json::Value* metadata = wanted.find("metadata");
      metadata != nullptr && !metadata->is_object() && !metadata->is_null()) {
    return bad_request("metadata must be an object");
  }
  TRY(check_kind(*request.kind, wanted));
  const std::string_view given = metadata_text_of(wanted, "namespace");
  if (!request.kind->is_namespaced()) {
    metadata_of(wanted).erase("namespace");
  } else if (given.empty()) {
    metadata_of(wanted).set("namespace", request.namespace_name);
  } else if (given != request.namespace_name) {
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  if (!request.name.empty()) {
    const std::string_view name = metadata_text_of(wanted, "name");
    if (name.empty()) {
      metadata_of(wanted).set("name", request.name);
    } else if (name != request.name) {
      return bad_request(
          fmt::format("the name of the object ({}) does not match the name on the URL ({})", name,
                      request.name));
    }
  }
  return {};
}

Answer<Draft> Planner::create(const WriteRequest& request, json::Value wanted, Ownership ownership,
                              WallTime now, Warnings& warnings) const {
  const Kind& kind = *request.kind;
  TRY(check_identity(request, wanted));
  if (!metadata_text_of(wanted, "resourceVersion").empty()) {
    return refusals::internal("resourceVersion should not be set on objects to be created");
  }
  TRY(rules_.decode(kind, wanted, request.options.validation, warnings));
  for (const std::string_view field :
       {"selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"}) {
    metadata_of(wanted).erase(field);
  }
  set_metadata(wanted, "uid", new_uid_());
  set_metadata(wanted, "creationTimestamp", seconds_text(now));
  drop_repeated_owners(wanted, warnings);
  rules_.set_defaults(kind, wanted);
  TRY(rules_.prepare_create(kind, wanted));
  TRY(rules_.admit(request, wanted, nullptr, warnings));
  const std::string name(metadata_text_of(wanted, "name"));
  TRY(check(kind, name, rules_.validate(kind, wanted, nullptr, request.subresource), warnings));
  rules_.complete(kind, wanted);
  if (ownership == Ownership::Track) {
    wanted = track_update(target_of(kind, request.subresource), writer_of(request, now), nullptr,
                          std::move(wanted));
  }
  return Draft{.action = Draft::Action::Put, .object = std::move(wanted)};
}

Answer<Draft> Planner::update(const WriteRequest& request, json::Value wanted,
                              const json::Value& before, Ownership ownership, WallTime now,
                              Warnings& warnings) const {
  const Kind& kind = *request.kind;
  TRY(check_identity(request, wanted));
  const std::string_view uid = metadata_text_of(wanted, "uid");
  const std::string_view live_uid = metadata_text_of(before, "uid");
  if (!uid.empty() && uid != live_uid) {
    return refusals::conflict(
        kind, request.name,
        fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid,
                    live_uid));
  }
  if (const std::string_view version = metadata_text_of(wanted, "resourceVersion");
      !version.empty() && version != metadata_text_of(before, "resourceVersion")) {
    return refusals::modified(kind, request.name);
  }
  TRY(rules_.decode(kind, wanted, request.options.validation, warnings));
  for (const std::string_view field :
       {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
        "selfLink", "resourceVersion"}) {
    carry_metadata(before, wanted, field);
  }
  drop_repeated_owners(wanted, warnings);
  rules_.set_defaults(kind, wanted);
  TRY(rules_.prepare_update(kind, wanted, before, request.subresource));
  TRY(rules_.admit(request, wanted, &before, warnings));
  TRY(check(kind, request.name, rules_.validate(kind, wanted, &before, request.subresource),
            warnings));
  rules_.complete(kind, wanted);
  if (ownership == Ownership::Track) {
    wanted = track_update(target_of(kind, request.subresource), writer_of(request, now), &before,
                          std::move(wanted));
  }
  keep_times(before, wanted);
  if (must_go(kind, wanted)) {
    return Draft{.action = Draft::Action::Remove, .object = std::move(wanted)};
  }
  if (wanted == before) {
    return Draft{.action = Draft::Action::Keep, .object = std::move(wanted)};
  }
  return Draft{.action = Draft::Action::Put, .object = std::move(wanted)};
}

}  // namespace kthena::apiserver
