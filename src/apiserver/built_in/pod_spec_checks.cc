#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/metadata_checks.h"
#include "apiserver/built_in/pod_checks.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;

void check_host_network(const Part& spec, Findings& findings) {
  if (!spec["hostNetwork"].is_true()) {
    return;
  }
  for (const std::string_view list : {"containers", "initContainers"}) {
    for (const Part& container : spec[list].items()) {
      for (const Part& port : container["ports"].items()) {
        const std::int64_t host = port["hostPort"].number().value_or(0);
        const std::int64_t own = port["containerPort"].number().value_or(0);
        if (host != 0 && host != own) {
          findings.invalid(port["hostPort"],
                           "must match `containerPort` when `hostNetwork` is true");
        }
      }
    }
  }
}

void check_one_of(const Part& part, std::initializer_list<std::string_view> values,
                  Findings& findings) {
  if (part.text().empty()) {
    findings.required(part.path);
  } else if (std::ranges::find(values, part.text()) == values.end()) {
    findings.unsupported(part.path, *part.value, values);
  }
}

void check_group_id(const Part& id, Findings& findings) {
  if (id && (id.number().value_or(0) < 0 || id.number().value_or(0) > 2147483647)) {
    findings.invalid(id, "must be between 0 and 2147483647, inclusive");
  }
}

void check_pod_security(const Part& spec, Findings& findings) {
  const Part context = spec["securityContext"];
  for (const std::string_view name : {"fsGroup", "runAsUser", "runAsGroup"}) {
    check_group_id(context[name], findings);
  }
  for (const Part& group : context["supplementalGroups"].items()) {
    check_group_id(group, findings);
  }
  if (spec["hostPID"].is_true() && spec["shareProcessNamespace"].is_true()) {
    findings.invalid(context["shareProcessNamespace"].path, true,
                     "ShareProcessNamespace and HostPID cannot both be enabled");
  }
}

void check_dns(const Part& spec, Findings& findings) {
  const Part config = spec["dnsConfig"];
  const Part servers = config["nameservers"];
  if (spec["dnsPolicy"].text() == "None") {
    if (!config) {
      findings.required(config.path, "must provide `dnsConfig` when `dnsPolicy` is None");
      return;
    }
    if (servers.is_nothing()) {
      findings.required(servers.path,
                        "must provide at least one DNS nameserver when `dnsPolicy` is None");
      return;
    }
  }
  if (servers.items().size() > 3) {
    findings.invalid(servers, "must not have more than 3 nameservers");
  }
  for (const Part& server : servers.items()) {
    check_ip(server, findings);
  }
  const auto options = config["options"].items();
  for (const Part& option : options) {
    if (option["name"].text().empty()) {
      findings.required(option.path, "must not be empty");
    }
  }
}

void check_gates(const Part& spec, Findings& findings) {
  for (const Part& gate : spec["readinessGates"].items()) {
    check_qualified_name(gate["conditionType"], findings);
  }
  std::vector<std::string_view> seen;
  for (const Part& gate : spec["schedulingGates"].items()) {
    const std::string_view name = gate["name"].text();
    for (const std::string& problem : kube::label_key_problems(name)) {
      findings.invalid(gate.path, Value(name), problem);
    }
    if (std::ranges::find(seen, name) != seen.end()) {
      findings.duplicate(gate.path, Value(name));
    }
    seen.push_back(name);
  }
}

void check_spec_names(const Part& spec, Findings& findings) {
  for (const std::string_view name : {"serviceAccountName", "nodeName"}) {
    if (!spec[name].text().empty()) {
      check_dns_subdomain(spec[name], findings);
    }
  }
  const Part deadline = spec["activeDeadlineSeconds"];
  if (deadline &&
      (deadline.number().value_or(0) < 1 || deadline.number().value_or(0) > 2147483647)) {
    findings.invalid(deadline, "must be between 1 and 2147483647, inclusive");
  }
  for (const std::string_view name : {"hostname", "subdomain"}) {
    if (!spec[name].text().empty()) {
      check_dns_label(spec[name], findings);
    }
  }
  check_tolerations(spec["tolerations"], findings);
  for (const Part& alias : spec["hostAliases"].items()) {
    check_ip(alias["ip"], findings);
    for (const Part& name : alias["hostnames"].items()) {
      check_dns_subdomain(name, findings);
    }
  }
  for (const std::string_view name : {"priorityClassName", "runtimeClassName"}) {
    if (!spec[name].text().empty()) {
      check_dns_subdomain(spec[name], findings);
    }
  }
  if (const Part policy = spec["preemptionPolicy"]) {
    check_one_of(policy, {"PreemptLowerPriority", "Never"}, findings);
  }
}

}  // namespace

void check_pod_spec(const Part& spec, SpecOf of, Findings& findings) {
  if (!spec["terminationGracePeriodSeconds"]) {
    findings.required(spec["terminationGracePeriodSeconds"].path);
  }
  const Volumes volumes = check_volumes(spec["volumes"], {}, findings);
  check_containers(spec, volumes, findings);
  check_init_containers(spec, volumes, findings);
  check_ephemeral_containers(spec, volumes, findings);
  check_host_network(spec, findings);
  check_one_of(spec["restartPolicy"], {"Always", "OnFailure", "Never"}, findings);
  check_one_of(spec["dnsPolicy"], {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"},
               findings);
  check_labels(spec["nodeSelector"], findings);
  check_pod_security(spec, findings);
  check_affinity(spec["affinity"], findings);
  check_dns(spec, findings);
  check_gates(spec, findings);
  check_topology_spread(spec["topologySpreadConstraints"], findings);
  check_spec_names(spec, findings);
  if (of == SpecOf::Pod && spec["serviceAccountName"].text().empty()) {
    for (const Part& volume : spec["volumes"].items()) {
      for (const Part& source : volume["projected"]["sources"].items()) {
        if (const Part token = source["serviceAccountToken"]) {
          findings.forbidden(token.path,
                             "must not be specified when serviceAccountName is not set");
        }
      }
    }
  }
}

void check_pod_template(const Part& pod_template, Findings& findings) {
  const Part metadata = pod_template["metadata"];
  check_labels({.value = metadata["labels"].value, .path = pod_template.path.child("labels")},
               findings);
  check_annotations(
      {.value = metadata["annotations"].value, .path = pod_template.path.child("annotations")},
      findings);
  check_pod_spec(pod_template["spec"], SpecOf::Template, findings);
  if (const Part ephemeral = pod_template["spec"]["ephemeralContainers"]; !ephemeral.is_nothing()) {
    findings.forbidden(ephemeral.path, "ephemeral containers not allowed in pod template");
  }
}

}  // namespace kthena::apiserver
