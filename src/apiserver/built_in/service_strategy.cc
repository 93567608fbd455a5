#include "apiserver/built_in/service_strategy.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

bool has_cluster_ip(const Value& service) {
  return text_at(service, {"spec", "type"}) != "ExternalName";
}

bool has_node_ports(const Value& service) {
  const std::string_view type = text_at(service, {"spec", "type"});
  return type == "NodePort" || type == "LoadBalancer";
}

bool has_health_port(const Value& service) {
  return text_at(service, {"spec", "type"}) == "LoadBalancer" &&
         text_at(service, {"spec", "externalTrafficPolicy"}) == "Local";
}

bool is_external(const Value& service) {
  return has_node_ports(service) || (text_at(service, {"spec", "type"}) == "ClusterIP" &&
                                     !is_nothing(at(service, {"spec", "externalIPs"})));
}

bool same_in_spec(const Value& a, const Value& b, std::string_view name) {
  return same(at(a, {"spec", name}), at(b, {"spec", name}));
}

bool same_node_ports(const Value& a, const Value& b) {
  const auto ports_of = [](const Value& service) {
    std::vector<std::int64_t> ports;
    for (const Value& port : items_of(at(service, {"spec", "ports"}))) {
      if (const auto number = number_of(at(port, {"nodePort"}))) {
        ports.push_back(*number);
      }
    }
    std::ranges::sort(ports);
    return ports;
  };
  return ports_of(a) == ports_of(b);
}

}  // namespace

void drop_fields_of_other_type(Value& service, const Value& before) {
  Value& spec = object_at(service, "spec");
  const auto drop_if_same = [&](std::string_view name) {
    if (same_in_spec(service, before, name)) {
      spec.erase(name);
    }
  };
  if (has_cluster_ip(before) && !has_cluster_ip(service)) {
    if (same_in_spec(service, before, "clusterIP") && same_in_spec(service, before, "clusterIPs")) {
      spec.erase("clusterIP");
      spec.erase("clusterIPs");
    }
    drop_if_same("ipFamilies");
    drop_if_same("ipFamilyPolicy");
  }
  if (has_node_ports(before) && !has_node_ports(service) && same_node_ports(service, before)) {
    if (Value* ports = at(spec, {"ports"})) {
      for (Value& port : ports->as_array()) {
        port.erase("nodePort");
      }
    }
  }
  if (has_health_port(before) && !has_health_port(service)) {
    drop_if_same("healthCheckNodePort");
  }
  const bool was_balancer = text_at(before, {"spec", "type"}) == "LoadBalancer";
  const bool is_balancer = text_at(service, {"spec", "type"}) == "LoadBalancer";
  if (was_balancer && !is_balancer) {
    drop_if_same("allocateLoadBalancerNodePorts");
    drop_if_same("loadBalancerClass");
  }
  if (is_external(before) && !is_external(service)) {
    drop_if_same("externalTrafficPolicy");
  }
  if (!is_balancer) {
    if (Value* status = at(service, {"status"})) {
      status->set("loadBalancer", json::Object{});
    }
  }
}

}  // namespace kthena::apiserver
