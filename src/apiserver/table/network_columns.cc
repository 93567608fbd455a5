// Tables of Services, their endpoints, and Ingresses.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/table/printer.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

/// So many items of a list are shown.
constexpr std::size_t kShown = 3;

constexpr Column kServiceColumns[] = {
    kNameColumn,
    {.name = "Type", .description = "From where it is reached"},
    {.name = "Cluster-IP", .description = "Its address within the cluster"},
    {.name = "External-IP", .description = "Its addresses outside"},
    {.name = "Port(s)", .description = "Its ports, with those of the nodes after a colon"},
    kAgeColumn,
    kSelectorColumn,
};

/// Addresses of a load balancer, in order, with commas between.
std::vector<std::string> balancer_addresses(const Subject& subject) {
  std::set<std::string> addresses;
  for (const Value& ingress : subject.items({"status", "loadBalancer", "ingress"})) {
    const std::string_view ip = text_of(at(&ingress, "ip"));
    const std::string_view address = ip.empty() ? text_of(at(&ingress, "hostname")) : ip;
    if (!address.empty()) {
      addresses.emplace(address);
    }
  }
  return {addresses.begin(), addresses.end()};
}

std::string external_address(const Subject& service) {
  const std::string type = service.text({"spec", "type"});
  if (type == "ExternalName") {
    return service.text({"spec", "externalName"});
  }
  std::vector<std::string> addresses;
  if (type == "LoadBalancer") {
    addresses = balancer_addresses(service);
  } else if (type != "ClusterIP" && type != "NodePort") {
    return "<unknown>";
  }
  for (const Value& address : service.items({"spec", "externalIPs"})) {
    addresses.emplace_back(text_of(&address));
  }
  if (!addresses.empty()) {
    return join(addresses, ",");
  }
  return type == "LoadBalancer" ? "<pending>" : "<none>";
}

std::string service_ports(const Subject& service) {
  std::vector<std::string> ports;
  for (const Value& port : service.items({"spec", "ports"})) {
    const std::int64_t node_port = number_of(at(&port, "nodePort")).value_or(0);
    ports.push_back(fmt::format("{}{}/{}", number_of(at(&port, "port")).value_or(0),
                                node_port > 0 ? fmt::format(":{}", node_port) : "",
                                text_of(at(&port, "protocol"))));
  }
  return ports.empty() ? "<none>" : join(ports, ",");
}

void service_cells(const Subject& service, json::Array& cells) {
  cells.emplace_back(service.name());
  cells.emplace_back(service.text({"spec", "type"}));
  const json::Array& addresses = service.items({"spec", "clusterIPs"});
  cells.emplace_back(addresses.empty() ? "<none>" : text_of(&addresses.front()));
  cells.emplace_back(external_address(service));
  cells.emplace_back(service_ports(service));
  cells.emplace_back(service.age());
  cells.emplace_back(labels_text(service.at({"spec", "selector"})));
}

constexpr Column kEndpointsColumns[] = {
    kNameColumn,
    {.name = "Endpoints", .description = "Addresses and ports behind the service"},
    kAgeColumn,
};

std::string address_and_port(std::string_view address, const Value& port) {
  const std::int64_t number = number_of(at(&port, "port")).value_or(0);
  return address.contains(':') ? fmt::format("[{}]:{}", address, number)
                               : fmt::format("{}:{}", address, number);
}

std::string endpoints_text(const Subject& subject) {
  const json::Array& subsets = subject.items({"subsets"});
  if (subsets.empty()) {
    return "<none>";
  }
  std::vector<std::string> list;
  std::size_t count = 0;
  const auto add = [&](std::string address) {
    if (++count <= kShown) {
      list.push_back(std::move(address));
    }
  };
  for (const Value& subset : subsets) {
    const json::Array& ports = items_of(at(&subset, "ports"));
    const json::Array& addresses = items_of(at(&subset, "addresses"));
    if (ports.empty()) {  // of a headless service
      for (const Value& address : addresses) {
        add(std::string(text_of(at(&address, "ip"))));
      }
    }
    for (const Value& port : ports) {
      for (const Value& address : addresses) {
        add(address_and_port(text_of(at(&address, "ip")), port));
      }
    }
  }
  return some_of(list, count, kShown);
}

