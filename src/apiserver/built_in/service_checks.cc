#include "apiserver/built_in/service_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;
using Names = std::set<std::string, std::less<>>;

bool is_protocol(std::string_view text) { return text == "TCP" || text == "UDP" || text == "SCTP"; }

bool is_headless(const Part& spec) { return spec["clusterIP"].text() == "None"; }

void check_service_port(const Part& port, bool needs_name, Names& names, Findings& findings) {
  const Part name = port["name"];
  if (needs_name && name.text().empty()) {
    findings.required(name.path);
  } else if (!name.text().empty()) {
    check_dns_label(name, findings);
    if (!names.insert(std::string(name.text())).second) {
      findings.duplicate(name.path, Value(name.text()));
    }
  }
  check_port_number(port["port"], findings);
  const Part protocol = port["protocol"];
  if (protocol.text().empty()) {
    findings.required(protocol.path);
  } else if (!is_protocol(protocol.text())) {
    findings.unsupported(protocol.path, *protocol.value, {"SCTP", "TCP", "UDP"});
  }
  check_port(port["targetPort"], findings);
  if (const Part application = port["appProtocol"]) {
    check_qualified_name(application, findings);
  }
}

void check_type_needs(const Part& spec, Findings& findings) {
  const std::string_view type = spec["type"].text();
  const Part ports = spec["ports"];
  if (ports.is_nothing() && !is_headless(spec) && type != "ExternalName") {
    findings.required(ports.path);
  }
  if (type == "LoadBalancer") {
    for (const Part& port : ports.items()) {
      if (port["port"].number() == 10250) {
        findings.invalid(port["port"],
                         "may not expose port 10250 externally since it is used by kubelet");
      }
    }
  }
  if ((type == "LoadBalancer" || type == "NodePort") && is_headless(spec)) {
    findings.invalid(spec["clusterIPs"].path, *spec["clusterIPs"].value,
                     fmt::format("may not be set to 'None' for {} services", type));
  }
  if (type != "ExternalName") {
    return;
  }
  for (const std::string_view name : {"clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
    if (!spec[name].is_nothing()) {
      findings.forbidden(spec[name].path, "may not be set when `type` is 'ExternalName'");
    }
  }
  const Part target = spec["externalName"];
  std::string name(target.text());
  if (name.ends_with('.')) {
    name.pop_back();
  }
  if (name.empty()) {
    findings.required(target.path);
  } else {
    for (const std::string& problem : kube::dns_subdomain_problems(name)) {
      findings.invalid(target.path, Value(name), problem);
    }
  }
}

void check_ports(const Part& spec, Findings& findings) {
  const auto ports = spec["ports"].items();
  Names names;
  for (const Part& port : ports) {
    check_service_port(port, ports.size() > 1, names, findings);
  }
}

void check_session(const Part& spec, Findings& findings) {
  const Part affinity = spec["sessionAffinity"];
  if (affinity.text().empty()) {
    findings.required(affinity.path);
  } else if (affinity.text() != "ClientIP" && affinity.text() != "None") {
    findings.unsupported(affinity.path, *affinity.value, {"ClientIP", "None"});
  }
  const Part config = spec["sessionAffinityConfig"];
  if (affinity.text() == "ClientIP") {
    const Part seconds = config["clientIP"]["timeoutSeconds"];
    const auto number = seconds.number();
    if (number && (*number <= 0 || *number > 86400)) {
      findings.invalid(seconds, "must be greater than 0 and less than 86400");
    }
  } else if (affinity.text() == "None" && config) {
    findings.forbidden(config.path, "must not be set when session affinity is None");
  }
}

bool same_port(const Part& a, const Part& b, std::string_view number) {
  return a["protocol"].text() == b["protocol"].text() && a[number].number() == b[number].number();
}

void check_repeated_ports(const Part& spec, Findings& findings) {
  const auto ports = spec["ports"].items();
  const std::string_view type = spec["type"].text();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (type == "ClusterIP" && ports[i]["nodePort"].number().value_or(0) != 0) {
      findings.forbidden(ports[i]["nodePort"].path, "may not be used when `type` is 'ClusterIP'");
    }
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (ports[i]["nodePort"].number().value_or(0) != 0 &&
          same_port(ports[i], ports[j], "nodePort")) {
        findings.duplicate(ports[i]["nodePort"].path, *ports[i]["nodePort"].value);
        break;
      }
    }
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (same_port(ports[i], ports[j], "port")) {
        findings.duplicate(ports[i].path,
                           // Shown as the server's own type.
                           json::Object{{"Name", ""},
                                        {"Protocol", ports[i]["protocol"].text()},
                                        {"AppProtocol", Value()},
                                        {"Port", ports[i]["port"].number().value_or(0)},
                                        {"TargetPort", 0},
                                        {"NodePort", 0}});
        break;
      }
    }
  }
}

