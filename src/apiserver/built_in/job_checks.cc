#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/validate_kinds.h"
#include "base/strings.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr std::int64_t kMostParallelOfIndexed = 100'000;

void check_completion_mode(const Part& spec, Findings& findings) {
  const Part mode = spec["completionMode"];
  const Part parallelism = spec["parallelism"];
  if (mode && mode.text() != "NonIndexed" && mode.text() != "Indexed") {
    findings.unsupported(mode.path, *mode.value, {"NonIndexed", "Indexed"});
  }
  if (mode.text() == "Indexed") {
    if (!spec["completions"]) {
      findings.required(spec["completions"].path, "when completion mode is Indexed");
    }
    if (parallelism.number().value_or(0) > kMostParallelOfIndexed) {
      findings.invalid(parallelism,
                       fmt::format("must be less than or equal to {} when completion mode is "
                                   "Indexed",
                                   kMostParallelOfIndexed));
    }
    const auto failed = spec["maxFailedIndexes"].number();
    const auto completions = spec["completions"].number();
    if (failed && completions && *failed > *completions) {
      findings.invalid(spec["maxFailedIndexes"], "must be less than or equal to completions");
    }
    return;
  }
  for (const std::string_view name : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    if (spec[name]) {
      findings.invalid(spec[name], "requires indexed completion mode");
    }
  }
  if (const Part policy = spec["successPolicy"]) {
    findings.invalid(policy, "requires indexed completion mode");
  }
}

void check_job_restarts(const Part& spec, Findings& findings) {
  const Part policy = spec["template"]["spec"]["restartPolicy"];
  if (policy.text() == "Always" || policy.text().empty()) {
    findings.required(policy.path, "valid values: \"OnFailure\", \"Never\"");
  } else if (policy.text() != "OnFailure" && policy.text() != "Never") {
    findings.unsupported(policy.path, *policy.value, {"OnFailure", "Never"});
  } else if (spec["podFailurePolicy"] && policy.text() != "Never") {
    findings.invalid(policy, "only \"Never\" is supported when podFailurePolicy is specified");
  }
}

void check_replacement(const Part& spec, Findings& findings) {
  const Part policy = spec["podReplacementPolicy"];
  if (!policy) {
    return;
  }
  if (spec["podFailurePolicy"]) {
    if (policy.text() != "Failed") {
      findings.unsupported(policy.path, *policy.value, {"Failed"});
    }
  } else if (policy.text() != "Failed" && policy.text() != "TerminatingOrFailed") {
    findings.unsupported(policy.path, *policy.value, {"Failed", "TerminatingOrFailed"});
  }
}

void check_failure_policy(const Part& spec, Findings& findings) {
  for (const Part& rule : spec["podFailurePolicy"]["rules"].items()) {
    const std::string_view action = rule["action"].text();
    if (action.empty()) {
      findings.required(rule["action"].path,
                        "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
    } else if (action != "FailIndex" && action != "Ignore" && action != "Count" &&
               action != "FailJob") {
      findings.unsupported(rule["action"].path, *rule["action"].value,
                           {"Count", "FailIndex", "FailJob", "Ignore"});
    }
    if (!rule["onExitCodes"] && rule["onPodConditions"].is_nothing()) {
      findings.invalid(rule.path, Value(""),
                       "specifying one of OnExitCodes and OnPodConditions is required");
    }
  }
}

void check_job_spec(const Part& spec, Findings& findings) {
  for (const std::string_view name :
       {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
        "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"}) {
    check_not_negative(spec[name], findings);
  }
  if (spec["maxFailedIndexes"] && !spec["backoffLimitPerIndex"]) {
    findings.required(spec["backoffLimitPerIndex"].path, "when maxFailedIndexes is specified");
  }
  check_completion_mode(spec, findings);
  check_failure_policy(spec, findings);
  check_replacement(spec, findings);
  check_pod_template(spec["template"], findings);
  check_job_restarts(spec, findings);
}

/// The labels that a Job's pods get of the server, by which the Job knows them.
void check_generated_selector(const Part& job, Findings& findings) {
  const Part selector = job["spec"]["selector"];
  if (job["spec"]["manualSelector"].is_true() || !selector) {
    return;
  }
  const Part metadata = job["metadata"];
  const Part labels = job["spec"]["template"]["metadata"]["labels"];
  json::Object generated;
  for (const auto& [label, from] :
       {std::pair<std::string_view, std::string_view>{"controller-uid", "uid"},
        {"job-name", "name"},
        {"batch.kubernetes.io/controller-uid", "uid"},
        {"batch.kubernetes.io/job-name", "name"}}) {
    const std::string_view wanted = metadata[from].text();
    generated.set(label, wanted);
    const Value* given = at(labels.value, label);
    if (given == nullptr) {
      findings.required(labels.path.key(label), fmt::format("must be '{}'", wanted));
    } else if (text_of(given) != wanted) {
      findings.invalid(labels.path.key(label), *labels.value, fmt::format("must be '{}'", wanted));
    }
  }
  const Value all = std::move(generated);
  if (is_readable_selector(selector) && !selects(*selector.value, &all)) {
    findings.invalid(selector, "`selector` not auto-generated");
  }
}

void check_job_update(const Part& spec, const Value& before, Findings& findings) {
  const Part completions = spec["completions"];
  if (spec["completionMode"].text() != "Indexed") {
    check_immutable(completions, at(before, {"completions"}), findings);
  } else if (completions && !same(completions.value, at(before, {"completions"})) &&
             !same(completions.value, spec["parallelism"].value)) {
    findings.invalid(completions, "can only be modified in tandem with spec.parallelism");
  }
  for (const std::string_view name : {"selector", "template", "completionMode", "podFailurePolicy",
                                      "backoffLimitPerIndex", "managedBy", "successPolicy"}) {
    check_immutable(spec[name], at(before, {name}), findings);
  }
}

}  // namespace

