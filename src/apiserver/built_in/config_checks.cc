#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/base64.h"
#include "json/parse.h"
#include "json/value.h"
#include "kube/meta/names.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

using json::FieldPath;
using json::Value;

constexpr std::size_t kMostBytes = 1UL << 20;
constexpr std::string_view kSealed = "field is immutable when `immutable` is set";

/// Of bytes in base64.
std::size_t decoded_size(std::string_view base64) {
  std::size_t size = base64.size() / 4 * 3;
  while (base64.ends_with('=') && size > 0) {
    base64.remove_suffix(1);
    --size;
  }
  return size;
}

void check_keys(const Part& data, Findings& findings) {
  for (const json::Member& member : members_of(data.value)) {
    for (const std::string& problem : config_key_problems(member.key)) {
      findings.invalid(data.path.key(member.key), Value(member.key), problem);
    }
  }
}

void check_sealed(const Part& object, const Value& before,
                  std::initializer_list<std::string_view> members, Findings& findings) {
  if (!is_true(at(before, {"immutable"}))) {
    return;
  }
  if (!object["immutable"].is_true()) {
    findings.forbidden(object["immutable"].path, kSealed);
  }
  for (const std::string_view name : members) {
    if (!same(object[name].value, at(before, {name}))) {
      findings.forbidden(object[name].path, kSealed);
    }
  }
}

}  // namespace

void check_config_map(const Part& object, const Value* before, Findings& findings) {
  if (before != nullptr) {
    check_sealed(object, *before, {"data", "binaryData"}, findings);
  }
  const Part data = object["data"];
  const Part binary = object["binaryData"];
  std::size_t size = 0;
  check_keys(data, findings);
  for (const json::Member& member : members_of(data.value)) {
    if (at(binary.value, member.key) != nullptr) {
      findings.invalid(data.path.key(member.key), Value(member.key),
                       "duplicate of key present in binaryData");
    }
    size += text_of(&member.value).size();
  }
  check_keys(binary, findings);
  for (const json::Member& member : members_of(binary.value)) {
    size += decoded_size(text_of(&member.value));
  }
  if (size > kMostBytes) {
    findings.too_long(FieldPath("[]"), kMostBytes);
  }
}

namespace {

void require_key(const Part& data, std::string_view key, Findings& findings) {
  if (at(data.value, key) == nullptr) {
    findings.required(data.path.key(key));
  }
}

void check_docker_config(const Part& data, std::string_view key, Findings& findings) {
  const Value* given = at(data.value, key);
  if (given == nullptr) {
    findings.required(data.path.key(key));
    return;
  }
  const auto bytes = json::decode_base64(text_of(given));
  const auto parsed = json::parse(bytes.value_or(""));
  if (!parsed || !parsed->is_object()) {
    findings.invalid(data.path.key(key), Value("<secret contents redacted>"),
                     bytes.value_or("").empty() ? "unexpected end of JSON input"
                     : parsed                   ? "json: cannot unmarshal into Go value"
                                                : parsed.error().message());
  }
}

void check_secret_type(const Part& object, Findings& findings) {
  const std::string_view type = object["type"].text();
  const Part data = object["data"];
  if (type == "kubernetes.io/service-account-token") {
    constexpr std::string_view kAccount = "kubernetes.io/service-account.name";
    const Part annotations = object["metadata"]["annotations"];
    if (text_of(at(annotations.value, kAccount)).empty()) {
      findings.required(annotations.path.key(kAccount));
    }
  } else if (type == "kubernetes.io/dockercfg") {
    check_docker_config(data, ".dockercfg", findings);
  } else if (type == "kubernetes.io/dockerconfigjson") {
    check_docker_config(data, ".dockerconfigjson", findings);
  } else if (type == "kubernetes.io/basic-auth") {
    if (at(data.value, "username") == nullptr && at(data.value, "password") == nullptr) {
      findings.required(data.path.key("username"));
      findings.required(data.path.key("password"));
    }
  } else if (type == "kubernetes.io/ssh-auth") {
    if (text_of(at(data.value, "ssh-privatekey")).empty()) {
      findings.required(data.path.key("ssh-privatekey"));
    }
  } else if (type == "kubernetes.io/tls") {
    require_key(data, "tls.crt", findings);
    require_key(data, "tls.key", findings);
  }
}

}  // namespace

void check_secret(const Part& object, const Value* before, Findings& findings) {
  if (before != nullptr) {
    if (object["type"].text() != text_at(*before, {"type"})) {
      findings.invalid(object["type"].path, Value(object["type"].text()), "field is immutable");
    }
    check_sealed(object, *before, {"data"}, findings);
  }
  const Part data = object["data"];
  check_keys(data, findings);
  std::size_t size = 0;
  for (const json::Member& member : members_of(data.value)) {
    size += decoded_size(text_of(&member.value));
  }
  if (size > kMostBytes) {
    findings.too_long(data.path, kMostBytes);
  }
  check_secret_type(object, findings);
}

