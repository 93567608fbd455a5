// Tables of who may do what and how much: bindings of roles, quotas, budgets, webhooks,
// autoscalers.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/table/printer.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr Column kBindingColumns[] = {
    kNameColumn,
    {.name = "Role", .description = "What is allowed"},
    kAgeColumn,
    {.name = "Users", .description = "Users to whom", .priority = 1},
    {.name = "Groups", .description = "Groups to which", .priority = 1},
    {.name = "ServiceAccounts", .description = "Service accounts to which", .priority = 1},
};

void binding_cells(const Subject& binding, json::Array& cells) {
  std::vector<std::string> users;
  std::vector<std::string> groups;
  std::vector<std::string> accounts;
  for (const Value& subject : binding.items({"subjects"})) {
    const std::string_view kind = text_of(at(&subject, "kind"));
    const std::string_view name = text_of(at(&subject, "name"));
    if (kind == "User") {
      users.emplace_back(name);
    } else if (kind == "Group") {
      groups.emplace_back(name);
    } else if (kind == "ServiceAccount") {
      accounts.push_back(fmt::format("{}/{}", text_of(at(&subject, "namespace")), name));
    }
  }
  cells.emplace_back(binding.name());
  cells.emplace_back(
      fmt::format("{}/{}", binding.text({"roleRef", "kind"}), binding.text({"roleRef", "name"})));
  cells.emplace_back(binding.age());
  cells.emplace_back(join(users, ", "));
  cells.emplace_back(join(groups, ", "));
  cells.emplace_back(join(accounts, ", "));
}

constexpr Column kQuotaColumns[] = {
    kNameColumn,
    {.name = "Request", .description = "What is used of what may be asked for"},
    {.name = "Limit", .description = "What is used of the limits' sum"},
    kAgeColumn,
};

void quota_cells(const Subject& quota, json::Array& cells) {
  std::vector<std::string> names;
  for (const auto& [name, quantity] : members_of(quota.at({"status", "hard"}))) {
    names.push_back(name);
  }
  std::ranges::sort(names);
  std::vector<std::string> requests;
  std::vector<std::string> limits;
  for (const std::string& name : names) {
    (name.starts_with("limits.") ? limits : requests)
        .push_back(fmt::format("{}: {}/{}", name, quantity_text(quota.at({"status", "used", name})),
                               quantity_text(quota.at({"status", "hard", name}))));
  }
  cells.emplace_back(quota.name());
  cells.emplace_back(join(requests, ", "));
  cells.emplace_back(join(limits, ", "));
  cells.emplace_back(quota.age());
}

constexpr Column kBudgetColumns[] = {
    kNameColumn,
    {.name = "Min Available", .description = "Pods that must stay"},
    {.name = "Max Unavailable", .description = "Pods that may be away"},
    {.name = "Allowed Disruptions", .description = "Pods that may go now", .type = "integer"},
    kAgeColumn,
};

/// A number, a percentage; "N/A" if there is none.
std::string count_text(const Value* value) {
  if (value == nullptr) {
    return "N/A";
  }
  return value->is_number() ? value->number_text() : std::string(text_of(value));
}

void budget_cells(const Subject& budget, json::Array& cells) {
  cells.emplace_back(budget.name());
  cells.emplace_back(count_text(budget.at({"spec", "minAvailable"})));
  cells.emplace_back(count_text(budget.at({"spec", "maxUnavailable"})));
  cells.emplace_back(budget.number({"status", "disruptionsAllowed"}));
  cells.emplace_back(budget.age());
}

constexpr Column kWebhookColumns[] = {
    kNameColumn,
    {.name = "Webhooks", .description = "How many it has", .type = "integer"},
    kAgeColumn,
};

void webhook_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.items({"webhooks"}).size());
  cells.emplace_back(subject.age());
}

constexpr Column kPriorityColumns[] = {
    kNameColumn,
    {.name = "Value", .description = "Higher ones go first", .type = "integer"},
    {.name = "Global-Default",
     .description = "Whether pods that say nothing have it",
     .type = "boolean"},
    kAgeColumn,
    {.name = "PreemptionPolicy", .description = "Whether other pods make room"},
};

void priority_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.number({"value"}));
  cells.emplace_back(is_true(subject.at({"globalDefault"})));
  cells.emplace_back(subject.age());
  cells.emplace_back(subject.text({"preemptionPolicy"}));
}

constexpr Column kAutoscalerColumns[] = {
    kNameColumn,
    {.name = "Reference", .description = "What is scaled"},
    {.name = "Targets", .description = "Metrics now, and as they should be"},
    {.name = "MinPods", .description = "Fewest replicas"},
    {.name = "MaxPods", .description = "Most replicas"},
    {.name = "Replicas", .description = "Replicas now"},
    kAgeColumn,
};

constexpr std::string_view kUnknown = "<unknown>";