void check_job(const Part& object, const Value* before, Findings& findings) {
  const Part spec = object["spec"];
  check_generated_selector(object, findings);
  check_job_spec(spec, findings);
  const Part selector = spec["selector"];
  if (!selector) {
    findings.required(selector.path);
  } else {
    check_label_selector(selector, findings);
    const Part labels = spec["template"]["metadata"]["labels"];
    if (is_readable_selector(selector) && !selects(*selector.value, labels.value)) {
      findings.invalid(labels.path, labels.value == nullptr ? Value() : *labels.value,
                       "`selector` does not match template `labels`");
    }
  }
  if (before != nullptr) {
    if (const Value* old = at(*before, {"spec"}); spec && old != nullptr) {
      check_job_update(spec, *old, findings);
    }
    return;
  }
  const auto completions = spec["completions"].number().value_or(0);
  if (spec["completionMode"].text() == "Indexed" && completions > 0) {
    const Part name = object["metadata"]["name"];
    const std::string last = fmt::format("{}-{}", name.text(), completions - 1);
    if (!kube::dns_label_problems(last).empty()) {
      findings.invalid(name.path, Value(name.text()),
                       "will not able to create pod with invalid DNS label: " + last);
    }
  }
}

namespace {

/// The five fields of a crontab, or one of the names that stand for some.
bool is_schedule(std::string_view schedule) {
  if (schedule.starts_with('@')) {
    for (const std::string_view name :
         {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}) {
      if (schedule == name) {
        return true;
      }
    }
    return schedule.starts_with("@every ");
  }
  std::size_t fields = 0;
  for (const std::string_view field : split(schedule, ' ')) {
    fields += field.empty() ? 0 : 1;
  }
  return fields == 5;
}

std::size_t count_fields(std::string_view schedule) {
  std::size_t fields = 0;
  for (const std::string_view field : split(schedule, ' ')) {
    fields += field.empty() ? 0 : 1;
  }
  return fields;
}

void check_schedule(const Part& spec, Findings& findings) {
  const Part schedule = spec["schedule"];
  const std::string_view text = schedule.text();
  if (text.empty()) {
    findings.required(schedule.path);
    return;
  }
  if (!is_schedule(text)) {
    findings.invalid(schedule, text.starts_with('@')
                                   ? fmt::format("unrecognized descriptor: {}", text)
                                   : fmt::format("expected exactly 5 fields, found {}: [{}]",
                                                 count_fields(text), text));
  }
  if (text.find("TZ") != std::string_view::npos) {
    findings.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  }
}

}  // namespace

void check_cron_job(const Part& object, const Value*, Findings& findings) {
  const Part spec = object["spec"];
  check_schedule(spec, findings);
  check_not_negative(spec["startingDeadlineSeconds"], findings);
  const Part policy = spec["concurrencyPolicy"];
  if (policy.text() != "Allow" && policy.text() != "Forbid" && policy.text() != "Replace") {
    findings.unsupported(policy.path, Value(policy.text()), {"Allow", "Forbid", "Replace"});
  }
  const Part job = spec["jobTemplate"]["spec"];
  check_job_spec(job, findings);
  if (job["manualSelector"].is_true()) {
    findings.unsupported(job["manualSelector"].path, true, {"nil", "false"});
  }
  check_not_negative(spec["successfulJobsHistoryLimit"], findings);
  check_not_negative(spec["failedJobsHistoryLimit"], findings);
  const Part name = object["metadata"]["name"];
  if (name.text().size() > 52) {
    findings.invalid(name, "must be no more than 52 characters");
  }
}

}  // namespace kthena::apiserver
