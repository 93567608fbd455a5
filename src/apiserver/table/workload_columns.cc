// Tables of what makes pods: Deployments, Jobs and their like.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/table/human_duration.h"
#include "apiserver/table/printer.h"
#include "base/rfc3339.h"
#include "base/strings.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr std::initializer_list<std::string_view> kContainers{"spec", "template", "spec",
                                                              "containers"};

constexpr Column kReadyColumn{.name = "Ready", .description = "Pods that are ready, of all wanted"};

constexpr Column kDeploymentColumns[] = {
    kNameColumn,
    kReadyColumn,
    {.name = "Up-to-date", .description = "Pods of the newest template"},
    {.name = "Available", .description = "Pods that are ready for long enough"},
    kAgeColumn,
    kContainersColumn,
    kImagesColumn,
    kSelectorColumn,
};

void deployment_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(fmt::format("{}/{}", subject.number({"status", "readyReplicas"}),
                                 subject.number({"spec", "replicas"})));
  cells.emplace_back(subject.number({"status", "updatedReplicas"}));
  cells.emplace_back(subject.number({"status", "availableReplicas"}));
  cells.emplace_back(subject.age());
  add_containers(subject.items(kContainers), cells);
  cells.emplace_back(selector_text(subject.at({"spec", "selector"})));
}

constexpr Column kReplicaSetColumns[] = {
    kNameColumn,
    {.name = "Desired", .description = "Pods that are wanted", .type = "integer"},
    {.name = "Current", .description = "Pods that there are", .type = "integer"},
    {.name = "Ready", .description = "Pods that are ready", .type = "integer"},
    kAgeColumn,
    kContainersColumn,
    kImagesColumn,
    kSelectorColumn,
};

void replica_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.number({"spec", "replicas"}));
  cells.emplace_back(subject.number({"status", "replicas"}));
  cells.emplace_back(subject.number({"status", "readyReplicas"}));
  cells.emplace_back(subject.age());
  add_containers(subject.items(kContainers), cells);
}

void replica_set_cells(const Subject& subject, json::Array& cells) {
  replica_cells(subject, cells);
  cells.emplace_back(selector_text(subject.at({"spec", "selector"})));
}

void replication_controller_cells(const Subject& subject, json::Array& cells) {
  replica_cells(subject, cells);
  cells.emplace_back(labels_text(subject.at({"spec", "selector"})));
}

constexpr Column kStatefulSetColumns[] = {kNameColumn, kReadyColumn, kAgeColumn, kContainersColumn,
                                          kImagesColumn};

void stateful_set_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(fmt::format("{}/{}", subject.number({"status", "readyReplicas"}),
                                 subject.number({"spec", "replicas"})));
  cells.emplace_back(subject.age());
  add_containers(subject.items(kContainers), cells);
}

constexpr Column kDaemonSetColumns[] = {
    kNameColumn,
    {.name = "Desired", .description = "Nodes that should run it", .type = "integer"},
    {.name = "Current", .description = "Nodes that run it", .type = "integer"},
    {.name = "Ready", .description = "Nodes where it is ready", .type = "integer"},
    {.name = "Up-to-date", .description = "Nodes with the newest template", .type = "integer"},
    {.name = "Available",
     .description = "Nodes where it is ready for long enough",
     .type = "integer"},
    {.name = "Node Selector", .description = "Labels of nodes that run it"},
    kAgeColumn,
    kContainersColumn,
    kImagesColumn,
    kSelectorColumn,
};

void daemon_set_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.number({"status", "desiredNumberScheduled"}));
  cells.emplace_back(subject.number({"status", "currentNumberScheduled"}));
  cells.emplace_back(subject.number({"status", "numberReady"}));
  cells.emplace_back(subject.number({"status", "updatedNumberScheduled"}));
  cells.emplace_back(subject.number({"status", "numberAvailable"}));
  cells.emplace_back(labels_text(subject.at({"spec", "template", "spec", "nodeSelector"})));
  cells.emplace_back(subject.age());
  add_containers(subject.items(kContainers), cells);
  cells.emplace_back(selector_text(subject.at({"spec", "selector"})));
}

constexpr Column kRevisionColumns[] = {
    kNameColumn,
    {.name = "Controller", .description = "Whose revision it is"},
    {.name = "Revision", .description = "Its number"},
    kAgeColumn,
};

/// "statefulset.apps/web".
std::string controller_name(const Subject& subject) {
  for (const Value& owner : subject.items({"metadata", "ownerReferences"})) {
    if (!is_true(at(&owner, "controller"))) {
      continue;
    }
    const std::string_view api_version = text_of(at(&owner, "apiVersion"));
    const std::size_t slash = api_version.find('/');
    const std::string_view group =
        slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
    return fmt::format("{}{}{}/{}", to_lower(text_of(at(&owner, "kind"))), group.empty() ? "" : ".",
                       to_lower(group), text_of(at(&owner, "name")));
  }
  return "<none>";
}

void revision_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(controller_name(subject));
  cells.emplace_back(subject.number({"revision"}));
  cells.emplace_back(subject.age());
}