void check_type(const Part& spec, Findings& findings) {
  const Part type = spec["type"];
  if (type.text().empty()) {
    findings.required(type.path);
  } else if (type.text() != "ClusterIP" && type.text() != "NodePort" &&
             type.text() != "LoadBalancer" && type.text() != "ExternalName") {
    findings.unsupported(type.path, *type.value,
                         {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  }
}

bool is_external(const Part& spec) {
  const std::string_view type = spec["type"].text();
  return type == "LoadBalancer" || type == "NodePort" ||
         (type == "ClusterIP" && !spec["externalIPs"].is_nothing());
}

void check_traffic(const Part& spec, Findings& findings) {
  const Part external = spec["externalTrafficPolicy"];
  if (!is_external(spec)) {
    if (!external.text().empty()) {
      findings.invalid(external, "may only be set for externally-accessible services");
    }
  } else if (external.text().empty()) {
    findings.required(external.path);
  } else if (external.text() != "Cluster" && external.text() != "Local") {
    findings.unsupported(external.path, *external.value, {"Cluster", "Local"});
  }
  const Part health = spec["healthCheckNodePort"];
  const bool needs_health = spec["type"].text() == "LoadBalancer" && external.text() == "Local";
  if (!needs_health && health.number().value_or(0) != 0) {
    findings.invalid(health,
                     "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is "
                     "'Local'");
  }
  const Part internal = spec["internalTrafficPolicy"];
  if (internal && internal.text() != "Cluster" && internal.text() != "Local") {
    findings.unsupported(internal.path, *internal.value, {"Cluster", "Local"});
  }
}

void check_update(const Part& spec, const Value& before, Findings& findings) {
  const std::string_view old_type = text_at(before, {"type"});
  const Part ips = spec["clusterIPs"];
  const json::Array& old_ips = items_of(at(before, {"clusterIPs"}));
  if (spec["type"].text() != "ExternalName" && old_type != "ExternalName" && !old_ips.empty()) {
    const auto now = ips.items();
    if (now.empty()) {
      findings.invalid(ips.path.index(0), json::Array{}, "primary clusterIP can not be unset");
    } else if (*now.front().value != old_ips.front()) {
      findings.invalid(ips.path.index(0), *ips.value, "may not change once set");
    }
  }
  const json::Array& old_families = items_of(at(before, {"ipFamilies"}));
  const auto families = spec["ipFamilies"].items();
  if (spec["type"].text() != "ExternalName" && old_type != "ExternalName" &&
      !old_families.empty() && !families.empty() &&
      *families.front().value != old_families.front()) {
    findings.invalid(families.front().path, *spec["ipFamilies"].value,
                     "primary ipFamily can not be changed");
  }
  if (spec["type"].text() == "LoadBalancer" && old_type == "LoadBalancer" &&
      !same(spec["loadBalancerClass"].value, at(before, {"loadBalancerClass"}))) {
    findings.invalid(spec["loadBalancerClass"].path,
                     spec["loadBalancerClass"] ? *spec["loadBalancerClass"].value : Value(),
                     "may not change once set");
  }
}

}  // namespace

void check_service_addresses(const Part& spec, Findings& findings) {
  if (spec["type"].text() == "ExternalName") {
    return;
  }
  const Part ip = spec["clusterIP"];
  const Part ips = spec["clusterIPs"];
  const auto all = ips.items();
  if (!ip.text().empty()) {
    if (all.empty()) {
      findings.required(ips.path);
    } else if (all.front().text() != ip.text()) {
      findings.invalid(ips, "first value must match `clusterIP`");
    }
  } else if (!all.empty()) {
    findings.invalid(ips, "must be empty when `clusterIP` is not specified");
  }
  std::vector<std::string_view> seen;
  for (const Part& family : spec["ipFamilies"].items()) {
    if (family.text() != "IPv4" && family.text() != "IPv6") {
      findings.unsupported(family.path, *family.value, {"IPv4", "IPv6"});
    }
    if (std::ranges::find(seen, family.text()) != seen.end()) {
      findings.duplicate(family.path, *family.value);
    }
    seen.push_back(family.text());
  }
  const Part policy = spec["ipFamilyPolicy"];
  if (policy && policy.text() != "SingleStack" && policy.text() != "PreferDualStack" &&
      policy.text() != "RequireDualStack") {
    findings.unsupported(policy.path, *policy.value,
                         {"PreferDualStack", "RequireDualStack", "SingleStack"});
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == 0 && all[i].text() == "None") {
      if (all.size() > 1) {
        findings.invalid(ips, "'None' must be the first and only value");
      }
      continue;
    }
    check_ip(all[i], findings);
  }
  if (all.size() > 2) {
    findings.invalid(ips, "may only hold up to 2 values");
  }
}