void check_namespace(const Part& object, const Value* before, Findings& findings) {
  if (before != nullptr) {
    return;
  }
  const Part finalizers = object["spec"]["finalizers"];
  for (const Part& finalizer : finalizers.items()) {
    for (const std::string& problem : kube::label_key_problems(finalizer.text())) {
      findings.invalid(finalizers.path, *finalizer.value, problem);
    }
    if (finalizer.text().find('/') == std::string_view::npos && finalizer.text() != "kubernetes" &&
        finalizer.text() != "orphan" && finalizer.text() != "foregroundDeletion") {
      findings.invalid(finalizers.path, *finalizer.value,
                       "name is neither a standard finalizer name nor is it fully qualified");
    }
  }
}

void check_lease(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  const Part duration = spec["leaseDurationSeconds"];
  if (duration && duration.number().value_or(0) <= 0) {
    findings.invalid(duration, "must be greater than 0");
  }
  if (spec["leaseTransitions"].number().value_or(0) < 0) {
    findings.invalid(spec["leaseTransitions"], "must be greater than or equal to 0");
  }
  if (!spec["preferredHolder"].text().empty() && spec["strategy"].text().empty()) {
    findings.forbidden(spec["preferredHolder"].path,
                       "may only be specified if `strategy` is defined");
  }
}