constexpr Column kJobColumns[] = {
    kNameColumn,
    {.name = "Status", .description = "What the job does"},
    {.name = "Completions", .description = "Pods that succeeded, of all that must"},
    {.name = "Duration", .description = "Time that it takes, or took"},
    kAgeColumn,
    kContainersColumn,
    kImagesColumn,
    kSelectorColumn,
};

bool job_is(const Subject& job, std::string_view type) {
  for (const Value& condition : job.items({"status", "conditions"})) {
    if (text_of(at(&condition, "type")) == type) {
      return text_of(at(&condition, "status")) == "True";
    }
  }
  return false;
}

std::string_view job_status(const Subject& job) {
  for (const std::string_view end : {"Complete", "Failed"}) {
    if (job_is(job, end)) {
      return end;
    }
  }
  if (job.is_deleted()) {
    return "Terminating";
  }
  for (const std::string_view state : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (job_is(job, state)) {
      return state;
    }
  }
  return "Running";
}

std::string job_completions(const Subject& job) {
  const std::int64_t succeeded = job.number({"status", "succeeded"});
  if (job.at({"spec", "completions"}) != nullptr) {
    return fmt::format("{}/{}", succeeded, job.number({"spec", "completions"}));
  }
  const std::int64_t parallelism = job.number({"spec", "parallelism"});
  return parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism)
                         : fmt::format("{}/1", succeeded);
}

std::string job_duration(const Subject& job) {
  const Value* start = job.at({"status", "startTime"});
  if (start == nullptr) {
    return {};
  }
  const auto began = parse_rfc3339(text_of(start));
  const auto ended = parse_rfc3339(job.text({"status", "completionTime"}));
  return began && ended ? human_duration(*ended - *began) : job.since(start);
}

void job_cells(const Subject& job, json::Array& cells) {
  cells.emplace_back(job.name());
  cells.emplace_back(job_status(job));
  cells.emplace_back(job_completions(job));
  cells.emplace_back(job_duration(job));
  cells.emplace_back(job.age());
  add_containers(job.items(kContainers), cells);
  cells.emplace_back(selector_text(job.at({"spec", "selector"})));
}

constexpr Column kCronJobColumns[] = {
    kNameColumn,
    {.name = "Schedule", .description = "When it runs, as cron writes it"},
    {.name = "Timezone", .description = "Where the schedule's hours are"},
    {.name = "Suspend", .description = "Whether it pauses", .type = "boolean"},
    {.name = "Active", .description = "Jobs that run", .type = "integer"},
    {.name = "Last Schedule", .description = "Time since a job was last started"},
    kAgeColumn,
    kContainersColumn,
    kImagesColumn,
    kSelectorColumn,
};

void cron_job_cells(const Subject& job, json::Array& cells) {
  cells.emplace_back(job.name());
  cells.emplace_back(job.text({"spec", "schedule"}));
  cells.emplace_back(job.text_or({"spec", "timeZone"}, "<none>"));
  const Value* suspend = job.at({"spec", "suspend"});
  cells.emplace_back(suspend == nullptr ? "<unset>" : is_true(suspend) ? "True" : "False");
  cells.emplace_back(job.items({"status", "active"}).size());
  const Value* last = job.at({"status", "lastScheduleTime"});
  cells.emplace_back(last == nullptr ? std::string("<none>") : job.since(last));
  cells.emplace_back(job.age());
  add_containers(job.items({"spec", "jobTemplate", "spec", "template", "spec", "containers"}),
                 cells);
  cells.emplace_back(selector_text(job.at({"spec", "jobTemplate", "spec", "selector"})));
}

constexpr Column kScaleColumns[] = {
    {.name = "Name", .description = kNameColumn.description},
    {.name = "Desired", .description = "Replicas that are wanted", .type = "integer"},
    {.name = "Available", .description = "Replicas that there are", .type = "integer"},
    kAgeColumn,
};

void scale_cells(const Subject& scale, json::Array& cells) {
  cells.emplace_back(scale.name());
  cells.emplace_back(scale.number({"spec", "replicas"}));
  cells.emplace_back(scale.number({"status", "replicas"}));
  cells.emplace_back(scale.age());
}

constexpr NamedPrinter kPrinters[] = {
    {"apps", "Deployment", {kDeploymentColumns, deployment_cells}},
    {"apps", "ReplicaSet", {kReplicaSetColumns, replica_set_cells}},
    {"apps", "StatefulSet", {kStatefulSetColumns, stateful_set_cells}},
    {"apps", "DaemonSet", {kDaemonSetColumns, daemon_set_cells}},
    {"apps", "ControllerRevision", {kRevisionColumns, revision_cells}},
    {"", "ReplicationController", {kReplicaSetColumns, replication_controller_cells}},
    {"batch", "Job", {kJobColumns, job_cells}},
    {"batch", "CronJob", {kCronJobColumns, cron_job_cells}},
    {"autoscaling", "Scale", {kScaleColumns, scale_cells}},
};

}  // namespace

std::span<const NamedPrinter> workload_printers() { return kPrinters; }

}  // namespace kthena::apiserver
