// The webhooks of our kinds: where each is asked, and what it says.
//
//   for (const Webhook& webhook : webhook::all_webhooks()) {
//     routes.push_back({.path = std::string(webhook.path), .policy = policy_of(webhook)});
//   }
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kube/admission/review.h"

namespace kthena::webhook {

/// One webhook. Paths and names are a contract: installed configurations name them.
struct Webhook {
  enum class Task : std::uint8_t { Validate, Mutate };
  /// Whose configuration has it.
  enum class Owner : std::uint8_t { ControllerManager, Router };

  std::string_view path;  ///< "/validate/modelroute"
  std::string_view name;  ///< "validate-modelroute.volcano.sh"
  Task task;
  Owner owner;
  std::string_view api_version;
  std::string_view kind;
};

std::span<const Webhook> all_webhooks();

/// Checks objects, or fills in what was left out, as `api/` says. Refuses what is not of the
/// webhook's kind.
kube::AdmissionPolicy policy_of(const Webhook& webhook);

}  // namespace kthena::webhook
