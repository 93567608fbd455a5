#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/value.h"
#include "kube/meta/names.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr std::array<std::string_view, 19> kQuotaResources{"cpu",
                                                           "memory",
                                                           "ephemeral-storage",
                                                           "requests.cpu",
                                                           "requests.memory",
                                                           "requests.storage",
                                                           "requests.ephemeral-storage",
                                                           "limits.cpu",
                                                           "limits.memory",
                                                           "limits.ephemeral-storage",
                                                           "pods",
                                                           "resourcequotas",
                                                           "services",
                                                           "replicationcontrollers",
                                                           "secrets",
                                                           "persistentvolumeclaims",
                                                           "configmaps",
                                                           "services.nodeports",
                                                           "services.loadbalancers"};

void check_quota_resource(std::string_view name, const json::FieldPath& path, Findings& findings) {
  const auto problems = kube::label_key_problems(name);
  for (const std::string& problem : problems) {
    findings.invalid(path, Value(name), problem);
  }
  const bool is_known = std::ranges::find(kQuotaResources, name) != kQuotaResources.end() ||
                        name.starts_with("hugepages-") || name.starts_with("requests.hugepages-") ||
                        name == "storage";
  if (name.find('/') != std::string_view::npos || is_known) {
    return;
  }
  if (problems.empty()) {
    findings.invalid(path, Value(name), "must be a standard resource type or fully qualified");
  }
  findings.invalid(path, Value(name), "must be a standard resource for quota");
}

/// Resources that are counted in whole numbers.
bool is_counted(std::string_view name) {
  constexpr std::array<std::string_view, 9> kCounted{"pods",
                                                     "resourcequotas",
                                                     "services",
                                                     "replicationcontrollers",
                                                     "secrets",
                                                     "configmaps",
                                                     "persistentvolumeclaims",
                                                     "services.nodeports",
                                                     "services.loadbalancers"};
  return std::ranges::find(kCounted, name) != kCounted.end() ||
         (name.find('/') != std::string_view::npos && !name.starts_with("requests."));
}

std::optional<kube::Quantity> amount_of(const Part& amounts, std::string_view name) {
  const Value* value = at(amounts.value, name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto read = kube::Quantity::from_json(*value);
  return read ? std::optional(*read) : std::nullopt;
}

/// Adds a finding if one amount that is there is above another.
void check_order(const Part& limit, std::string_view lower, std::string_view upper,
                 std::string_view name, std::string_view shown, std::string_view text,
                 Findings& findings) {
  const auto low = amount_of(limit[lower], name);
  const auto high = amount_of(limit[upper], name);
  if (low && high && *low > *high) {
    findings.invalid(limit[shown].path.key(name), *at(limit[shown].value, name),
                     fmt::format(fmt::runtime(text), low->canonical(), high->canonical()));
  }
}

void check_limit_amounts(const Part& limit, Findings& findings) {
  std::set<std::string, std::less<>> names;
  for (const std::string_view list : {"max", "min", "default", "defaultRequest"}) {
    for (const json::Member& member : members_of(limit[list].value)) {
      names.insert(member.key);
    }
  }
  for (const std::string& name : names) {
    check_order(limit, "min", "max", name, "min", "min value {} is greater than max value {}",
                findings);
    check_order(limit, "min", "defaultRequest", name, "defaultRequest",
                "min value {} is greater than default request value {}", findings);
    check_order(limit, "defaultRequest", "max", name, "defaultRequest",
                "default request value {} is greater than max value {}", findings);
    check_order(limit, "defaultRequest", "default", name, "defaultRequest",
                "default request value {} is greater than default limit value {}", findings);
    check_order(limit, "min", "default", name, "min",
                "min value {} is greater than default value {}", findings);
    check_order(limit, "default", "max", name, "max",
                "default value {} is greater than max value {}", findings);
  }
}

}  // namespace

void check_resource_quota(const Part& object, const Value* before, Findings& findings) {
  const Part hard = object["spec"]["hard"];
  for (const json::Member& member : members_of(hard.value)) {
    const Part amount{.value = &member.value, .path = hard.path.key(member.key)};
    check_quota_resource(member.key, amount.path, findings);
    check_quantity_not_negative(amount, findings);
    const auto read = kube::Quantity::from_json(member.value);
    if (read && is_counted(member.key) && read->nanos() % 1'000'000'000 != 0) {
      findings.invalid(amount, "must be an integer");
    }
  }
  if (before != nullptr) {
    check_immutable(object["spec"]["scopes"], at(*before, {"spec", "scopes"}), findings);
  }
}

void check_limit_range(const Part& object, const Value*, Findings& findings) {
  std::set<std::string_view> types;
  for (const Part& limit : object["spec"]["limits"].items()) {
    const Part type = limit["type"];
    const auto problems = kube::label_key_problems(type.text());
    check_qualified_name(type, findings);
    if (problems.empty() && type.text().find('/') == std::string_view::npos &&
        type.text() != "Pod" && type.text() != "Container" &&
        type.text() != "PersistentVolumeClaim") {
      findings.invalid(type, "must be a standard limit type or fully qualified");
    }
    if (!types.insert(type.text()).second) {
      findings.duplicate(type.path, Value(type.text()));
    }
    if (type.text() == "Pod") {
      for (const std::string_view name : {"default", "defaultRequest"}) {
        if (!limit[name].is_nothing()) {
          findings.forbidden(limit[name].path, "may not be specified when `type` is 'Pod'");
        }
      }
    }
    check_limit_amounts(limit, findings);
  }
}

void check_runtime_class(const Part& object, const Value* before, Findings& findings) {
  if (before != nullptr) {
    check_immutable(object["handler"], at(*before, {"handler"}), findings);
  }
  check_dns_label(object["handler"], findings);
  check_labels(object["scheduling"]["nodeSelector"], findings);
}

}  // namespace kthena::apiserver
