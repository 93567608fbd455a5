#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "json/value.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

using json::Value;

enum class CoreGroup : bool { Refused, Allowed };

/// @param core  whether it may be an object of the core group
void check_reference(const Part& reference, CoreGroup core, Findings& findings) {
  for (const std::string_view name : {"kind", "name"}) {
    if (reference[name].text().empty()) {
      findings.required(reference[name].path);
    } else {
      check_name(reference[name], path_segment_problems, findings);
    }
  }
  const std::string_view version = reference["apiVersion"].text();
  const auto slashes = std::ranges::count(version, '/');
  if (slashes > 1) {
    findings.invalid(reference["apiVersion"],
                     fmt::format("unexpected GroupVersion string: {}", version));
  } else if (core == CoreGroup::Refused && (slashes == 0 || version.starts_with('/'))) {
    findings.invalid(reference["apiVersion"].path, Value(version),
                     "apiVersion must specify API group");
  }
}

void check_positive(const Part& quantity, Findings& findings) {
  if (!quantity) {
    return;
  }
  const auto read = kube::Quantity::from_json(*quantity.value);
  if (read && read->sign() != 1) {
    findings.invalid(quantity, "must be positive");
  }
}

void check_target(const Part& target, Findings& findings) {
  const Part type = target["type"];
  if (type.text().empty()) {
    findings.required(type.path, "must specify a metric target type");
  }
  if (type.text() != "Utilization" && type.text() != "Value" && type.text() != "AverageValue") {
    findings.invalid(type, "must be either Utilization, Value, or AverageValue");
  }
  check_positive(target["value"], findings);
  check_positive(target["averageValue"], findings);
  const Part utilization = target["averageUtilization"];
  if (utilization && utilization.number().value_or(0) < 1) {
    findings.invalid(utilization, "must be greater than 0");
  }
}

void check_metric(const Part& metric, Findings& findings) {
  if (metric["name"].text().empty()) {
    findings.required(metric["name"].path, "must specify a metric name");
  } else {
    check_name(metric["name"], path_segment_problems, findings);
  }
}

void check_resource_target(const Part& source, Findings& findings) {
  const Part target = source["target"];
  check_target(target, findings);
  if (!target["averageUtilization"] && !target["averageValue"]) {
    findings.required(target["averageUtilization"].path,
                      "must set either a target raw value or a target utilization");
  }
  if (target["averageUtilization"] && target["averageValue"]) {
    findings.forbidden(target["averageValue"].path,
                       "may not set both a target raw value and a target utilization");
  }
}

void check_resource(const Part& source, Findings& findings) {
  if (source["name"].text().empty()) {
    findings.required(source["name"].path, "must specify a resource name");
  }
  check_resource_target(source, findings);
}

void check_container_resource(const Part& source, Findings& findings) {
  if (source["name"].text().empty()) {
    findings.required(source["name"].path, "must specify a resource name");
  }
  if (source["container"].text().empty()) {
    findings.required(source["container"].path, "must specify a container");
  } else {
    check_dns_label(source["container"], findings);
  }
  check_resource_target(source, findings);
}

void check_object_source(const Part& source, Findings& findings) {
  check_reference(source["describedObject"], CoreGroup::Allowed, findings);
  check_metric(source["metric"], findings);
  check_target(source["target"], findings);
  if (!source["target"]["value"] && !source["target"]["averageValue"]) {
    findings.required(source["target"]["averageValue"].path,
                      "must set either a target value or averageValue");
  }
}

void check_external_source(const Part& source, Findings& findings) {
  const Part target = source["target"];
  check_metric(source["metric"], findings);
  check_target(target, findings);
  if (!target["value"] && !target["averageValue"]) {
    findings.required(target["averageValue"].path,
                      "must set either a target value for metric or a per-pod target");
  }
  if (target["value"] && target["averageValue"]) {
    findings.forbidden(target["value"].path,
                       "may not set both a target value for metric and a per-pod target");
  }
}

void check_pods_source(const Part& source, Findings& findings) {
  check_metric(source["metric"], findings);
  check_target(source["target"], findings);
  if (!source["target"]["averageValue"]) {
    findings.required(source["target"]["averageValue"].path,
                      "must specify a positive target averageValue");
  }
}

