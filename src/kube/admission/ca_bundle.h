// Whom the API server trusts when it calls webhooks: clientConfig.caBundle of their configurations.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// Source: Kubernetes API, admissionregistration.k8s.io/v1.
inline constexpr ResourceType kValidatingWebhooks{.api_version = "admissionregistration.k8s.io/v1",
                                                  .kind = "ValidatingWebhookConfiguration",
                                                  .plural = "validatingwebhookconfigurations",
                                                  .singular = "validatingwebhookconfiguration",
                                                  .scope = Scope::Cluster,
                                                  .has_status = false};
inline constexpr ResourceType kMutatingWebhooks{.api_version = "admissionregistration.k8s.io/v1",
                                                .kind = "MutatingWebhookConfiguration",
                                                .plural = "mutatingwebhookconfigurations",
                                                .singular = "mutatingwebhookconfiguration",
                                                .scope = Scope::Cluster,
                                                .has_status = false};

/// The JSON patch after which all webhooks of a configuration trust `ca_pem`; nullopt if they do.
/// It touches the bundles that differ and nothing else, and fails if the configuration is no longer
/// the one that was read. A configuration that cert-manager takes care of is left alone, and so are
/// webhooks of other Services.
/// @param service  ours; webhooks that name no Service but a URL are taken for ours too
/// Errors: InvalidArgument (no such configuration).
Result<std::optional<json::Value>> plan_ca_bundle(const json::Value& configuration,
                                                  const ObjectKey& service,
                                                  std::string_view ca_pem);

/// The certificates of a bundle that have not expired; all of them if none can be read.
std::string live_certificates(std::string_view ca_pem, WallTime now);

}  // namespace kthena::kube
