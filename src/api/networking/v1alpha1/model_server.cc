#include "api/networking/v1alpha1/model_server.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/duration.h"
#include "json/codec.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/scalars.h"
#include "kube/meta/selector.h"

namespace kthena::api::networking {

namespace {

using json::FieldPath;
using json::Problem;

std::string shown(const kube::Labels& labels) { return json::print(json::encode(labels)); }

void check_labels(const kube::Labels& labels, const FieldPath& at, std::vector<Problem>& problems) {
  if (labels.empty()) {
    problems.push_back(json::required_value(at, "labels must contain at least one label"));
  } else if (const auto checked = kube::check_match_labels(labels); !checked) {
    problems.push_back(json::invalid_value(
        at, shown(labels), fmt::format("invalid selector: {}", checked.error().message())));
  }
}

void check_pd_group(const PdGroup& group, const FieldPath& at, std::vector<Problem>& problems) {
  if (group.group_key.empty()) {
    problems.push_back(json::required_value(at.child("groupKey"), "groupKey must be specified"));
  }
  check_labels(group.prefill_labels, at.child("prefillLabels"), problems);
  check_labels(group.decode_labels, at.child("decodeLabels"), problems);
}

void warn_negative(std::optional<kube::GoDuration> duration, const FieldPath& at,
                   std::vector<Problem>& problems) {
  if (duration && duration->value < Duration::zero()) {
    problems.push_back(json::as_warning(json::invalid_value(
        at, json::quoted(print_duration(duration->value)), "should not be negative")));
  }
}

void warn_traffic_policy(const TrafficPolicy& policy, const FieldPath& at,
                         std::vector<Problem>& problems) {
  warn_negative(policy.timeout, at.child("timeout"), problems);
  if (policy.retry) {
    const FieldPath retry = at.child("retry");
    warn_negative(policy.retry->retry_interval, retry.child("retryInterval"), problems);
    if (policy.retry->attempts < 0) {
      problems.push_back(json::as_warning(
          json::invalid_value(retry.child("attempts"), fmt::to_string(policy.retry->attempts),
                              "should not be negative")));
    }
  }
}

Problem no_selector() {
  return json::required_value(FieldPath("spec.workloadSelector"),
                              "workloadSelector must be specified");
}

}  // namespace

std::vector<Problem> check_value(const json::Value& value, const ModelServer&) {
  const json::Value* spec = value.find("spec");
  const json::Value* selector = spec != nullptr ? spec->find("workloadSelector") : nullptr;
  const bool absent = spec != nullptr && spec->is_object() && selector == nullptr;
  return absent ? std::vector{no_selector()} : std::vector<Problem>();
}

std::vector<Problem> validate(const ModelServer& server) {
  std::vector<Problem> problems;
  const FieldPath spec("spec");
  const FieldPath selector_at = spec.child("workloadSelector");
  if (server.spec == ModelServerSpec{}) {
    // The schema requires the selector where there is a spec, but no spec.
    problems.push_back(no_selector());
    return problems;
  }
  const WorkloadSelector& selector = server.spec.workload_selector;
  check_labels(selector.match_labels, selector_at.child("matchLabels"), problems);
  if (selector.pd_group) {
    const FieldPath group_at = selector_at.child("pdGroup");
    check_pd_group(*selector.pd_group, group_at, problems);
    if (!selector.pd_group->decode_labels.empty() &&
        selector.pd_group->decode_labels == selector.pd_group->prefill_labels) {
      problems.push_back(json::as_warning(json::invalid_value(
          group_at.child("decodeLabels"), shown(selector.pd_group->decode_labels),
          "should differ from prefillLabels: a pod that matches both only decodes")));
    }
  }
  if (server.spec.traffic_policy) {
    warn_traffic_policy(*server.spec.traffic_policy, spec.child("trafficPolicy"), problems);
  }
  return problems;
}

}  // namespace kthena::api::networking

KTHENA_JSON_TYPE(kthena::api::networking::ModelServer);
