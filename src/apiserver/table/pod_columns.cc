// What `kubectl get pods` shows: the state of a pod in one word.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/table/printer.h"
#include "base/clock.h"
#include "base/rfc3339.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

constexpr Column kPodColumns[] = {
    kNameColumn,
    {.name = "Ready", .description = "Containers that are ready, of all that keep running"},
    {.name = "Status", .description = "What the pod, or the container that holds it up, does"},
    {.name = "Restarts", .description = "How often containers were restarted, and when last"},
    kAgeColumn,
    {.name = "IP", .description = "Address of the pod", .priority = 1},
    {.name = "Node", .description = "Node that runs it", .priority = 1},
    {.name = "Nominated Node", .description = "Node where room is made for it", .priority = 1},
    {.name = "Readiness Gates",
     .description = "Conditions of others that hold, of those that must",
     .priority = 1},
};

/// Of the conditions of a pod.
bool has_condition(const Value& pod, std::string_view type) {
  for (const Value& condition : items_of(at(pod, {"status", "conditions"}))) {
    if (text_of(at(&condition, "type")) == type) {
      return text_of(at(&condition, "status")) == "True";
    }
  }
  return false;
}

/// How often containers were restarted.
struct Restarts {
  std::int64_t count = 0;
  const Value* last = nullptr;  ///< when the last one ended before that
  WallTime last_time{};

  void add(const Value& container) {
    count += number_of(at(&container, "restartCount")).value_or(0);
    const Value* ended = at(container, {"lastState", "terminated", "finishedAt"});
    const auto time = parse_rfc3339(text_of(ended));
    if (time && (last == nullptr || last_time < *time)) {
      last = ended;
      last_time = *time;
    }
  }
};

/// "Error", "Signal:9", "ExitCode:1".
std::string how_it_ended(const Value& terminated) {
  if (const std::string_view reason = text_of(at(&terminated, "reason")); !reason.empty()) {
    return std::string(reason);
  }
  if (const auto signal = number_of(at(&terminated, "signal")).value_or(0); signal != 0) {
    return fmt::format("Signal:{}", signal);
  }
  return fmt::format("ExitCode:{}", number_of(at(&terminated, "exitCode")).value_or(0));
}

/// Goes through the containers of one pod.
class PodSummary {
 public:
  explicit PodSummary(const Value& pod) : pod_(pod) {
    reason_ = text_at(pod, {"status", "phase"});
    if (const auto reason = text_at(pod, {"status", "reason"}); !reason.empty()) {
      reason_ = reason;
    }
    for (const Value& condition : items_of(at(pod, {"status", "conditions"}))) {
      if (text_of(at(&condition, "type")) == "PodScheduled" &&
          text_of(at(&condition, "reason")) == "SchedulingGated") {
        reason_ = "SchedulingGated";
      }
    }
    total_ = items_of(at(pod, {"spec", "containers"})).size();
    for (const Value& container : items_of(at(pod, {"spec", "initContainers"}))) {
      total_ += is_sidecar(container) ? 1 : 0;
    }
    const bool initializing = read_init_containers();
    if (!initializing || has_condition(pod, "Initialized")) {
      read_containers();
    }
    read_deletion();
  }

  std::string ready() const { return fmt::format("{}/{}", ready_, total_); }
  const std::string& reason() const { return reason_; }
  const Restarts& restarts() const { return restarts_; }

 private:
  static bool is_sidecar(const Value& container) {
    return text_of(at(&container, "restartPolicy")) == "Always";
  }

  bool is_sidecar_named(std::string_view name) const {
    return std::ranges::any_of(
        items_of(at(pod_, {"spec", "initContainers"})), [name](const Value& container) {
          return text_of(at(&container, "name")) == name && is_sidecar(container);
        });
  }

