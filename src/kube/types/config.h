// Secrets and ConfigMaps: named texts and bytes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/result.h"
#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// By key.
using Texts = std::map<std::string, std::string, std::less<>>;

/// Never log or print one.
struct Secret {
  ObjectMeta metadata;
  std::string type;   ///< "Opaque", "kubernetes.io/tls"
  Texts data;         ///< in base64; read it with find()
  Texts string_data;  ///< plain texts for the server to put into data; only written, or in files
  std::optional<bool> immutable;

  /// The bytes of a key; nothing if it is not there. Errors: InvalidArgument if it is no base64.
  Result<std::optional<std::string>> find(std::string_view key) const;

  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "Secret",
                                          .plural = "secrets",
                                          .singular = "secret",
                                          .has_status = false};
  static constexpr auto fields() {
    using S = Secret;
    return std::tuple{
        json::Constant{"apiVersion", "v1"},     json::Constant{"kind", "Secret"},
        json::Field{"metadata", &S::metadata},  json::Field{"type", &S::type},
        json::Field{"data", &S::data},          json::Field{"stringData", &S::string_data},
        json::Field{"immutable", &S::immutable}};
  }
  friend bool operator==(const Secret&, const Secret&) = default;
};

struct ConfigMap {
  ObjectMeta metadata;
  Texts data;
  Texts binary_data;  ///< in base64
  std::optional<bool> immutable;

  /// The text of a key, or null.
  const std::string* find(std::string_view key) const;

  static constexpr ResourceType kResource{.api_version = "v1",
                                          .kind = "ConfigMap",
                                          .plural = "configmaps",
                                          .singular = "configmap",
                                          .has_status = false};
  static constexpr auto fields() {
    using C = ConfigMap;
    return std::tuple{
        json::Constant{"apiVersion", "v1"},         json::Constant{"kind", "ConfigMap"},
        json::Field{"metadata", &C::metadata},      json::Field{"data", &C::data},
        json::Field{"binaryData", &C::binary_data}, json::Field{"immutable", &C::immutable}};
  }
  friend bool operator==(const ConfigMap&, const ConfigMap&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Secret);
KTHENA_JSON_EXTERN_TYPE(kthena::kube::ConfigMap);
