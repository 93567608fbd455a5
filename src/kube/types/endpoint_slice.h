// EndpointSlices: addresses that serve, listed by somebody who knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/reference.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

struct EndpointConditions {
  std::optional<bool> ready;
  std::optional<bool> serving;
  std::optional<bool> terminating;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using C = EndpointConditions;
    return std::tuple{json::Field{"ready", &C::ready}, json::Field{"serving", &C::serving},
                      json::Field{"terminating", &C::terminating}};
  }
  friend bool operator==(const EndpointConditions&, const EndpointConditions&) = default;
};

struct Endpoint {
  std::vector<std::string> addresses;  ///< all of the same thing: any one will do
  EndpointConditions conditions;
  std::string hostname;
  std::string node_name;
  std::optional<ObjectReference> target_ref;  ///< the pod, mostly

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using E = Endpoint;
    return std::tuple{
        json::Field{"addresses", &E::addresses, required, min_items(1), max_items(100)},
        json::Field{"conditions", &E::conditions}, json::Field{"hostname", &E::hostname},
        json::Field{"nodeName", &E::node_name}, json::Field{"targetRef", &E::target_ref}};
  }
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct EndpointPort {
  std::string name;
  std::string protocol;  ///< TCP if empty
  std::optional<std::int32_t> port;
  std::string app_protocol;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using P = EndpointPort;
    return std::tuple{json::Field{"name", &P::name}, json::Field{"protocol", &P::protocol},
                      json::Field{"port", &P::port, minimum(1), maximum(65535)},
                      json::Field{"appProtocol", &P::app_protocol}};
  }
  friend bool operator==(const EndpointPort&, const EndpointPort&) = default;
};

struct EndpointSlice {
  ObjectMeta metadata;
  std::string address_type;  ///< "IPv4", "IPv6" or "FQDN"
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;

  static constexpr ResourceType kResource{.api_version = "discovery.k8s.io/v1",
                                          .kind = "EndpointSlice",
                                          .plural = "endpointslices",
                                          .singular = "endpointslice",
                                          .has_status = false};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using namespace json::field;
    using S = EndpointSlice;
    return std::tuple{json::Constant{"apiVersion", "discovery.k8s.io/v1"},
                      json::Constant{"kind", "EndpointSlice"},
                      json::Field{"metadata", &S::metadata},
                      json::Field{"addressType", &S::address_type, required},
                      // Required, but a slice that has none says null.
                      json::Field{"endpoints", &S::endpoints, max_items(1000)},
                      json::Field{"ports", &S::ports, max_items(20000)}};
  }
  friend bool operator==(const EndpointSlice&, const EndpointSlice&) = default;
};

/// Whether requests may be sent there. Ready unless the slice says no; and while it drains
/// (terminating), not ready. Source: Kubernetes API discovery/v1, EndpointConditions.
inline bool is_serving(const Endpoint& endpoint) {
  return endpoint.conditions.ready.value_or(true) &&
         !endpoint.conditions.terminating.value_or(false);
}

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::EndpointSlice);
