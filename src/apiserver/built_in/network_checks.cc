#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "base/strings.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;

bool is_protocol(std::string_view text) { return text == "TCP" || text == "UDP" || text == "SCTP"; }

void check_policy_port(const Part& port, Findings& findings) {
  if (const Part protocol = port["protocol"]; protocol && !is_protocol(protocol.text())) {
    findings.unsupported(protocol.path, *protocol.value, {"TCP", "UDP", "SCTP"});
  }
  const Part number = port["port"];
  const Part end = port["endPort"];
  if (!number) {
    if (end) {
      findings.invalid(end, "may not be specified when `port` is not specified");
    }
    return;
  }
  if (number.value->is_string()) {
    if (end) {
      findings.invalid(end, "may not be specified when `port` is non-numeric");
    }
    check_name(number, port_name_problems, findings);
    return;
  }
  check_port_number(number, findings);
  if (end) {
    if (end.number().value_or(0) < number.number().value_or(0)) {
      findings.invalid(end.path, *number.value, "must be greater than or equal to `port`");
    }
    check_port_number(end, findings);
  }
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  const auto bits = parse_int<int>(text.substr(slash + 1));
  const std::string_view address = text.substr(0, slash);
  return bits && *bits >= 0 &&
         ((is_ipv4(address) && *bits <= 32) || (is_ipv6(address) && *bits <= 128));
}

void check_cidr(const Part& cidr, Findings& findings) {
  if (!is_cidr(cidr.text())) {
    findings.invalid(cidr.path, Value(cidr.text()),
                     "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
  }
}

void check_peer(const Part& peer, Findings& findings) {
  const bool selects_some = peer["podSelector"] || peer["namespaceSelector"];
  check_label_selector(peer["podSelector"], findings);
  check_label_selector(peer["namespaceSelector"], findings);
  const Part block = peer["ipBlock"];
  if (block) {
    if (block["cidr"].text().empty()) {
      findings.required(block["cidr"].path);
    } else {
      check_cidr(block["cidr"], findings);
      for (const Part& except : block["except"].items()) {
        check_cidr(except, findings);
      }
    }
  }
  if (!block && !selects_some) {
    findings.required(peer.path, "must specify a peer");
  } else if (block && selects_some) {
    findings.forbidden(peer.path, "may not specify both ipBlock and another peer");
  }
}

constexpr std::string_view kWildcard =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
    "must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric "
    "character (e.g. '*.example.com', regex used for validation is "
    "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

void check_host(const Part& host, Findings& findings) {
  const std::string_view text = host.text();
  if (text.find('*') == std::string_view::npos) {
    check_dns_subdomain(host, findings);
  } else if (!text.starts_with("*.") || !kube::dns_subdomain_problems(text.substr(2)).empty()) {
    findings.invalid(host, kWildcard);
  }
}

void check_backend(const Part& backend, Findings& findings) {
  const Part service = backend["service"];
  const Part resource = backend["resource"];
  if (service && resource) {
    findings.invalid(backend.path, Value(""), "cannot set both resource and service backends");
    return;
  }
  if (resource) {
    for (const std::string_view name : {"kind", "name"}) {
      if (resource[name].text().empty()) {
        findings.required(resource[name].path);
      }
    }
    return;
  }
  if (!service) {
    findings.invalid(backend.path, Value(""), "resource or service backend is required");
    return;
  }
  if (service["name"].text().empty()) {
    findings.required(service["name"].path);
  } else {
    check_name(service["name"], kube::dns_1035_label_problems, findings);
  }
  const Part name = service["port"]["name"];
  const Part number = service["port"]["number"];
  const bool has_number = number.number().value_or(0) != 0;
  if (!name.text().empty() && has_number) {
    findings.invalid(backend.path, Value(""), "cannot set both port name & port number");
  } else if (!name.text().empty()) {
    check_name(name, port_name_problems, findings);
  } else if (has_number) {
    check_port_number(number, findings);
  } else {
    findings.required(backend.path, "port name or number is required");
  }
}

void check_path(const Part& path, Findings& findings) {
  const Part type = path["pathType"];
  const Part where = path["path"];
  const std::string_view text = where.text();
  if (!type) {
    findings.required(type.path, "pathType must be specified");
    return;
  }
  if (type.text() == "Exact" || type.text() == "Prefix") {
    if (!text.starts_with('/')) {
      findings.invalid(where, "must be an absolute path");
    }
    if (!text.empty()) {
      for (const std::string_view bad : {"//", "/./", "/../", "%2f", "%2F"}) {
        if (text.find(bad) != std::string_view::npos) {
          findings.invalid(where, fmt::format("must not contain '{}'", bad));
        }
      }
      for (const std::string_view bad : {"/..", "/."}) {
        if (text.ends_with(bad)) {
          findings.invalid(where, fmt::format("cannot end with '{}'", bad));
        }
      }
    }
  } else if (type.text() == "ImplementationSpecific") {
    if (!text.empty() && !text.starts_with('/')) {
      findings.invalid(where, "must be an absolute path");
    }
  } else {
    findings.unsupported(type.path, *type.value, {"Exact", "ImplementationSpecific", "Prefix"});
  }
  check_backend(path["backend"], findings);
}

void check_rule(const Part& rule, Findings& findings) {
  const Part host = rule["host"];
  if (!host.text().empty()) {
    if (is_ipv4(host.text()) || is_ipv6(host.text())) {
      findings.invalid(host, "must be a DNS name, not an IP address");
    }
    check_host(host, findings);
  }
  if (const Part http = rule["http"]) {
    if (http["paths"].is_nothing()) {
      findings.required(http["paths"].path);
    }
    for (const Part& path : http["paths"].items()) {
      check_path(path, findings);
    }
  }
}

void check_subset(const Part& subset, Findings& findings) {
  if (subset["addresses"].is_nothing() && subset["notReadyAddresses"].is_nothing()) {
    findings.required(subset.path, "must specify `addresses` or `notReadyAddresses`");
  }
  for (const std::string_view list : {"addresses", "notReadyAddresses"}) {
    for (const Part& address : subset[list].items()) {
      check_ip(address["ip"], findings);
      if (!address["hostname"].text().empty()) {
        check_dns_label(address["hostname"], findings);
      }
      if (address["nodeName"]) {
        check_dns_subdomain(address["nodeName"], findings);
      }
      check_endpoint_address(address["ip"], findings);
    }
  }
  const auto ports = subset["ports"].items();
  for (const Part& port : ports) {
    if (port["name"].text().empty()) {
      if (ports.size() > 1) {
        findings.required(port["name"].path);
      }
    } else {
      check_dns_label(port["name"], findings);
    }
    check_port_number(port["port"], findings);
    if (!is_protocol(port["protocol"].text())) {
      findings.unsupported(port["protocol"].path, Value(port["protocol"].text()),
                           {"SCTP", "TCP", "UDP"});
    }
    if (const Part application = port["appProtocol"]) {
      check_qualified_name(application, findings);
    }
  }
}

}  // namespace