  /// Whether one of them holds the pod up.
  bool read_init_containers() {
    std::size_t index = 0;
    for (const Value& container : items_of(at(pod_, {"status", "initContainerStatuses"}))) {
      restarts_.add(container);
      const bool sidecar = is_sidecar_named(text_of(at(&container, "name")));
      if (sidecar) {
        sidecar_restarts_.add(container);
      }
      const Value* terminated = at(container, {"state", "terminated"});
      if (terminated != nullptr && number_of(at(terminated, "exitCode")).value_or(0) == 0) {
        ++index;
        continue;
      }
      if (sidecar && is_true(at(&container, "started"))) {
        ready_ += is_true(at(&container, "ready")) ? 1 : 0;
        ++index;
        continue;
      }
      const std::string_view waiting = text_at(container, {"state", "waiting", "reason"});
      if (terminated != nullptr) {
        reason_ = "Init:" + how_it_ended(*terminated);
      } else if (!waiting.empty() && waiting != "PodInitializing") {
        reason_ = fmt::format("Init:{}", waiting);
      } else {
        reason_ =
            fmt::format("Init:{}/{}", index, items_of(at(pod_, {"spec", "initContainers"})).size());
      }
      return true;
    }
    return false;
  }

  void read_containers() {
    restarts_ = sidecar_restarts_;
    bool running = false;
    const json::Array& containers = items_of(at(pod_, {"status", "containerStatuses"}));
    for (const Value& container : std::views::reverse(containers)) {
      restarts_.add(container);
      const Value* terminated = at(container, {"state", "terminated"});
      const std::string_view waiting = text_at(container, {"state", "waiting", "reason"});
      if (!waiting.empty()) {
        reason_ = waiting;
      } else if (terminated != nullptr) {
        reason_ = how_it_ended(*terminated);
      } else if (is_true(at(&container, "ready")) &&
                 at(container, {"state", "running"}) != nullptr) {
        running = true;
        ++ready_;
      }
    }
    if (reason_ == "Completed" && running) {
      reason_ = has_condition(pod_, "Ready") ? "Running" : "NotReady";
    }
  }

  void read_deletion() {
    if (at(pod_, {"metadata", "deletionTimestamp"}) == nullptr) {
      return;
    }
    const std::string_view phase = text_at(pod_, {"status", "phase"});
    if (text_at(pod_, {"status", "reason"}) == "NodeLost") {
      reason_ = "Unknown";
    } else if (phase != "Succeeded" && phase != "Failed") {
      reason_ = "Terminating";
    }
  }

  const Value& pod_;
  std::string reason_;
  std::size_t total_ = 0;
  std::size_t ready_ = 0;
  Restarts restarts_;
  Restarts sidecar_restarts_;
};

std::string readiness_gates(const Value& pod) {
  const json::Array& gates = items_of(at(pod, {"spec", "readinessGates"}));
  if (gates.empty()) {
    return "<none>";
  }
  const auto open = std::ranges::count_if(gates, [&pod](const Value& gate) {
    return has_condition(pod, text_of(at(&gate, "conditionType")));
  });
  return fmt::format("{}/{}", open, gates.size());
}

void pod_cells(const Subject& pod, json::Array& cells) {
  const PodSummary summary(pod.object());
  const Restarts& restarts = summary.restarts();
  cells.emplace_back(pod.name());
  cells.emplace_back(summary.ready());
  cells.emplace_back(summary.reason());
  cells.emplace_back(restarts.count != 0 && restarts.last != nullptr
                         ? fmt::format("{} ({} ago)", restarts.count, pod.since(restarts.last))
                         : fmt::format("{}", restarts.count));
  cells.emplace_back(pod.age());
  const json::Array& addresses = pod.items({"status", "podIPs"});
  const std::string_view address =
      addresses.empty() ? std::string_view{} : text_of(at(&addresses.front(), "ip"));
  cells.emplace_back(address.empty() ? "<none>" : address);
  cells.emplace_back(pod.text_or({"spec", "nodeName"}, "<none>"));
  cells.emplace_back(pod.text_or({"status", "nominatedNodeName"}, "<none>"));
  cells.emplace_back(readiness_gates(pod.object()));
}

constexpr Column kTemplateColumns[] = {
    kNameColumn,
    {.name = "Containers", .description = "Names of the containers"},
    {.name = "Images", .description = "Images of the containers"},
    {.name = "Pod Labels", .description = "Labels that pods get"},
};

void template_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  add_containers(subject.items({"template", "spec", "containers"}), cells);
  cells.emplace_back(labels_text(subject.at({"template", "metadata", "labels"})));
}

constexpr NamedPrinter kPrinters[] = {
    {"", "Pod", {kPodColumns, pod_cells}},
    {"", "PodTemplate", {kTemplateColumns, template_cells}},
};

}  // namespace

std::span<const NamedPrinter> pod_printers() { return kPrinters; }

}  // namespace kthena::apiserver
