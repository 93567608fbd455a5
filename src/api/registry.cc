#include "api/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/leaderworkerset/v1/leader_worker_set.h"
#include "api/networking/v1alpha1/external_model_provider.h"
#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "api/volcano/v1beta1/pod_group.h"
#include "api/workload/v1alpha1/autoscaling_policy.h"
#include "api/workload/v1alpha1/autoscaling_policy_binding.h"
#include "api/workload/v1alpha1/model_booster.h"
#include "api/workload/v1alpha1/model_serving.h"
#include "base/result.h"
#include "json/codec.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/admission.h"
#include "kube/meta/object.h"

namespace kthena::api {

namespace {

template <class Kind>
void warn_of_deprecation(std::vector<json::Problem>& problems) {
  if (!Kind::kResource.deprecation.empty()) {
    problems.push_back({.kind = json::Problem::Kind::Deprecated,
                        .severity = json::Severity::Warning,
                        .path = "kind",
                        .message = std::string(Kind::kResource.deprecation)});
  }
}

template <class Kind>
Review review(const json::Value& object, const json::Value* before, kube::AdmissionStage stage) {
  kube::Admitted<Kind> admitted = before == nullptr
                                      ? kube::admit<Kind>(object, stage)
                                      : kube::admit_update<Kind>(*before, object, stage);
  Review review{.key = admitted.object.metadata.key(),
                .problems = std::move(admitted.problems),
                .readable = admitted.readable};
  if (review.ok()) {
    review.object = json::encode(admitted.object);
  }
  // The API server itself tells of it where it knows the CRD.
  if (stage == kube::AdmissionStage::Whole) {
    warn_of_deprecation<Kind>(review.problems);
  }
  return review;
}

/// Objects without members that were written, and that we do not write.
void keep_empty_objects(const json::Value& written, json::Value& ours) {
  if (!written.is_object() || !ours.is_object()) {
    return;
  }
  for (const json::Member& member : written.as_object()) {
    if (json::Value* own = ours.find(member.key)) {
      keep_empty_objects(member.value, *own);
    } else if (member.value.is_object()) {
      ours.set(member.key, json::Object{});
    }
  }
}

template <class Kind>
Result<Mutation> mutate(const json::Value& value) {
  Kind object = TRY(json::decode_or_error<Kind>(value, json::DecodeOptions::trusted()));
  Mutation mutation{.before = json::encode(object)};
  keep_empty_objects(value, mutation.before);
  apply_admission_defaults(object);
  mutation.after = json::encode(object);
  return mutation;
}

template <class Kind>
kube::ObjectKey read(const json::Value& value, std::uint32_t, void* objects,
                     std::vector<json::Problem>& problems) {
  kube::Admitted<Kind> admitted = kube::admit<Kind>(value, kube::AdmissionStage::Whole);
  problems = std::move(admitted.problems);
  warn_of_deprecation<Kind>(problems);
  kube::ObjectKey key = admitted.object.metadata.key();
  if (objects == nullptr) {
    return key;
  }
  ReadLog& log = *static_cast<ReadLog*>(objects);
  ++log.count;
  log.objects.emplace_back(Kind::kResource.kind, key);
  if constexpr (requires { references(admitted.object); }) {
    if (!json::has_errors(problems)) {
      for (Reference& reference : references(admitted.object)) {
        problems.push_back(json::as_warning(reference.missing));
        log.references.push_back(std::move(reference));
      }
    }
  }
  return key;
}

template <class Kind>
std::vector<Reference> references_of(const json::Value& value) {
  return references(json::decode<Kind>(value, json::DecodeOptions::trusted()).value);
}

/// The name as a part of a JSON pointer (RFC 6901).
std::string pointer_part(std::string_view name) {
  std::string part = "/";
  for (const char c : name) {
    part += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return part;
}

void add_missing(const json::Value& before, const json::Value& after, const std::string& at,
                 json::Array& patch) {
  if (before.is_array() && after.is_array()) {
    for (std::size_t i = 0; i < before.as_array().size() && i < after.as_array().size(); ++i) {
      add_missing(before.as_array()[i], after.as_array()[i], fmt::format("{}/{}", at, i), patch);
    }
  }
  if (!before.is_object() || !after.is_object()) {
    return;
  }
  for (const json::Member& member : after.as_object()) {
    const std::string path = at + pointer_part(member.key);
    if (const json::Value* old = before.find(member.key)) {
      add_missing(*old, member.value, path, patch);
    } else {
      patch.push_back(json::Object{{"op", "add"}, {"path", path}, {"value", member.value}});
    }
  }
}

template <class Kind>
constexpr KindDoor door() {
  KindDoor door{.resource = &Kind::kResource,
                .type = &json::type_of<Kind>,
                .review = &review<Kind>,
                .mutate = nullptr,
                .references = nullptr,
                .read = &read<Kind>};
  if constexpr (requires(const Kind& object) { references(object); }) {
    door.references = &references_of<Kind>;
  }
  if constexpr (requires(Kind& object) { apply_admission_defaults(object); }) {
    door.mutate = &mutate<Kind>;
  }
  return door;
}

constexpr std::array kOurs{door<workload::AutoscalingPolicy>(),
                           door<workload::AutoscalingPolicyBinding>(),
                           door<networking::ExternalModelProvider>(),
                           door<workload::ModelBooster>(),
                           door<networking::ModelRoute>(),
                           door<networking::ModelServer>(),
                           door<workload::ModelServing>()};
constexpr std::array kOthers{door<leaderworkerset::LeaderWorkerSet>(), door<volcano::PodGroup>()};

}  // namespace

json::Value patch_of(const Mutation& mutation) {
  json::Array patch;
  add_missing(mutation.before, mutation.after, "", patch);
  return patch;
}

std::span<const KindDoor> our_kinds() { return kOurs; }

std::span<const KindDoor> other_kinds() { return kOthers; }

const KindDoor* find_kind(std::string_view api_version, std::string_view kind) {
  const auto* found = std::ranges::find_if(kOurs, [&](const KindDoor& door) {
    return door.resource->kind == kind && door.resource->api_version == api_version;
  });
  return found == kOurs.end() ? nullptr : found;
}

}  // namespace kthena::api