namespace {

void check_access_modes(const Part& modes, Findings& findings) {
  if (modes.is_nothing()) {
    findings.required(modes.path, "at least 1 access mode is required");
  }
  bool alone = false;
  bool others = false;
  for (const Part& mode : modes.items()) {
    const std::string_view text = mode.text();
    if (text == "ReadWriteOncePod") {
      alone = true;
    } else if (text == "ReadOnlyMany" || text == "ReadWriteMany" || text == "ReadWriteOnce") {
      others = true;
    } else {
      findings.unsupported(modes.path, Value(text),
                           {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"});
    }
  }
  if (alone && others) {
    findings.forbidden(modes.path, "may not use ReadWriteOncePod with other access modes");
  }
}

}  // namespace

void check_claim_spec(const Part& spec, Findings& findings) {
  check_access_modes(spec["accessModes"], findings);
  check_label_selector(spec["selector"], findings);
  const Part storage{.value = at(spec["resources"]["requests"].value, "storage"),
                     .path = spec["resources"].path.key("storage")};
  if (!storage) {
    findings.required(storage.path);
  } else if (const auto size = kube::Quantity::from_json(*storage.value);
             size && size->sign() <= 0) {
    findings.invalid(storage, "must be greater than zero");
  }
  if (!spec["storageClassName"].text().empty()) {
    check_dns_subdomain(spec["storageClassName"], findings);
  }
  const Part mode = spec["volumeMode"];
  if (mode && mode.text() != "Block" && mode.text() != "Filesystem") {
    findings.unsupported(mode.path, *mode.value, {"Block", "Filesystem"});
  }
}

namespace {

void check_claim_update(const Part& object, const Value& before, Findings& findings) {
  Value now = object["spec"] ? *object["spec"].value : Value(json::Object{});
  Value was = at(before, {"spec"}) != nullptr ? *at(before, {"spec"}) : Value(json::Object{});
  if (text_at(was, {"volumeName"}).empty()) {
    was.erase("volumeName");
    now.erase("volumeName");
  }
  if (at(was, {"storageClassName"}) == nullptr) {
    now.erase("storageClassName");
  }
  const Value* new_size = at(object["spec"].value, "resources");
  if (object["status"]["phase"].text() == "Bound") {
    now.erase("volumeAttributesClassName");
    was.erase("volumeAttributesClassName");
    for (Value* spec : {&now, &was}) {
      if (Value* requests = at(*spec, {"resources", "requests"})) {
        requests->erase("storage");
      }
    }
  }
  if (now != was) {
    findings.forbidden(FieldPath("spec"),
                       "spec is immutable after creation except resources.requests and "
                       "volumeAttributesClassName for bound claims\n");
  }
  const auto amount_of = [](const Value* value) {
    const auto read = value == nullptr ? Result<kube::Quantity>(kube::Quantity())
                                       : kube::Quantity::from_json(*value);
    return read.value_or(kube::Quantity());
  };
  const auto size = amount_of(at(at(new_size, "requests"), "storage"));
  if (size < amount_of(at(before, {"spec", "resources", "requests", "storage"})) &&
      size <= amount_of(at(before, {"status", "capacity", "storage"}))) {
    findings.forbidden(FieldPath("spec.resources.requests.storage"),
                       "field can not be less than status.capacity");
  }
  check_immutable({.value = object["spec"]["volumeMode"].value, .path = FieldPath("volumeMode")},
                  at(before, {"spec", "volumeMode"}), findings);
}

}  // namespace

void check_claim(const Part& object, const Value* before, Findings& findings) {
  check_claim_spec(object["spec"], findings);
  if (before != nullptr) {
    check_claim_update(object, *before, findings);
  }
}

void check_priority_class(const Part& object, const Value* before, Findings& findings) {
  constexpr std::int64_t kHighest = 1'000'000'000;
  const Part value = object["value"];
  const Part policy = object["preemptionPolicy"];
  if (before != nullptr) {
    if (value.number().value_or(0) != number_of(at(*before, {"value"})).value_or(0)) {
      findings.forbidden(value.path, "may not be changed in an update.");
    }
    check_immutable(policy, at(*before, {"preemptionPolicy"}), findings);
    return;
  }
  const Part name = object["metadata"]["name"];
  if (name.text().starts_with("system-")) {
    if (name.text() != "system-cluster-critical" && name.text() != "system-node-critical") {
      findings.forbidden(name.path,
                         fmt::format("priority class names with 'system-' prefix are reserved for "
                                     "system use only. error: {} is not a known system priority "
                                     "class",
                                     name.text()));
    }
  } else if (value.number().value_or(0) > kHighest) {
    findings.forbidden(value.path,
                       "maximum allowed value of a user defined priority is 1000000000");
  }
  if (policy && policy.text() != "PreemptLowerPriority" && policy.text() != "Never") {
    findings.unsupported(policy.path, *policy.value, {"PreemptLowerPriority", "Never"});
  }
}

void check_storage_class(const Part& object, const Value* before, Findings& findings) {
  if (before != nullptr) {
    for (const std::string_view name : {"parameters", "provisioner", "reclaimPolicy"}) {
      if (!same(object[name].value, at(*before, {name}))) {
        findings.forbidden(object[name].path, fmt::format("updates to {} are forbidden.", name));
      }
    }
    check_immutable(object["volumeBindingMode"], at(*before, {"volumeBindingMode"}), findings);
  }
  const Part provisioner = object["provisioner"];
  if (provisioner.text().empty()) {
    findings.required(provisioner.path);
  } else {
    std::string lower(provisioner.text());
    for (char& c : lower) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    for (const std::string& problem : kube::label_key_problems(lower)) {
      findings.invalid(provisioner.path, Value(lower), problem);
    }
  }
  const Part reclaim = object["reclaimPolicy"];
  if (!reclaim.text().empty() && reclaim.text() != "Delete" && reclaim.text() != "Retain") {
    findings.unsupported(reclaim.path, *reclaim.value, {"Delete", "Retain"});
  }
  const Part binding = object["volumeBindingMode"];
  if (binding.text() != "Immediate" && binding.text() != "WaitForFirstConsumer") {
    findings.unsupported(binding.path, Value(binding.text()),
                         {"Immediate", "WaitForFirstConsumer"});
  }
}

void check_disruption_budget(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  if (spec["minAvailable"] && spec["maxUnavailable"]) {
    findings.invalid(spec, "minAvailable and maxUnavailable cannot be both set");
  }
  for (const std::string_view name : {"minAvailable", "maxUnavailable"}) {
    check_count_or_percent(spec[name], findings);
    check_at_most_all(spec[name], findings);
  }
  check_label_selector(spec["selector"], findings);
  const Part policy = spec["unhealthyPodEvictionPolicy"];
  if (policy && policy.text() != "AlwaysAllow" && policy.text() != "IfHealthyBudget") {
    findings.unsupported(policy.path, *policy.value, {"AlwaysAllow", "IfHealthyBudget"});
  }
}

void check_event(const Part& object, const Value*, Findings& findings) {
  // Of core events without a time only their place is looked at.
  const Part about =
      object["involvedObject"].is_nothing() ? object["regarding"] : object["involvedObject"];
  const std::string_view space = object["metadata"]["namespace"].text();
  const std::string_view of = about["namespace"].text();
  const FieldPath path("involvedObject.namespace");
  if (object["eventTime"].is_nothing()) {
    if (of.empty() ? (!space.empty() && space != "default") : space != of) {
      findings.invalid(path, Value(of), "does not match event.namespace");
    }
  } else if (of.empty() ? (space != "default" && space != "kube-system") : space != of) {
    findings.invalid(path, Value(of), "does not match event.namespace");
  }
}

}  // namespace kthena::apiserver
