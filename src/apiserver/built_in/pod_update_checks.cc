#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/pod_checks.h"
#include "apiserver/built_in/pod_resources.h"
#include "apiserver/built_in/validate_kinds.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr std::string_view kOtherFields =
    "pod updates may not change fields other than "
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
    "negative)\n";

void put(Value& object, std::string_view name, const Value* value) {
  if (value == nullptr) {
    object.erase(name);
  } else {
    object.set(name, *value);
  }
}

/// Whether the lists may be compared one by one.
bool check_container_list(const Part& now, const Value* before, Findings& findings) {
  const auto containers = now.items();
  if (containers.size() != items_of(before).size()) {
    findings.forbidden(now.path, "pod updates may not add or remove containers");
    return false;
  }
  for (const Part& container : containers) {
    const Part image = container["image"];
    if (image.text().empty()) {
      findings.required(image.path);
    }
    if (trim(image.text()).size() != image.text().size()) {
      findings.invalid(image, "must not have leading or trailing whitespace");
    }
  }
  return true;
}

void check_deadline(const Part& deadline, const Value* before, Findings& findings) {
  const auto now = deadline.number();
  const auto was = number_of(before);
  if (now) {
    if (*now < 0 || *now > 2147483647) {
      findings.invalid(deadline, "must be between 0 and 2147483647, inclusive");
    }
    if (was && *was < *now) {
      findings.invalid(deadline, "must be less than or equal to previous value");
    }
  } else if (was) {
    findings.invalid(deadline.path, Value(),
                     "must not update from a positive integer to nil value");
  }
}

void check_tolerations_kept(const Part& now, const Value* before, Findings& findings) {
  for (const Value& old : items_of(before)) {
    Value without_time = old;
    without_time.erase("tolerationSeconds");
    const bool kept = std::ranges::any_of(items_of(now.value), [&](const Value& toleration) {
      Value other = toleration;
      other.erase("tolerationSeconds");
      return other == without_time;
    });
    if (!kept) {
      findings.forbidden(now.path,
                         "existing toleration can not be modified except its tolerationSeconds");
    }
  }
  check_tolerations(now, findings);
}

void check_gates_gone(const Part& now, const Value* before, Findings& findings) {
  for (const Part& gate : now.items()) {
    const bool known = std::ranges::any_of(items_of(before), [&](const Value& old) {
      return text_at(old, {"name"}) == gate["name"].text();
    });
    if (!known) {
      findings.forbidden(gate["name"].path,
                         fmt::format("only deletion is allowed, but found new scheduling gate '{}'",
                                     gate["name"].text()));
    }
  }
}

void keep_images(Value& spec, const Value& before, std::string_view list) {
  Value* containers = at(spec, {list});
  const json::Array& old = items_of(at(before, {list}));
  for (std::size_t i = 0; i < items_of(containers).size() && i < old.size(); ++i) {
    put(containers->as_array()[i], "image", at(old[i], {"image"}));
  }
}

/// The new spec with all that may change as it was before.
Value with_old_mutable_fields(const Value& now, const Value& before) {
  Value spec = now;
  keep_images(spec, before, "containers");
  keep_images(spec, before, "initContainers");
  for (const std::string_view name : {"activeDeadlineSeconds", "schedulingGates", "tolerations"}) {
    put(spec, name, at(before, {name}));
  }
  const auto was = number_of(at(before, {"terminationGracePeriodSeconds"}));
  if (was && *was < 0 && number_of(at(spec, {"terminationGracePeriodSeconds"})) == 1) {
    spec.set("terminationGracePeriodSeconds", *was);
  }
  // Of a gated pod, where it may run.
  if (!is_nothing(at(before, {"schedulingGates"}))) {
    put(spec, "nodeSelector", at(before, {"nodeSelector"}));
    put(spec, "affinity", at(before, {"affinity"}));
  }
  return spec;
}

