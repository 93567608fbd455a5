#include "apiserver/verbs/kind_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "api/registry.h"
#include "apiserver/access/escalation.h"
#include "apiserver/built_in/decode.h"
#include "apiserver/built_in/defaults.h"
#include "apiserver/built_in/strategy.h"
#include "apiserver/built_in/structs.h"
#include "apiserver/built_in/validate.h"
#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/custom_schema.h"
#include "apiserver/patch/json_patch.h"
#include "apiserver/request/refusals.h"
#include "apiserver/verbs/metadata.h"

namespace kthena::apiserver {

namespace {

Answer<void> refuse_if_any(const Kind& kind, const json::Value& object,
                           const std::vector<json::Problem>& problems) {
  if (json::has_errors(problems)) {
    return refusals::invalid(kind, metadata_text_of(object, "name"), problems);
  }
  return {};
}

bool is_definition(const Kind& kind) {
  return kind.resource == "apiextensions.k8s.io/customresourcedefinitions";
}

/// A scale and a binding change the object itself, in their way.
std::string_view endpoint_of(std::string_view subresource) {
  return subresource == "scale" || subresource == "binding" ? std::string_view{} : subresource;
}

void append(std::vector<json::Problem>& problems, std::vector<json::Problem> more) {
  std::ranges::move(more, std::back_inserter(problems));
}

/// Makes a member what it is in `from`.
void carry(const json::Value& from, json::Value& to, std::string_view name) {
  if (const json::Value* value = from.find(name)) {
    to.set(name, *value);
  } else {
    to.erase(name);
  }
}

/// Whether two objects differ in what their generation counts: all but metadata, and the status
/// where that has an endpoint of its own.
bool differs_in_spec(const Kind& kind, const json::Value& a, const json::Value& b) {
  const auto counts = [&](const std::string& name) {
    return name != "metadata" && !(kind.has_status && name == "status");
  };
  const auto all_in = [&](const json::Value& from, const json::Value& in) {
    return std::ranges::all_of(from.as_object(), [&](const json::Member& member) {
      const json::Value* other = in.find(member.key);
      return !counts(member.key) || (other != nullptr && *other == member.value);
    });
  };
  return !all_in(a, b) || !all_in(b, a);
}

/// Source: apiextensions-apiserver 1.34, customResourceStrategy and statusStrategy.
void prepare_custom_update(const Kind& kind, json::Value& object, const json::Value& before,
                           std::string_view subresource) {
  if (subresource == "status") {
    json::Value after = before;
    carry(object, after, "status");
    carry_metadata(object, after, "managedFields");
    object = std::move(after);
    return;
  }
  if (kind.has_status) {
    carry(before, object, "status");
  }
  if (differs_in_spec(kind, object, before)) {
    set_metadata(object, "generation", generation_of(before) + 1);
  }
}

/// Fills in what the webhook of one of our kinds does.
Answer<void> fill_in(const Kind& kind, json::Value& object) {
  const api::KindDoor* door = api::find_kind(kind.api_version, kind.kind);
  if (door == nullptr || door->mutate == nullptr) {
    return {};
  }
  const auto mutation = door->mutate(object);
  if (!mutation) {
    return bad_request(mutation.error().message());
  }
  object = TRY(apply_json_patch(std::move(object), api::patch_of(*mutation)));
  return {};
}

}  // namespace

Answer<void> KindRules::decode(const Kind& kind, json::Value& object, FieldValidation validation,
                               Warnings& warnings) const {
  if (!kind.is_custom()) {
    return read_built_in(*kind.shape, object, validation, {}, warnings);
  }
  std::vector<std::string> unknown;
  kind.custom_schema->prune(object, validation == FieldValidation::Ignore ? nullptr : &unknown);
  for (std::string& path : unknown) {
    path = fmt::format("{} \"{}\"", json::kUnknownField, path);
  }
  if (validation == FieldValidation::Strict && !unknown.empty()) {
    return bad_request(fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}",
                                   kind.kind, kind.version, strict_decoding_error(unknown)));
  }
  warnings.insert(warnings.end(), unknown.begin(), unknown.end());
  return {};
}

void KindRules::set_defaults(const Kind& kind, json::Value& object) const {
  if (is_definition(kind)) {
    default_definition(object);
  }
  if (!kind.is_custom()) {
    apply_built_in_defaults(kind, object);
  } else {
    kind.custom_schema->apply_defaults(object);
  }
}

Answer<void> KindRules::prepare_create(const Kind& kind, json::Value& object) const {
  if (kind.is_custom()) {
    if (kind.has_status) {
      object.erase("status");
    }
    set_metadata(object, "generation", 1);
    return {};
  }
  if (kind.resource == "services") {
    TRY(refuse_if_any(kind, object, allocate_service(object, nullptr, services_)));
  }
  apiserver::prepare_create(kind, object);
  if (is_definition(kind)) {
    prepare_definition(object, nullptr);
  }
  return {};
}

Answer<void> KindRules::prepare_update(const Kind& kind, json::Value& object,
                                       const json::Value& before,
                                       std::string_view subresource) const {
  if (kind.is_custom()) {
    prepare_custom_update(kind, object, before, subresource);
    return {};
  }
  if (kind.resource == "services" && subresource.empty()) {
    TRY(refuse_if_any(kind, object, allocate_service(object, &before, services_)));
  }
  apiserver::prepare_update(kind, object, before, endpoint_of(subresource));
  if (is_definition(kind) && subresource.empty()) {
    prepare_definition(object, &before);
  }
  return {};
}

Answer<void> KindRules::admit(const WriteRequest& request, json::Value& object,
                              const json::Value* before, Warnings&) const {
  const Kind& kind = *request.kind;
  if (const auto policy = kind.group == kRbacGroup ? policy_kind(kind.plural) : std::nullopt;
      policy && request.user != nullptr) {
    TRY(check_escalation(authorizer_, *request.user,
                         {.kind = *policy,
                          .ns = request.namespace_name,
                          .path_name = before != nullptr ? std::string_view(request.name) : "",
                          .before = before,
                          .after = &object}));
  }
  if (kind.is_custom() && request.subresource.empty()) {
    return fill_in(kind, object);
  }
  return {};
}

std::vector<json::Problem> KindRules::validate(const Kind& kind, const json::Value& object,
                                               const json::Value* before,
                                               std::string_view subresource) const {
  if (!kind.is_custom()) {
    if (subresource == "binding") {
      return {};  // it was looked at, and a pod's place is what else cannot be changed
    }
    auto problems = validate_built_in(kind, object, before, endpoint_of(subresource));
    if (is_definition(kind) && subresource.empty()) {
      append(problems, validate_definition(object, before));
    }
    return problems;
  }
  std::vector<json::Problem> problems = validate_metadata(kind, object, before);
  if (subresource == "status") {
    append(problems, kind.custom_schema->validate_status(object, *before));
    return problems;
  }
  append(problems, kind.custom_schema->validate(object, before));
  const api::KindDoor* door = api::find_kind(kind.api_version, kind.kind);
  if (door != nullptr && !json::has_errors(problems)) {
    // The rules that stand in the definition as CEL, and those of the webhook.
    return door->review(object, before, kube::AdmissionStage::Whole).problems;
  }
  return problems;
}

void KindRules::complete(const Kind& kind, json::Value& object) const {
  if (!kind.is_custom()) {
    as_printed(*kind.shape, object);
  }
}

}  // namespace kthena::apiserver
