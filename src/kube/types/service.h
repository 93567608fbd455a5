// Services, as far as we read them; ours are made whole and created by POST.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

struct ServicePort {
  std::string name;
  std::int32_t port = 0;
  std::optional<IntOrString> target_port;  ///< the same as `port` if absent
  std::string protocol;                    ///< TCP if empty
  std::string app_protocol;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using P = ServicePort;
    return std::tuple{json::Field{"name", &P::name}, json::Field{"port", &P::port},
                      json::Field{"targetPort", &P::target_port},
                      json::Field{"protocol", &P::protocol},
                      json::Field{"appProtocol", &P::app_protocol}};
  }
  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

struct ServiceSpec {
  std::string type;        ///< ClusterIP if empty
  std::string cluster_ip;  ///< "None": headless, its name resolves to the pods
  Labels selector;         ///< empty: its endpoints are made by somebody else
  std::vector<ServicePort> ports;
  bool publish_not_ready_addresses = false;

  bool is_headless() const { return cluster_ip == "None"; }

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = ServiceSpec;
    return std::tuple{json::Field{"type", &S::type}, json::Field{"clusterIP", &S::cluster_ip},
                      json::Field{"selector", &S::selector}, json::Field{"ports", &S::ports},
                      json::Field{"publishNotReadyAddresses", &S::publish_not_ready_addresses}};
  }
  friend bool operator==(const ServiceSpec&, const ServiceSpec&) = default;
};

struct Service {
  ObjectMeta metadata;
  ServiceSpec spec;

  static constexpr ResourceType kResource{
      .api_version = "v1", .kind = "Service", .plural = "services", .singular = "service"};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Service"},
                      json::Field{"metadata", &Service::metadata},
                      json::Field{"spec", &Service::spec}};
  }
  friend bool operator==(const Service&, const Service&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Service);