void check_service(const Part& object, const Value* before, Findings& findings) {
  const Part spec = object["spec"];
  if (before != nullptr) {
    if (const Value* old = at(*before, {"spec"})) {
      check_update(spec, *old, findings);
    }
  }
  check_type_needs(spec, findings);
  check_ports(spec, findings);
  check_labels(spec["selector"], findings);
  check_session(spec, findings);
  check_service_addresses(spec, findings);
  for (const Part& ip : spec["externalIPs"].items()) {
    check_ip(ip, findings);
  }
  check_type(spec, findings);
  check_repeated_ports(spec, findings);
  check_traffic(spec, findings);
  const Part load_balancer_class = spec["loadBalancerClass"];
  if (load_balancer_class && spec["type"].text() != "LoadBalancer") {
    findings.forbidden(load_balancer_class.path, "may only be used when `type` is 'LoadBalancer'");
  }
  const Part allocates = spec["allocateLoadBalancerNodePorts"];
  if (allocates && spec["type"].text() != "LoadBalancer") {
    findings.forbidden(allocates.path, "may only be used when `type` is 'LoadBalancer'");
  }
}

void check_endpoint_address(const Part& address, Findings& findings) {
  // Loopback addresses are those of pods where pods are processes: not refused, unlike there.
  const std::string_view text = address.text();
  if (!is_ipv4(text) && !is_ipv6(text)) {
    findings.invalid(address.path, Value(text), "must be a valid IP address");
  } else if (text == "0.0.0.0" || text == "::") {
    findings.invalid(address, fmt::format("may not be unspecified ({})", text));
  } else if (text.starts_with("169.254.") || text.starts_with("fe80:")) {
    findings.invalid(address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  } else if (text.starts_with("224.0.0.") || text.starts_with("ff02:")) {
    findings.invalid(address,
                     "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
  }
}

namespace {

void check_endpoint(const Part& endpoint, std::string_view type, Findings& findings) {
  const Part addresses = endpoint["addresses"];
  const auto all = addresses.items();
  if (all.empty()) {
    findings.required(addresses.path, "must contain at least 1 address");
  } else if (all.size() > 100) {
    findings.too_many(addresses.path, all.size(), 100);
  }
  for (const Part& address : all) {
    const std::string_view text = address.text();
    if (type == "IPv4" || type == "IPv6") {
      const bool valid = is_ipv4(text) || is_ipv6(text);
      if (!valid) {
        check_ip(address, findings);
      } else if ((type == "IPv4") != is_ipv4(text)) {
        findings.invalid(addresses.path, Value(text), fmt::format("must be an {} address", type));
      } else {
        check_endpoint_address(address, findings);
      }
    }
  }
  if (const Part node = endpoint["nodeName"]) {
    check_dns_subdomain(node, findings);
  }
  check_labels(endpoint["deprecatedTopology"], findings);
  if (const Part name = endpoint["hostname"]) {
    check_dns_label(name, findings);
  }
}

}  // namespace

void check_endpoint_slice(const Part& object, const Value* before, Findings& findings) {
  const Part type = object["addressType"];
  if (type.text().empty()) {
    findings.required(type.path);
  } else if (type.text() != "IPv4" && type.text() != "IPv6" && type.text() != "FQDN") {
    findings.unsupported(type.path, *type.value, {"FQDN", "IPv4", "IPv6"});
  }
  Names names;
  for (const Part& port : object["ports"].items()) {
    const Part name = port["name"];
    if (!name.text().empty()) {
      check_dns_label(name, findings);
    }
    if (!names.insert(std::string(name.text())).second) {
      findings.duplicate(name.path, Value(name.text()));
    }
    const Part protocol = port["protocol"];
    if (protocol && !is_protocol(protocol.text())) {
      findings.unsupported(protocol.path, *protocol.value, {"SCTP", "TCP", "UDP"});
    }
    if (const Part application = port["appProtocol"]) {
      check_qualified_name(application, findings);
    }
  }
  const Part endpoints = object["endpoints"];
  const auto all = endpoints.items();
  if (all.size() > 1000) {
    findings.too_many(endpoints.path, all.size(), 1000);
  } else if (before == nullptr || !same(endpoints.value, at(*before, {"endpoints"}))) {
    for (const Part& endpoint : all) {
      check_endpoint(endpoint, type.text(), findings);
    }
  }
  if (before != nullptr) {
    check_immutable(type, at(*before, {"addressType"}), findings);
  }
}

}  // namespace kthena::apiserver