void endpoints_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(endpoints_text(subject));
  cells.emplace_back(subject.age());
}

constexpr Column kSliceColumns[] = {
    kNameColumn,
    {.name = "AddressType", .description = "Whether addresses are IPv4, IPv6 or names"},
    {.name = "Ports", .description = "Ports that each endpoint has"},
    {.name = "Endpoints", .description = "Addresses of the endpoints"},
    kAgeColumn,
};

std::string or_unset(const std::string& text) { return text.empty() ? "<unset>" : text; }

std::string slice_ports(const Subject& slice) {
  std::vector<std::string> list;
  const json::Array& ports = slice.items({"ports"});
  for (const Value& port : ports) {
    if (list.size() == kShown) {
      break;
    }
    const auto number = number_of(at(&port, "port"));
    const Value* name = at(&port, "name");
    list.push_back(number            ? fmt::format("{}", *number)
                   : name != nullptr ? std::string(text_of(name))
                                     : "*");
  }
  return or_unset(some_of(list, ports.size(), kShown));
}

std::string slice_endpoints(const Subject& slice) {
  std::vector<std::string> list;
  std::size_t count = 0;
  for (const Value& endpoint : slice.items({"endpoints"})) {
    for (const Value& address : items_of(at(&endpoint, "addresses"))) {
      if (++count <= kShown) {
        list.emplace_back(text_of(&address));
      }
    }
  }
  return or_unset(some_of(list, count, kShown));
}

void slice_cells(const Subject& slice, json::Array& cells) {
  cells.emplace_back(slice.name());
  cells.emplace_back(slice.text({"addressType"}));
  cells.emplace_back(slice_ports(slice));
  cells.emplace_back(slice_endpoints(slice));
  cells.emplace_back(slice.age());
}

constexpr Column kIngressColumns[] = {
    kNameColumn,
    {.name = "Class", .description = "Class that says who serves it"},
    {.name = "Hosts", .description = "Hosts of its rules"},
    {.name = "Address", .description = "Where it is reached"},
    {.name = "Ports", .description = "Ports that it opens"},
    kAgeColumn,
};

std::string ingress_hosts(const Subject& ingress) {
  // Rules without a host count among those that are not shown, but only behind the third host.
  std::vector<std::string> list;
  bool more = false;
  const json::Array& rules = ingress.items({"spec", "rules"});
  for (const Value& rule : rules) {
    more = more || list.size() == kShown;
    const std::string_view host = text_of(at(&rule, "host"));
    if (!more && !host.empty()) {
      list.emplace_back(host);
    }
  }
  if (list.empty()) {
    return "*";
  }
  return more ? some_of(list, rules.size(), kShown) : join(list, ",");
}

void ingress_cells(const Subject& ingress, json::Array& cells) {
  cells.emplace_back(ingress.name());
  const Value* ingress_class = ingress.at({"spec", "ingressClassName"});
  cells.emplace_back(ingress_class == nullptr ? "<none>" : text_of(ingress_class));
  cells.emplace_back(ingress_hosts(ingress));
  cells.emplace_back(join(balancer_addresses(ingress), ","));
  cells.emplace_back(ingress.items({"spec", "tls"}).empty() ? "80" : "80, 443");
  cells.emplace_back(ingress.age());
}

constexpr Column kPolicyColumns[] = {
    kNameColumn,
    {.name = "Pod-Selector", .description = "Labels of the pods that it is for"},
    kAgeColumn,
};

void policy_cells(const Subject& policy, json::Array& cells) {
  cells.emplace_back(policy.name());
  cells.emplace_back(selector_text(policy.at({"spec", "podSelector"})));
  cells.emplace_back(policy.age());
}

constexpr NamedPrinter kPrinters[] = {
    {"", "Service", {kServiceColumns, service_cells}},
    {"", "Endpoints", {kEndpointsColumns, endpoints_cells}},
    {"discovery.k8s.io", "EndpointSlice", {kSliceColumns, slice_cells}},
    {"networking.k8s.io", "Ingress", {kIngressColumns, ingress_cells}},
    {"networking.k8s.io", "NetworkPolicy", {kPolicyColumns, policy_cells}},
};

}  // namespace

std::span<const NamedPrinter> network_printers() { return kPrinters; }

}  // namespace kthena::apiserver