struct Source {
  std::string_view type;
  std::string_view field;
  void (*check)(const Part& source, Findings& findings);
};
constexpr std::array kSources{
    Source{"Object", "object", check_object_source},
    Source{"External", "external", check_external_source},
    Source{"Pods", "pods", check_pods_source},
    Source{"Resource", "resource", check_resource},
    Source{"ContainerResource", "containerResource", check_container_resource},
};

void check_metric_spec(const Part& metric, Findings& findings) {
  const Part type = metric["type"];
  const auto expected = std::ranges::find(kSources, type.text(), &Source::type);
  const auto refuse_type = [&] {
    findings.unsupported(type.path, Value(type.text()),
                         {"ContainerResource", "External", "Object", "Pods", "Resource"});
  };
  if (type.text().empty()) {
    findings.required(type.path, "must specify a metric source type");
  }
  if (expected == kSources.end()) {
    refuse_type();
  }
  std::size_t sources = 0;
  for (const Source& source : kSources) {
    if (const Part part = metric[source.field]; part && ++sources == 1) {
      source.check(part, findings);
    }
  }
  if (expected == kSources.end()) {
    refuse_type();
  } else if (!metric[expected->field]) {
    findings.required(metric[expected->field].path,
                      "must populate information for the given metric source");
  }
  for (const Source& source : kSources) {
    const bool is_expected = expected != kSources.end() && source.field == expected->field;
    if (sources != 1 && metric[source.field] && !is_expected) {
      findings.forbidden(metric[source.field].path, "must populate the given metric source only");
    }
  }
}

void check_scaling_rules(const Part& rules, Findings& findings) {
  if (!rules) {
    return;
  }
  const Part window = rules["stabilizationWindowSeconds"];
  if (window.number().value_or(0) < 0) {
    findings.invalid(window, "must be greater than or equal to zero");
  }
  if (window.number().value_or(0) > 3600) {
    findings.invalid(window, "must be less than or equal to 3600");
  }
  const Part select = rules["selectPolicy"];
  if (select && select.text() != "Max" && select.text() != "Min" && select.text() != "Disabled") {
    findings.unsupported(select.path, *select.value, {"Disabled", "Max", "Min"});
  }
  const Part policies = rules["policies"];
  if (policies.is_nothing()) {
    findings.required(policies.path, "must specify at least one Policy");
  }
  for (const Part& policy : policies.items()) {
    const std::string_view type = policy["type"].text();
    if (type != "Pods" && type != "Percent") {
      findings.unsupported(policy["type"].path, Value(type), {"Percent", "Pods"});
    }
    const std::int64_t value = policy["value"].number().value_or(0);
    if (value <= 0) {
      findings.invalid(policy["value"].path, value, "must be greater than zero");
    }
    const std::int64_t period = policy["periodSeconds"].number().value_or(0);
    if (period <= 0) {
      findings.invalid(policy["periodSeconds"].path, period, "must be greater than zero");
    }
    if (period > 1800) {
      findings.invalid(policy["periodSeconds"].path, period, "must be less than or equal to 1800");
    }
  }
  check_quantity_not_negative(rules["tolerance"], findings);
}

}  // namespace

void check_autoscaler(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  const Part lowest = spec["minReplicas"];
  const std::int64_t highest = spec["maxReplicas"].number().value_or(0);
  if (lowest && lowest.number().value_or(0) < 1) {
    findings.invalid(lowest, "must be greater than or equal to 1");
  }
  if (highest < 1) {
    findings.invalid(spec["maxReplicas"].path, highest, "must be greater than 0");
  }
  if (lowest && highest < lowest.number().value_or(0)) {
    findings.invalid(spec["maxReplicas"].path, highest,
                     "must be greater than or equal to `minReplicas`");
  }
  check_reference(spec["scaleTargetRef"], CoreGroup::Refused, findings);
  for (const Part& metric : spec["metrics"].items()) {
    check_metric_spec(metric, findings);
  }
  check_scaling_rules(spec["behavior"]["scaleUp"], findings);
  check_scaling_rules(spec["behavior"]["scaleDown"], findings);
}

}  // namespace kthena::apiserver
