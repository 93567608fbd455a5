#include "kube/admission/ca_bundle.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "json/base64.h"
#include "json/value.h"
#include "net/certificate_authority.h"

namespace kthena::kube {

namespace {

/// Set by the chart in cert-manager mode. Source: cert-manager, CA injector.
constexpr std::string_view kInjectAnnotation = "cert-manager.io/inject-ca-from";

const json::Value* find(const json::Value& value, std::string_view first, std::string_view second) {
  const json::Value* inner = value.find(first);
  return inner != nullptr ? inner->find(second) : nullptr;
}

bool is_injected(const json::Value& configuration) {
  const json::Value* annotations = find(configuration, "metadata", "annotations");
  return annotations != nullptr && annotations->find(kInjectAnnotation) != nullptr;
}

bool is_of_other_service(const json::Value& client_config, const ObjectKey& ours) {
  const json::Value* service = client_config.find("service");
  const auto differs = [&](std::string_view member, const std::string& expected) {
    const json::Value* value = service->find(member);
    return value == nullptr || !value->is_string() || value->as_string() != expected;
  };
  return service != nullptr && service->is_object() &&
         (differs("name", ours.name) || differs("namespace", ours.namespace_name));
}

bool has_bundle(const json::Value& webhook, const std::string& bundle) {
  const json::Value* present = find(webhook, "clientConfig", "caBundle");
  return present != nullptr && present->is_string() && present->as_string() == bundle;
}

}  // namespace

Result<std::optional<json::Value>> plan_ca_bundle(const json::Value& configuration,
                                                  const ObjectKey& service,
                                                  std::string_view ca_pem) {
  const json::Value* webhooks = configuration.find("webhooks");
  if (is_injected(configuration) || webhooks == nullptr || webhooks->is_null()) {
    return std::nullopt;
  }
  if (!webhooks->is_array()) {
    return fail(ErrorCode::InvalidArgument, "webhooks: expected an array");
  }
  const std::string bundle = json::encode_base64(ca_pem);
  json::Array patch;
  for (std::size_t i = 0; i < webhooks->as_array().size(); ++i) {
    const json::Value& webhook = webhooks->as_array()[i];
    const json::Value* client = webhook.find("clientConfig");
    if (client == nullptr || !client->is_object()) {
      return fail(ErrorCode::InvalidArgument, fmt::format("webhooks[{}]: no clientConfig", i));
    }
    if (is_of_other_service(*client, service) || has_bundle(webhook, bundle)) {
      continue;
    }
    patch.push_back(json::Object{{"op", "add"},
                                 {"path", fmt::format("/webhooks/{}/clientConfig/caBundle", i)},
                                 {"value", bundle}});
  }
  if (patch.empty()) {
    return std::nullopt;
  }
  if (const json::Value* version = find(configuration, "metadata", "resourceVersion")) {
    patch.insert(
        patch.begin(),
        json::Object{{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", *version}});
  }
  return std::move(patch);
}

std::string live_certificates(std::string_view ca_pem, WallTime now) {
  const auto certificates = net::split_certificates(ca_pem);
  if (!certificates) {
    return std::string(ca_pem);
  }
  std::string live;
  for (const std::string& certificate : *certificates) {
    const auto info = net::read_certificate(certificate);
    if (!info || info->validity.not_after > now) {
      live += certificate;
    }
  }
  return live.empty() ? std::string(ca_pem) : live;
}

}  // namespace kthena::kube