/// Of a metric that has an average, where it does.
std::string known(const Value* current, std::string_view name) {
  const Value* value = at(current, name);
  if (current == nullptr) {
    return std::string(kUnknown);
  }
  return quantity_text(value);
}

/// Of external metrics and those of an object: a value, or an average.
std::string value_metric(const Value* target, const Value* current) {
  const Value* average = at(target, "averageValue");
  if (average != nullptr) {
    const Value* now = at(current, "averageValue");
    return fmt::format("{}/{} (avg)", now == nullptr ? std::string(kUnknown) : quantity_text(now),
                       quantity_text(average));
  }
  return fmt::format("{}/{}", known(current, "value"), quantity_text(at(target, "value")));
}

/// Of resources of pods: an average, or a share of what they ask for.
std::string resource_metric(const Value* name, const Value* target, const Value* current) {
  const Value* average = at(target, "averageValue");
  if (average != nullptr) {
    return fmt::format("{}: {}/{}", text_of(name), known(current, "averageValue"),
                       quantity_text(average));
  }
  const auto now = number_of(at(current, "averageUtilization"));
  const auto wanted = number_of(at(target, "averageUtilization"));
  return fmt::format("{}: {}/{}", text_of(name),
                     now ? fmt::format("{}%", *now) : std::string(kUnknown),
                     wanted ? fmt::format("{}%", *wanted) : "<auto>");
}

std::string metric_text(const Value& spec, const Value* status) {
  struct Source {
    std::string_view type, field;
  };
  constexpr Source kSources[] = {{"External", "external"},
                                 {"Pods", "pods"},
                                 {"Object", "object"},
                                 {"Resource", "resource"},
                                 {"ContainerResource", "containerResource"}};
  const std::string_view type = text_of(at(&spec, "type"));
  const auto* source = std::ranges::find(kSources, type, &Source::type);
  if (source == std::end(kSources)) {
    return "<unknown type>";
  }
  const Value* wanted = at(&spec, source->field);
  const Value* target = at(wanted, "target");
  const Value* current = at(at(status, source->field), "current");
  if (type == "Pods") {
    return fmt::format("{}/{}", known(current, "averageValue"),
                       quantity_text(at(target, "averageValue")));
  }
  if (type == "External" || type == "Object") {
    return value_metric(target, current);
  }
  return resource_metric(at(wanted, "name"), target, current);
}

std::string metrics_text(const Subject& autoscaler) {
  constexpr std::size_t kShown = 2;
  const json::Array& specs = autoscaler.items({"spec", "metrics"});
  if (specs.empty()) {
    return "<none>";
  }
  const json::Array& statuses = autoscaler.items({"status", "currentMetrics"});
  std::vector<std::string> list;
  for (std::size_t i = 0; i < std::min(specs.size(), kShown); ++i) {
    list.push_back(metric_text(specs[i], i < statuses.size() ? &statuses[i] : nullptr));
  }
  const std::string text = join(list, ", ");
  return specs.size() > kShown ? fmt::format("{} + {} more...", text, specs.size() - kShown) : text;
}

void autoscaler_cells(const Subject& autoscaler, json::Array& cells) {
  cells.emplace_back(autoscaler.name());
  cells.emplace_back(fmt::format("{}/{}", autoscaler.text({"spec", "scaleTargetRef", "kind"}),
                                 autoscaler.text({"spec", "scaleTargetRef", "name"})));
  cells.emplace_back(metrics_text(autoscaler));
  const auto fewest = number_of(autoscaler.at({"spec", "minReplicas"}));
  cells.emplace_back(fewest ? fmt::format("{}", *fewest) : "<unset>");
  cells.emplace_back(autoscaler.number({"spec", "maxReplicas"}));
  cells.emplace_back(autoscaler.number({"status", "currentReplicas"}));
  cells.emplace_back(autoscaler.age());
}

constexpr NamedPrinter kPrinters[] = {
    {"rbac.authorization.k8s.io", "RoleBinding", {kBindingColumns, binding_cells}},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", {kBindingColumns, binding_cells}},
    {"", "ResourceQuota", {kQuotaColumns, quota_cells}},
    {"policy", "PodDisruptionBudget", {kBudgetColumns, budget_cells}},
    {"admissionregistration.k8s.io",
     "ValidatingWebhookConfiguration",
     {kWebhookColumns, webhook_cells}},
    {"admissionregistration.k8s.io",
     "MutatingWebhookConfiguration",
     {kWebhookColumns, webhook_cells}},
    {"scheduling.k8s.io", "PriorityClass", {kPriorityColumns, priority_cells}},
    {"autoscaling", "HorizontalPodAutoscaler", {kAutoscalerColumns, autoscaler_cells}},
};

}  // namespace

std::span<const NamedPrinter> policy_printers() { return kPrinters; }

}  // namespace kthena::apiserver
