#include "webhook/webhooks.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/references.h"
#include "api/registry.h"
#include "base/error.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/admission/review.h"
#include "kube/meta/admission.h"

namespace kthena::webhook {

namespace {

using kube::AdmissionDecision;
using kube::AdmissionRequest;
using enum Webhook::Task;
using enum Webhook::Owner;

constexpr std::string_view kNetworking = "networking.serving.volcano.sh/v1alpha1";
constexpr std::string_view kWorkload = "workload.serving.volcano.sh/v1alpha1";

constexpr std::array kAll{
    Webhook{"/validate/modelroute", "validate-modelroute.volcano.sh", Validate, Router, kNetworking,
            "ModelRoute"},
    Webhook{"/validate/modelserver", "validate-modelserver.volcano.sh", Validate, Router,
            kNetworking, "ModelServer"},
    Webhook{"/validate/externalmodelprovider", "validate-externalmodelprovider.volcano.sh",
            Validate, Router, kNetworking, "ExternalModelProvider"},
    Webhook{"/validate/modelbooster", "validate-modelbooster.volcano.sh", Validate,
            ControllerManager, kWorkload, "ModelBooster"},
    Webhook{"/validate/autoscalingpolicy", "validate-autoscalingpolicy.volcano.sh", Validate,
            ControllerManager, kWorkload, "AutoscalingPolicy"},
    Webhook{"/validate/autoscalingpolicybinding", "validate-autoscalingpolicybinding.volcano.sh",
            Validate, ControllerManager, kWorkload, "AutoscalingPolicyBinding"},
    Webhook{"/validate-workload-ai-v1alpha1-modelserving",
            "validate-workload-ai-v1alpha1-modelserving.volcano.sh", Validate, ControllerManager,
            kWorkload, "ModelServing"},
    Webhook{"/mutate/modelbooster", "mutate-modelbooster.volcano.sh", Mutate, ControllerManager,
            kWorkload, "ModelBooster"},
    Webhook{"/mutate/autoscalingpolicy", "mutate-autoscalingpolicy.volcano.sh", Mutate,
            ControllerManager, kWorkload, "AutoscalingPolicy"},
};

/// A finding that makes the object unreadable; null if there is none.
const json::Problem* find_wrong_type(const std::vector<json::Problem>& problems) {
  for (const json::Problem& problem : problems) {
    if (problem.kind == json::Problem::Kind::WrongType) {
      return &problem;
    }
  }
  return nullptr;
}

/// What the object speaks of, unless only its metadata changes: what is on its way out, or was let
/// in before, is not held up by what is gone.
void add_lookups(const api::KindDoor& door, const AdmissionRequest& request,
                 AdmissionDecision& decision) {
  const json::Value* old_spec = request.old_object.find("spec");
  const json::Value* spec = request.object.find("spec");
  if (door.references == nullptr ||
      (old_spec != nullptr && spec != nullptr && *old_spec == *spec)) {
    return;
  }
  for (api::Reference& reference : door.references(request.object)) {
    if (reference.at_admission == api::Reference::AtAdmission::LookedUp) {
      if (reference.key.namespace_name.empty()) {
        reference.key.namespace_name = request.namespace_name;
      }
      decision.lookups.push_back({.type = reference.type,
                                  .key = std::move(reference.key),
                                  .missing = std::move(reference.missing)});
    }
  }
}

Result<AdmissionDecision> validate(const api::KindDoor& door, const AdmissionRequest& request) {
  const bool is_update = request.operation == kube::AdmissionOperation::Update;
  const json::Value* before =
      is_update && request.old_object.is_object() ? &request.old_object : nullptr;
  const api::Review review = door.review(request.object, before, kube::AdmissionStage::Webhook);
  AdmissionDecision decision;
  decision.warnings = kube::warning_texts(review.problems);
  if (review.ok()) {
    decision.verdict = AdmissionDecision::Verdict::Allow;
    add_lookups(door, request, decision);
    return decision;
  }
  if (const json::Problem* wrong = find_wrong_type(review.problems)) {
    return fail(ErrorCode::InvalidArgument, wrong->to_string());
  }
  decision.refusal.message = kube::denial_text(review.problems);
  return decision;
}

Result<AdmissionDecision> mutate(const api::KindDoor& door, const AdmissionRequest& request) {
  AdmissionDecision decision = AdmissionDecision::allow();
  decision.patch = json::Array{};
  if (door.mutate != nullptr) {
    decision.patch = api::patch_of(TRY(door.mutate(request.object)));
  }
  return decision;
}

AdmissionDecision refuse_other(const Webhook& webhook, const AdmissionRequest& request) {
  AdmissionDecision decision;
  decision.refusal = {.message = fmt::format("{} judges {} of {}, and was asked about {} of {}",
                                             webhook.path, webhook.kind, webhook.api_version,
                                             request.kind.kind, request.kind.api_version()),
                      .reason = "BadRequest",
                      .code = 400};
  return decision;
}

}  // namespace

std::span<const Webhook> all_webhooks() { return kAll; }

kube::AdmissionPolicy policy_of(const Webhook& webhook) {
  return [webhook](const AdmissionRequest& request) -> Result<AdmissionDecision> {
    const api::KindDoor* door = api::find_kind(webhook.api_version, webhook.kind);
    if (door == nullptr || request.kind.kind != webhook.kind ||
        request.kind.api_version() != webhook.api_version) {
      return refuse_other(webhook, request);
    }
    if (request.operation == kube::AdmissionOperation::Delete ||
        request.operation == kube::AdmissionOperation::Connect) {
      return fail(ErrorCode::InvalidArgument, "only what is created or updated is judged");
    }
    return webhook.task == Mutate ? mutate(*door, request) : validate(*door, request);
  };
}

}  // namespace kthena::webhook
