#include "api/workload/v1alpha1/model_serving_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/workload/v1alpha1/model_serving.h"
#include "api/workload/v1alpha1/model_serving_labels.h"
#include "api/workload/v1alpha1/pod_template.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/object.h"
#include "kube/meta/scalars.h"

namespace kthena::api::workload {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;

constexpr std::array<std::string_view, 2> kPlugins{"demo-pod-tweaks", "lws-standard-labels"};
constexpr std::array<std::string_view, 3> kTargets{"All", "Entry", "Worker"};

bool contains(std::span<const std::string_view> list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

class ServingWarnings {
 public:
  explicit ServingWarnings(const ModelServing& serving) : serving_(serving) {}

  std::vector<Problem> run() {
    const ModelServingSpec& spec = serving_.spec;
    annotation();
    for (std::size_t i = 0; i < spec.plugins.size(); ++i) {
      plugin(spec.plugins[i], FieldPath("spec.plugins").index(i));
    }
    const FieldPath group("spec.template");
    if (spec.group.restart_grace_period_seconds < 0) {
      warn(json::invalid_value(group.child("restartGracePeriodSeconds"),
                               fmt::to_string(spec.group.restart_grace_period_seconds),
                               "should not be negative; it counts as 0"));
    }
    if (const auto& topology = spec.group.network_topology) {
      tiers(topology->group_policy, group.child("networkTopology").child("groupPolicy"));
      tiers(topology->role_policy, group.child("networkTopology").child("rolePolicy"));
    }
    for (std::size_t i = 0; i < spec.group.roles.size(); ++i) {
      role(spec.group.roles[i], group.child("roles").index(i));
    }
    return std::move(problems_);
  }

 private:
  void warn(Problem problem) { problems_.push_back(json::as_warning(std::move(problem))); }

  void annotation() {
    const kube::Labels& all = serving_.metadata.annotations;
    const auto found = all.find(annotations::kRoleUpdateMaxGroups);
    if (found == all.end()) {
      return;
    }
    const std::string& text = found->second;
    const bool percent = text.ends_with('%');
    const std::string_view digits =
        std::string_view(text).substr(0, text.size() - (percent ? 1 : 0));
    const bool number = !digits.empty() && digits.size() <= 9 &&
                        digits.find_first_not_of("0123456789") == std::string_view::npos &&
                        digits.find_first_not_of('0') != std::string_view::npos;
    if (!number) {
      warn(json::invalid_value(
          FieldPath("metadata.annotations").key(annotations::kRoleUpdateMaxGroups), quoted(text),
          "should be a number above 0 or a percentage; 1 is used"));
    }
  }

  void plugin(const Plugin& plugin, const FieldPath& at) {
    if (!contains(kPlugins, plugin.name)) {
      warn(json::unsupported_value(at.child("name"), quoted(plugin.name), kPlugins));
    } else if (!plugin.config.is_null() && !plugin.config.is_object()) {
      warn(json::invalid_value(at.child("config"),
                               json::quoted(json::to_string(plugin.config.type())),
                               "should be an object"));
    }
    if (!plugin.scope) {
      return;
    }
    const FieldPath scope = at.child("scope");
    if (!plugin.scope->target.empty() && !contains(kTargets, plugin.scope->target)) {
      warn(json::unsupported_value(scope.child("target"), quoted(plugin.scope->target), kTargets));
    }
    for (std::size_t i = 0; i < plugin.scope->roles.size(); ++i) {
      const std::string& name = plugin.scope->roles[i];
      if (serving_.spec.group.find_role(name) == nullptr) {
        warn(json::invalid_value(scope.child("roles").index(i), quoted(name),
                                 "there is no such role in template.roles"));
      }
    }
  }

  void tiers(const std::optional<TopologySpec>& topology, const FieldPath& at) {
    if (topology && topology->highest_tier_allowed && !topology->highest_tier_name.empty()) {
      warn(json::forbidden(at.child("highestTierName"),
                           "set either highestTierAllowed or highestTierName"));
    }
  }

  void role(const Role& role, const FieldPath& at) {
    pod(role.entry_template, at.child("entryTemplate"));
    if (role.worker_template) {
      pod(*role.worker_template, at.child("workerTemplate"));
    }
  }

  void pod(const PodTemplate& pod, const FieldPath& at) {
    if (pod.metadata) {
      for (const std::string_view key : labels::kOwned) {
        if (pod.metadata->labels.contains(key)) {
          warn(json::forbidden(at.child("metadata").child("labels").key(key),
                               "is set by the controller; this value is not used"));
        }
      }
    }
    for (const std::string_view list : {"initContainers", "containers"}) {
      const FieldPath containers = at.child("spec").child(list);
      visit_containers(pod, list, [&](std::size_t index, const json::Value& container) {
        if (list == "initContainers") {
          init_image(text_member(container, "image"), containers.index(index).child("image"));
        }
        owned_environment(container, containers.index(index).child("env"));
      });
    }
  }

  void init_image(std::string_view image, const FieldPath& at) {
    if (image.find_first_of(" \t\r\n\v\f") != std::string_view::npos) {
      warn(json::invalid_value(at, quoted(image),
                               "invalid container image reference: image cannot contain spaces"));
    }
  }

  void owned_environment(const json::Value& container, const FieldPath& at) {
    const json::Value* env = container.find("env");
    if (env == nullptr || !env->is_array()) {
      return;
    }
    for (std::size_t i = 0; i < env->as_array().size(); ++i) {
      if (contains(environment::kOwned, text_member(env->as_array()[i], "name"))) {
        warn(json::forbidden(at.index(i).child("name"),
                             "is set by the controller; this value is not used"));
      }
    }
  }

  const ModelServing& serving_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> warn_of(const ModelServing& serving) { return ServingWarnings(serving).run(); }

}  // namespace kthena::api::workload
