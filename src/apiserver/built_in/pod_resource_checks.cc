#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/pod_checks.h"
#include "json/value.h"
#include "kube/meta/names.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

using json::FieldPath;
using json::Value;

constexpr std::array<std::string_view, 3> kOfContainers{"cpu", "ephemeral-storage", "memory"};
// Known, but not of containers.
constexpr std::array<std::string_view, 12> kStandard{"storage",
                                                     "requests.cpu",
                                                     "requests.memory",
                                                     "requests.storage",
                                                     "limits.cpu",
                                                     "limits.memory",
                                                     "pods",
                                                     "services",
                                                     "secrets",
                                                     "configmaps",
                                                     "resourcequotas",
                                                     "persistentvolumeclaims"};

bool is_huge_pages(std::string_view name) { return name.starts_with("hugepages-"); }

/// Of Kubernetes itself: without a domain, or with its own.
bool is_native(std::string_view name) {
  return name.find('/') == std::string_view::npos ||
         name.find("kubernetes.io/") != std::string_view::npos;
}

bool allows_overcommit(std::string_view name) { return is_native(name) && !is_huge_pages(name); }

bool is_extended(std::string_view name) {
  return !is_native(name) && !name.starts_with("requests.") &&
         kube::label_key_problems("requests." + std::string(name)).empty();
}

void check_resource_name(std::string_view name, const FieldPath& path, Findings& findings) {
  const auto problems = kube::label_key_problems(name);
  for (const std::string& problem : problems) {
    findings.invalid(path, Value(name), problem);
  }
  if (name.find('/') == std::string_view::npos) {
    const bool of_containers =
        std::ranges::find(kOfContainers, name) != kOfContainers.end() || is_huge_pages(name);
    if (!of_containers) {
      if (problems.empty() && std::ranges::find(kStandard, name) == kStandard.end()) {
        findings.invalid(path, Value(name), "must be a standard resource type or fully qualified");
      }
      findings.invalid(path, Value(name), "must be a standard resource for containers");
    }
  } else if (!is_native(name) && !is_extended(name)) {
    findings.invalid(path, Value(name), "doesn't follow extended resource name standard");
  }
}

void check_amount(std::string_view name, const Value& amount, const FieldPath& path,
                  Findings& findings) {
  constexpr kube::Quantity::Wide kOne = 1'000'000'000;
  const auto quantity = kube::Quantity::from_json(amount);
  if (!quantity) {
    return;
  }
  if (quantity->sign() < 0) {
    findings.invalid(path, amount, "must be greater than or equal to 0");
  }
  if (is_extended(name) && quantity->nanos() % kOne != 0) {
    findings.invalid(path, amount, "must be an integer");
  }
}

void check_against_limit(std::string_view name, const Value& request, const Part& resources,
                         Findings& findings) {
  const Value* limit = at(resources["limits"].value, name);
  const FieldPath path = resources["requests"].path;
  if (limit == nullptr) {
    if (!allows_overcommit(name)) {
      findings.required(resources["limits"].path,
                        "Limit must be set for non overcommitable resources");
    }
    return;
  }
  const auto wanted = kube::Quantity::from_json(request);
  const auto most = kube::Quantity::from_json(*limit);
  if (!wanted || !most) {
    return;
  }
  if (!(*wanted == *most) && !allows_overcommit(name)) {
    findings.invalid(path, request,
                     fmt::format("must be equal to {} limit of {}", name, text_of(limit)));
  } else if (*wanted > *most) {
    findings.invalid(
        path, request,
        fmt::format("must be less than or equal to {} limit of {}", name, text_of(limit)));
  }
}

}  // namespace

void check_resources(const Part& resources, Findings& findings) {
  bool has_compute = false;
  bool has_huge_pages = false;
  for (const std::string_view side : {"limits", "requests"}) {
    const Part amounts = resources[side];
    for (const json::Member& member : members_of(amounts.value)) {
      const FieldPath path = amounts.path.key(member.key);
      check_resource_name(member.key, path, findings);
      check_amount(member.key, member.value, path, findings);
      if (side == "requests") {
        check_against_limit(member.key, member.value, resources, findings);
      }
      has_compute = has_compute || member.key == "cpu" || member.key == "memory";
      has_huge_pages = has_huge_pages || is_huge_pages(member.key);
    }
  }
  if (has_huge_pages && !has_compute) {
    findings.forbidden(resources.path, "HugePages require cpu or memory");
  }
}

}  // namespace kthena::apiserver
