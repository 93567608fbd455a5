#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/pod_checks.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::FieldPath;
using json::Value;
using Names = std::set<std::string, std::less<>>;

void check_container_port(const Part& port, Names& names, Findings& findings) {
  const Part name = port["name"];
  if (!name.text().empty()) {
    const auto problems = port_name_problems(name.text());
    for (const std::string& problem : problems) {
      findings.invalid(name, problem);
    }
    if (problems.empty() && !names.insert(std::string(name.text())).second) {
      findings.duplicate(name.path, Value(name.text()));
    }
  }
  if (port["containerPort"].number().value_or(0) == 0) {
    findings.required(port["containerPort"].path);
  } else {
    check_port_number(port["containerPort"], findings);
  }
  if (port["hostPort"].number().value_or(0) != 0) {
    check_port_number(port["hostPort"], findings);
  }
  const std::string_view protocol = port["protocol"].text();
  if (protocol.empty()) {
    findings.required(port["protocol"].path);
  } else if (protocol != "TCP" && protocol != "UDP" && protocol != "SCTP") {
    findings.unsupported(port["protocol"].path, Value(protocol), {"SCTP", "TCP", "UDP"});
  }
}

void check_key_reference(const Part& reference, Findings& findings) {
  check_dns_subdomain(reference["name"], findings);
  const Part key = reference["key"];
  if (key.text().empty()) {
    findings.required(key.path);
  } else {
    check_name(key, config_key_problems, findings);
  }
}