void check_network_policy(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  check_label_selector(spec["podSelector"], findings);
  for (const auto& [direction, peers] :
       {std::pair<std::string_view, std::string_view>{"ingress", "from"}, {"egress", "to"}}) {
    for (const Part& rule : spec[direction].items()) {
      for (const Part& port : rule["ports"].items()) {
        check_policy_port(port, findings);
      }
      for (const Part& peer : rule[peers].items()) {
        check_peer(peer, findings);
      }
    }
  }
  const Part types = spec["policyTypes"];
  const auto all = types.items();
  if (all.size() > 2) {
    findings.invalid(types, "may not specify more than two policyTypes");
    return;
  }
  for (const Part& type : all) {
    if (type.text() != "Ingress" && type.text() != "Egress") {
      findings.unsupported(type.path, Value(type.text()), {"Ingress", "Egress"});
    }
  }
}

void check_ingress(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  if (spec["rules"].is_nothing() && !spec["defaultBackend"]) {
    findings.invalid(spec.path, Value(), "either `defaultBackend` or `rules` must be specified");
  }
  if (const Part backend = spec["defaultBackend"]) {
    check_backend(backend, findings);
  }
  for (const Part& rule : spec["rules"].items()) {
    check_rule(rule, findings);
  }
  for (const Part& tls : spec["tls"].items()) {
    for (const Part& host : tls["hosts"].items()) {
      check_host(host, findings);
    }
    if (!tls["secretName"].text().empty()) {
      check_dns_subdomain(tls["secretName"], findings);
    }
  }
  if (const Part name = spec["ingressClassName"]) {
    check_dns_subdomain(name, findings);
  }
}

void check_endpoints(const Part& object, const Value*, Findings& findings) {
  for (const Part& subset : object["subsets"].items()) {
    check_subset(subset, findings);
  }
}

}  // namespace kthena::apiserver
