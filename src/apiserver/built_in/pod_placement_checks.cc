#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/pod_checks.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;

enum class Values : bool { Any, Checked };

void check_node_requirement(const Part& requirement, Values checked, Findings& findings) {
  const std::string_view operation = requirement["operator"].text();
  const Part values = requirement["values"];
  const std::size_t count = values.items().size();
  if (operation == "In" || operation == "NotIn") {
    if (count == 0) {
      findings.required(values.path, "must be specified when `operator` is 'In' or 'NotIn'");
    }
  } else if (operation == "Exists" || operation == "DoesNotExist") {
    if (count > 0) {
      findings.forbidden(values.path,
                         "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    }
  } else if (operation == "Gt" || operation == "Lt") {
    if (count != 1) {
      findings.required(values.path,
                        "must be specified single value when `operator` is 'Lt' or 'Gt'");
    }
  } else {
    findings.invalid(requirement["operator"], "not a valid selector operator");
  }
  check_qualified_name(requirement["key"], findings);
  if (checked == Values::Checked) {
    for (const Part& value : values.items()) {
      check_name(value, kube::label_value_problems, findings);
    }
  }
}

void check_node_term(const Part& term, Values checked, Findings& findings) {
  for (const Part& requirement : term["matchExpressions"].items()) {
    check_node_requirement(requirement, checked, findings);
  }
}

void check_weight(const Part& weighted, Findings& findings) {
  const std::int64_t weight = weighted["weight"].number().value_or(0);
  if (weight <= 0 || weight > 100) {
    findings.invalid(weighted["weight"].path, weight, "must be in the range 1-100");
  }
}

void check_node_affinity(const Part& affinity, Findings& findings) {
  if (const Part required = affinity["requiredDuringSchedulingIgnoredDuringExecution"]) {
    const Part terms = required["nodeSelectorTerms"];
    if (terms.is_nothing()) {
      findings.required(terms.path, "must have at least one node selector term");
    }
    for (const Part& term : terms.items()) {
      check_node_term(term, Values::Checked, findings);
    }
  }
  for (const Part& weighted : affinity["preferredDuringSchedulingIgnoredDuringExecution"].items()) {
    check_weight(weighted, findings);
    check_node_term(weighted["preference"], Values::Any, findings);
  }
}

void check_pod_term(const Part& term, Findings& findings) {
  check_label_selector(term["labelSelector"], findings);
  check_label_selector(term["namespaceSelector"], findings);
  for (const Part& name : term["namespaces"].items()) {
    for (const std::string& problem : kube::dns_label_problems(name.text())) {
      findings.invalid(term["namespace"].path, Value(name.text()), problem);
    }
  }
  const Part key = term["topologyKey"];
  if (key.text().empty()) {
    findings.required(key.path, "can not be empty");
  }
  check_qualified_name(key, findings);
}

void check_pod_affinity(const Part& affinity, Findings& findings) {
  for (const Part& term : affinity["requiredDuringSchedulingIgnoredDuringExecution"].items()) {
    check_pod_term(term, findings);
  }
  for (const Part& weighted : affinity["preferredDuringSchedulingIgnoredDuringExecution"].items()) {
    check_weight(weighted, findings);
    check_pod_term(weighted["podAffinityTerm"], findings);
  }
}

void check_node_policy(const Part& policy, Findings& findings) {
  if (policy && policy.text() != "Honor" && policy.text() != "Ignore") {
    findings.unsupported(policy.path, *policy.value, {"Honor", "Ignore"});
  }
}

}  // namespace

void check_affinity(const Part& affinity, Findings& findings) {
  check_node_affinity(affinity["nodeAffinity"], findings);
  check_pod_affinity(affinity["podAffinity"], findings);
  check_pod_affinity(affinity["podAntiAffinity"], findings);
}

void check_tolerations(const Part& tolerations, Findings& findings) {
  for (const Part& toleration : tolerations.items()) {
    const Part key = toleration["key"];
    const Part operation = toleration["operator"];
    const Part value = toleration["value"];
    const Part effect = toleration["effect"];
    if (!key.text().empty()) {
      check_qualified_name(key, findings);
    } else if (operation.text() != "Exists") {
      findings.invalid(operation,
                       "operator must be Exists when `key` is empty, which means \"match all "
                       "values and all keys\"");
    }
    if (toleration["tolerationSeconds"] && effect.text() != "NoExecute") {
      findings.invalid(effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (operation.text() == "Equal" || operation.text().empty()) {
      const auto problems = kube::label_value_problems(value.text());
      if (!problems.empty()) {
        findings.invalid(operation.path, Value(value.text()),
                         fmt::format("{}", fmt::join(problems, ";")));
      }
    } else if (operation.text() == "Exists") {
      if (!value.text().empty()) {
        findings.invalid(operation.path, *value.value,
                         "value must be empty when `operator` is 'Exists'");
      }
    } else {
      findings.unsupported(operation.path, *operation.value, {"Equal", "Exists"});
    }
    const std::string_view text = effect.text();
    if (!text.empty() && text != "NoSchedule" && text != "PreferNoSchedule" &&
        text != "NoExecute") {
      findings.unsupported(effect.path, *effect.value,
                           {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    }
  }
}

void check_topology_spread(const Part& constraints, Findings& findings) {
  const auto all = constraints.items();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Part& one = all[i];
    const std::int64_t skew = one["maxSkew"].number().value_or(0);
    if (skew <= 0) {
      findings.invalid(one["maxSkew"].path, skew, "must be greater than zero");
    }
    const std::string_view key = one["topologyKey"].text();
    if (key.empty()) {
      findings.required(one["topologyKey"].path, "can not be empty");
    }
    const std::string_view action = one["whenUnsatisfiable"].text();
    if (action != "DoNotSchedule" && action != "ScheduleAnyway") {
      findings.unsupported(one["whenUnsatisfiable"].path, Value(action),
                           {"DoNotSchedule", "ScheduleAnyway"});
    }
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      if (all[j]["topologyKey"].text() == key && all[j]["whenUnsatisfiable"].text() == action) {
        findings.duplicate(one.path.child("{topologyKey, whenUnsatisfiable}"),
                           Value(fmt::format("{{{}, {}}}", key, action)));
        break;
      }
    }
    if (const Part domains = one["minDomains"]) {
      if (domains.number().value_or(0) <= 0) {
        findings.invalid(domains, "must be greater than zero");
      }
      if (action != "DoNotSchedule") {
        findings.invalid(domains,
                         fmt::format("can only use minDomains if whenUnsatisfiable=DoNotSchedule, "
                                     "not {}",
                                     action));
      }
    }
    check_node_policy(one["nodeAffinityPolicy"], findings);
    check_node_policy(one["nodeTaintsPolicy"], findings);
    check_label_selector(one["labelSelector"], findings);
  }
}

}  // namespace kthena::apiserver