constexpr std::array<std::string_view, 6> kResourceFields{
    "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};

void check_resource_reference(const Part& reference, Findings& findings) {
  const Part resource = reference["resource"];
  const std::string_view text = resource.text();
  if (text.empty()) {
    findings.required(resource.path);
    return;
  }
  const bool known = std::ranges::find(kResourceFields, text) != kResourceFields.end() ||
                     text.starts_with("limits.hugepages-") ||
                     text.starts_with("requests.hugepages-");
  if (!known) {
    findings.unsupported(resource.path, *resource.value,
                         {"limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",
                          "requests.ephemeral-storage", "requests.memory"});
  }
}

void check_value_from(const Part& variable, Findings& findings) {
  const Part from = variable["valueFrom"];
  if (!from) {
    return;
  }
  std::size_t sources = 0;
  if (const Part source = from["fieldRef"]) {
    ++sources;
    check_field_reference(source,
                          {"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
                           "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
                           "status.podIP", "status.podIPs"},
                          findings);
  }
  if (const Part source = from["resourceFieldRef"]) {
    ++sources;
    check_resource_reference(source, findings);
  }
  for (const std::string_view name : {"configMapKeyRef", "secretKeyRef"}) {
    if (const Part source = from[name]) {
      ++sources;
      check_key_reference(source, findings);
    }
  }
  if (sources == 0) {
    findings.invalid(from.path, Value(""),
                     "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or "
                     "`secretKeyRef`");
  } else if (!variable["value"].text().empty()) {
    findings.invalid(from.path, Value(""), "may not be specified when `value` is not empty");
  } else if (sources > 1) {
    findings.invalid(from.path, Value(""), "may not have more than one field specified at a time");
  }
}

void check_env(const Part& container, Findings& findings) {
  for (const Part& variable : container["env"].items()) {
    const Part name = variable["name"];
    if (name.text().empty()) {
      findings.required(name.path);
    } else {
      check_name(name, env_name_problems, findings);
    }
    check_value_from(variable, findings);
  }
  const Part list = container["envFrom"];
  for (const Part& source : list.items()) {
    if (!source["prefix"].text().empty()) {
      check_name(source["prefix"], env_name_problems, findings);
    }
    std::size_t sources = 0;
    for (const std::string_view kind : {"configMapRef", "secretRef"}) {
      const Part reference = source[kind];
      if (!reference) {
        continue;
      }
      ++sources;
      if (reference["name"].text().empty()) {
        findings.required(reference["name"].path);
      } else {
        check_dns_subdomain(reference["name"], findings);
      }
    }
    if (sources == 0) {
      findings.invalid(list.path, Value(""), "must specify one of: `configMapRef` or `secretRef`");
    } else if (sources > 1) {
      findings.invalid(list.path, Value(""),
                       "may not have more than one field specified at a time");
    }
  }
}

void check_ids(const Part& context, Findings& findings) {
  for (const std::string_view name : {"runAsUser", "runAsGroup"}) {
    const Part id = context[name];
    if (id && (id.number().value_or(0) < 0 || id.number().value_or(0) > 2147483647)) {
      findings.invalid(id, "must be between 0 and 2147483647, inclusive");
    }
  }
}

void check_security_context(const Part& context, Findings& findings) {
  check_ids(context, findings);
  const Part escalation = context["allowPrivilegeEscalation"];
  if (escalation && !escalation.is_true() && context["privileged"].is_true()) {
    findings.invalid(context.path, *context.value,
                     "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  }
}

void check_policies(const Part& container, Findings& findings) {
  const std::string_view pull = container["imagePullPolicy"].text();
  if (pull.empty()) {
    findings.required(container["imagePullPolicy"].path);
  } else if (pull != "Always" && pull != "IfNotPresent" && pull != "Never") {
    findings.unsupported(container["imagePullPolicy"].path, Value(pull),
                         {"Always", "IfNotPresent", "Never"});
  }
}

void check_common(const Part& container, const Volumes& volumes, Findings& findings) {
  const Part name = container["name"];
  if (name.text().empty()) {
    findings.required(name.path);
  } else {
    check_dns_label(name, findings);
  }
  if (container["image"].text().empty()) {
    findings.required(container["image"].path);
  }
  const Part message = container["terminationMessagePolicy"];
  if (message.text().empty()) {
    findings.required(message.path);
  } else if (message.text() != "File" && message.text() != "FallbackToLogsOnError") {
    findings.unsupported(message.path, *message.value, {"File", "FallbackToLogsOnError"});
  }
  Names port_names;
  for (const Part& port : container["ports"].items()) {
    check_container_port(port, port_names, findings);
  }
  check_env(container, findings);
  check_volume_mounts(container, volumes, findings);
  check_policies(container, findings);
  check_resources(container["resources"], findings);
  check_security_context(container["securityContext"], findings);
}

void check_host_ports(const Part& container, Names& taken, const FieldPath& list_item,
                      Findings& findings) {
  const auto ports = container["ports"].items();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::int64_t number = ports[i]["hostPort"].number().value_or(0);
    if (number == 0) {
      continue;
    }
    std::string text =
        fmt::format("{}/{}/{}", ports[i]["protocol"].text(), ports[i]["hostIP"].text(), number);
    if (taken.contains(text)) {
      findings.duplicate(list_item.child("ports").index(i).child("hostPort"), Value(text));
    }
    taken.insert(std::move(text));
  }
}

// What fields can be named at all.
constexpr std::array<std::string_view, 13> kFieldPaths{
    "metadata.annotations", "metadata.labels", "metadata.name",      "metadata.namespace",
    "metadata.uid",         "spec.nodeName",   "spec.restartPolicy", "spec.serviceAccountName",
    "status.hostIP",        "status.hostIPs",  "status.phase",       "status.podIP",
    "status.podIPs"};

constexpr std::string_view kNotForInit =
    "may not be set for init containers without restartPolicy=Always";

}  // namespace

void check_field_reference(const Part& reference, std::initializer_list<std::string_view> supported,
                           Findings& findings) {
  const Part path = reference["fieldPath"];
  const std::string_view text = path.text();
  if (reference["apiVersion"].text().empty()) {
    findings.required(reference["apiVersion"].path);
    return;
  }
  if (text.empty()) {
    findings.required(path.path);
    return;
  }
  const std::size_t bracket = text.find("['");
  const std::string_view base = text.substr(0, bracket);
  if (bracket != std::string_view::npos && text.ends_with("']") &&
      (base == "metadata.annotations" || base == "metadata.labels")) {
    return;
  }
  if (std::ranges::find(kFieldPaths, text) == kFieldPaths.end()) {
    findings.invalid(
        path, fmt::format("error converting fieldPath: field label not supported: {}", text));
  } else if (std::ranges::find(supported, text) == supported.end()) {
    findings.unsupported(path.path, *path.value, supported);
  }
}

void check_containers(const Part& spec, const Volumes& volumes, Findings& findings) {
  const Part list = spec["containers"];
  const auto containers = list.items();
  if (containers.empty()) {
    findings.required(list.path);
    return;
  }
  Names names;
  for (const Part& container : containers) {
    check_common(container, volumes, findings);
    if (!names.insert(std::string(container["name"].text())).second) {
      findings.duplicate(container["name"].path, Value(container["name"].text()));
    }
    check_probes(container, spec, findings);
    if (const Part policy = container["restartPolicy"]) {
      findings.forbidden(policy.path, "may not be set for non-init containers");
    }
  }
  Names host_ports;
  for (const Part& container : containers) {
    check_host_ports(container, host_ports, container.path, findings);
  }
}

void check_init_containers(const Part& spec, const Volumes& volumes, Findings& findings) {
  Names names;
  for (const Part& container : spec["containers"].items()) {
    names.insert(std::string(container["name"].text()));
  }
  for (const Part& container : spec["initContainers"].items()) {
    check_common(container, volumes, findings);
    const Part policy = container["restartPolicy"];
    const bool is_sidecar = policy.text() == "Always";
    if (policy && !is_sidecar) {
      findings.unsupported(policy.path, *policy.value, {"Always"});
    }
    const Part name = container["name"];
    if (!name.text().empty() && !names.insert(std::string(name.text())).second) {
      findings.duplicate(name.path, Value(name.text()));
    }
    Names host_ports;
    check_host_ports(container, host_ports, spec["initContainers"].path.index(0), findings);
    if (is_sidecar) {
      check_probes(container, spec, findings);
      continue;
    }
    for (const std::string_view field :
         {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
      if (container[field]) {
        findings.forbidden(container[field].path, kNotForInit);
      }
    }
  }
}

void check_ephemeral_containers(const Part& spec, const Volumes& volumes, Findings& findings) {
  Names others;
  for (const std::string_view list : {"containers", "initContainers"}) {
    for (const Part& container : spec[list].items()) {
      others.insert(std::string(container["name"].text()));
    }
  }
  Names names = others;
  for (const Part& container : spec["ephemeralContainers"].items()) {
    check_common(container, volumes, findings);
    const Part name = container["name"];
    if (!names.insert(std::string(name.text())).second) {
      findings.duplicate(name.path, Value(name.text()));
    }
    const Part target = container["targetContainerName"];
    if (!target.text().empty() && !others.contains(target.text())) {
      findings.not_found(target.path, *target.value);
    }
    for (const std::string_view field :
         {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"}) {
      if (container[field]) {
        findings.forbidden(container[field].path, "cannot be set for an Ephemeral Container");
      }
    }
    if (const Part resources = container["resources"]; !resources.is_nothing()) {
      findings.forbidden(resources.path, "cannot be set for an Ephemeral Container");
    }
  }
}

}  // namespace kthena::apiserver