void check_pod_update(const Part& pod, const Value& before, Findings& findings) {
  const Part spec = pod["spec"];
  const Value* old = at(before, {"spec"});
  if (!spec || old == nullptr ||
      !check_container_list(spec["containers"], at(old, "containers"), findings) ||
      !check_container_list(spec["initContainers"], at(old, "initContainers"), findings)) {
    return;
  }
  check_deadline(spec["activeDeadlineSeconds"], at(old, "activeDeadlineSeconds"), findings);
  check_tolerations_kept(spec["tolerations"], at(old, "tolerations"), findings);
  check_gates_gone(spec["schedulingGates"], at(old, "schedulingGates"), findings);
  if (*spec.value != *old && with_old_mutable_fields(*spec.value, *old) != *old) {
    findings.forbidden(spec.path, kOtherFields);
  }
}

void check_state_transition(const Part& statuses, const Value* before, const Value& pod,
                            Findings& findings) {
  const std::string_view policy = text_at(pod, {"spec", "restartPolicy"});
  if (policy == "Always" || policy.empty()) {
    return;
  }
  const json::Array& old = items_of(before);
  for (std::size_t i = 0; i < old.size(); ++i) {
    const Value* ended = at(old[i], {"state", "terminated"});
    const auto code = number_of(at(ended, "exitCode")).value_or(0);
    if (ended == nullptr || (code != 0 && policy == "OnFailure")) {
      continue;
    }
    for (const Part& now : statuses.items()) {
      if (now["name"].text() == text_at(old[i], {"name"}) && !now["state"]["terminated"]) {
        findings.forbidden(statuses.path.index(i).child("state"),
                           "may not be transitioned to non-terminated state");
      }
    }
  }
}

}  // namespace

void check_pod(const Part& pod, const Value* before, Findings& findings) {
  const Part spec{.value = pod["spec"].value, .path = json::FieldPath("spec")};
  check_pod_spec(spec, SpecOf::Pod, findings);
  if (before != nullptr) {
    check_pod_update(pod, *before, findings);
    return;
  }
  if (!spec["ephemeralContainers"].is_nothing()) {
    findings.forbidden(spec["ephemeralContainers"].path, "cannot be set on create");
  }
  if (!spec["nodeName"].text().empty() && !spec["schedulingGates"].is_nothing()) {
    findings.forbidden(spec["nodeName"].path,
                       "cannot be set until all schedulingGates have been cleared");
  }
}

void check_pod_status_update(const Part& pod, const Value& before, Findings& findings) {
  const Part status = pod["status"];
  if (status["qosClass"].text() != text_at(before, {"status", "qosClass"})) {
    findings.invalid(status["qosClass"].path, Value(status["qosClass"].text()),
                     "field is immutable");
  }
  check_state_transition(status["containerStatuses"], at(before, {"status", "containerStatuses"}),
                         before, findings);
  for (const Part& address : status["podIPs"].items()) {
    if (!is_ipv4(address["ip"].text()) && !is_ipv6(address["ip"].text())) {
      findings.invalid(address.path, Value(address["ip"].text()),
                       "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
  }
}

void check_ephemeral_containers_update(const Part& pod, const Value& before, Findings& findings) {
  const Part spec = pod["spec"];
  check_pod_spec(spec, SpecOf::Pod, findings);
  const Part now = spec["ephemeralContainers"];
  for (const Value& old : items_of(at(before, {"spec", "ephemeralContainers"}))) {
    const std::string_view name = text_at(old, {"name"});
    const auto all = now.items();
    const auto same_name = std::ranges::find_if(
        all, [&](const Part& container) { return container["name"].text() == name; });
    if (same_name == all.end()) {
      findings.forbidden(
          now.path,
          fmt::format("existing ephemeral containers {} may not be removed\n", json::quoted(name)));
    } else if (*same_name->value != old) {
      findings.forbidden(
          now.path,
          fmt::format("existing ephemeral containers {} may not be changed\n", json::quoted(name)));
    }
  }
}

void check_resize(const Part& pod, const Value& before, Findings& findings) {
  check_pod_spec(pod["spec"], SpecOf::Pod, findings);
  if (quality_of_service(*pod.value) != quality_of_service(before)) {
    findings.invalid(json::FieldPath("spec"), Value(text_at(before, {"status", "qosClass"})),
                     "Pod QOS Class may not change as a result of resizing");
  }
  if (items_of(at(before, {"spec", "containers"})).size() !=
      pod["spec"]["containers"].items().size()) {
    findings.forbidden(json::FieldPath("spec.containers"),
                       "containers may not be added or removed on resize");
  }
}

}  // namespace kthena::apiserver
