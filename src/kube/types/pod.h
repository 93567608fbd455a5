// Pods, as far as we read them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "json/fields.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

struct ContainerPort {
  std::string name;
  std::int32_t container_port = 0;
  std::string protocol;  ///< TCP if empty

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using P = ContainerPort;
    return std::tuple{json::Field{"name", &P::name},
                      json::Field{"containerPort", &P::container_port, json::field::required,
                                  json::field::minimum(1), json::field::maximum(65535)},
                      json::Field{"protocol", &P::protocol}};
  }
  friend bool operator==(const ContainerPort&, const ContainerPort&) = default;
};

struct Container {
  std::string name;
  std::vector<ContainerPort> ports;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"name", &Container::name},
                      json::Field{"ports", &Container::ports}};
  }
  friend bool operator==(const Container&, const Container&) = default;
};

struct PodSpec {
  std::string node_name;  ///< empty until the pod is scheduled
  std::vector<Container> containers;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"nodeName", &PodSpec::node_name},
                      json::Field{"containers", &PodSpec::containers}};
  }
  friend bool operator==(const PodSpec&, const PodSpec&) = default;
};

struct PodCondition {
  std::string type;
  std::string status;  ///< "True", "False" or "Unknown"
  std::string reason;
  std::optional<Time> last_transition_time;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using C = PodCondition;
    return std::tuple{json::Field{"type", &C::type}, json::Field{"status", &C::status},
                      json::Field{"reason", &C::reason},
                      json::Field{"lastTransitionTime", &C::last_transition_time}};
  }
  friend bool operator==(const PodCondition&, const PodCondition&) = default;
};

struct PodIp {
  std::string ip;

  static constexpr auto fields() { return std::tuple{json::Field{"ip", &PodIp::ip}}; }
  friend bool operator==(const PodIp&, const PodIp&) = default;
};

struct PodStatus {
  std::string
      phase;  ///< "Pending", "Running", "Succeeded", "Failed"; a text, since servers may add some
  std::string pod_ip;
  std::vector<PodIp> pod_ips;
  std::vector<PodCondition> conditions;
  std::optional<Time> start_time;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = PodStatus;
    return std::tuple{json::Field{"phase", &S::phase}, json::Field{"podIP", &S::pod_ip},
                      json::Field{"podIPs", &S::pod_ips}, json::Field{"conditions", &S::conditions},
                      json::Field{"startTime", &S::start_time}};
  }
  friend bool operator==(const PodStatus&, const PodStatus&) = default;
};

struct Pod {
  ObjectMeta metadata;
  PodSpec spec;
  PodStatus status;

  static constexpr ResourceType kResource{
      .api_version = "v1", .kind = "Pod", .plural = "pods", .singular = "pod"};
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Pod"},
                      json::Field{"metadata", &Pod::metadata}, json::Field{"spec", &Pod::spec},
                      json::Field{"status", &Pod::status}};
  }
  friend bool operator==(const Pod&, const Pod&) = default;
};

/// Who speaks of the pod: a cluster states everything, a file only what its writer found necessary.
enum class PodSource : std::uint8_t {
  Cluster,   ///< serves if phase is Running and condition Ready is True
  Manifest,  ///< an absent phase counts as Running, an absent condition as Ready
};

/// Whether requests may be sent to the pod: it has an address, runs, is ready and is not being
/// deleted.
bool is_serving(const Pod& pod, PodSource source);

/// Warns of a pod that has no address and therefore never serves: in a file nobody will add it.
std::vector<json::Problem> validate(const Pod& pod);

/// The value of the condition Ready; nothing if there is no such condition.
std::optional<bool> ready_condition(const Pod& pod);

/// The pod's address: podIP, else the first of podIPs; empty while it has none.
const std::string& address_of(const Pod& pod);

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Pod);
