// The rules of ModelServing that its schema cannot say, in the order of the reference's webhook.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/workload/v1alpha1/model_serving.h"
#include "api/workload/v1alpha1/model_serving_warnings.h"
#include "api/workload/v1alpha1/pod_template.h"
#include "base/strings.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/names.h"
#include "kube/meta/scalars.h"

namespace kthena::api::workload {

namespace {

using json::FieldPath;
using json::Problem;
using json::quoted;
using kube::IntOrString;
using kube::Rounding;

constexpr std::string_view kPercentRule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')";

std::string shown(const IntOrString& value) {
  const auto* number = std::get_if<std::int32_t>(&value.value);
  return number != nullptr ? fmt::to_string(*number) : quoted(std::get<std::string>(value.value));
}

bool is_percent(std::string_view text) {
  return text.size() > 1 && text.ends_with('%') &&
         std::ranges::all_of(text.substr(0, text.size() - 1), is_ascii_digit);
}

enum class MoreThanAll : std::uint8_t { Refused, Allowed };

class ServingValidation {
 public:
  ServingValidation(const ModelServing& serving, const ModelServing* before)
      : serving_(serving), spec_(serving.spec), before_(before) {}

  std::vector<Problem> run() {
    unique_roles();
    generated_names();
    role_names();
    images();
    replicas();
    group_rollout();
    role_rollout();
    gang();
    workers();
    recovery();
    std::ranges::move(softened_, std::back_inserter(errors_));
    return std::move(errors_);
  }

 private:
  void add(Problem problem) { errors_.push_back(std::move(problem)); }

  /// @param same  whether the limit is what it was before the update, which then only warns
  void add_limit(Problem problem, bool same) {
    if (same) {
      problem.message += " (unchanged: it is clamped when it is used)";
      softened_.push_back(json::as_warning(std::move(problem)));
    } else {
      add(std::move(problem));
    }
  }

  FieldPath roles_at() const { return FieldPath("spec.template.roles"); }
  const Role* role_before(const Role& role) const {
    return before_ == nullptr ? nullptr : before_->spec.group.find_role(role.name);
  }

  /// Calls visit(role, path) for each role.
  template <class Visit>
  void each_role(const Visit& visit) const {
    for (std::size_t i = 0; i < spec_.group.roles.size(); ++i) {
      visit(spec_.group.roles[i], roles_at().index(i));
    }
  }

  /// A rule of the schema that is no field's alone.
  void unique_roles() {
    std::set<std::string_view> names;
    each_role([&](const Role& role, const FieldPath&) { names.insert(role.name); });
    if (names.size() != spec_.group.roles.size()) {
      add(json::invalid_value(roles_at(), "roles name must be unique", {}));
    }
  }

  /// The longest name that is made of the names and numbers: that of the last pod.
  void generated_names() {
    each_role([&](const Role& role, const FieldPath&) {
      const auto problems = kube::dns_1035_label_problems(
          fmt::format("{}-{}-{}-{}-{}", serving_.metadata.name, spec_.replicas_or_default(),
                      role.name, role.replicas_or_default(), role.worker_replicas));
      if (!problems.empty()) {
        add(json::invalid_value(FieldPath("metadata.name"), quoted(serving_.metadata.name),
                                fmt::format("invalid name: {}", fmt::join(problems, "; "))));
      }
    });
  }

  void role_names() {
    each_role([&](const Role& role, const FieldPath& at) {
      const auto problems = kube::dns_1035_label_problems(role.name);
      if (!problems.empty()) {
        add(json::invalid_value(
            at.child("name"), quoted(role.name),
            fmt::format("role name must be a valid DNS-1035 label (lowercase alphanumeric "
                        "characters or '-', must start with a letter): {}",
                        fmt::join(problems, "; "))));
      }
    });
  }

  void images() {
    each_role([&](const Role& role, const FieldPath& at) {
      images_of(role.entry_template, at.child("entryTemplate"));
      if (role.worker_template) {
        images_of(*role.worker_template, at.child("workerTemplate"));
      }
    });
  }
  void images_of(const PodTemplate& pod, const FieldPath& at) {
    visit_containers(pod, "containers", [&](std::size_t index, const json::Value& container) {
      const std::string_view image = text_member(container, "image");
      if (!image.contains(' ') && !is_blank(image)) {
        return;
      }
      add(json::invalid_value(
          at.child("spec").child("containers").index(index).child("image"), quoted(image),
          is_blank(image)
              ? "invalid container image reference: image cannot be empty or whitespace only"
              : "invalid container image reference: image cannot contain spaces"));
    });
  }
  static bool is_blank(std::string_view image) {
    return !image.empty() && image.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
  }

  void replicas() {
    const auto wrong = [](std::optional<std::int32_t> count) { return !count || *count < 0; };
    const auto text = [](std::optional<std::int32_t> count) {
      return count ? fmt::to_string(*count) : std::string("null");
    };
    if (wrong(spec_.replicas)) {
      add(json::invalid_value(FieldPath("spec.replicas"), text(spec_.replicas),
                              "replicas must be a non-negative integer"));
    }
    if (spec_.group.roles.empty()) {
      add(json::invalid_value(roles_at(), "null", "roles must be specified"));
    }
    each_role([&](const Role& role, const FieldPath& at) {
      if (wrong(role.replicas)) {
        add(json::invalid_value(at.child("replicas"), text(role.replicas),
                                "role replicas must be a non-negative integer"));
      }
    });
  }

  /// Whether the value is a count or a percentage.
  bool int_or_percent(const IntOrString& value, const FieldPath& at, MoreThanAll more) {
    if (const auto* number = std::get_if<std::int32_t>(&value.value)) {
      if (*number < 0) {
        add(json::invalid_value(at, shown(value), "must be a non-negative integer"));
      }
      return *number >= 0;
    }
    if (!is_percent(std::get<std::string>(value.value))) {
      add(json::invalid_value(at, shown(value), kPercentRule));
      return false;
    }
    const auto percent = kube::scaled_value(value, 100, Rounding::Down);
    if (!percent || (*percent > 100 && more == MoreThanAll::Refused)) {
      add(json::invalid_value(at, shown(value), "must be a valid percent value (0-100)"));
      return false;
    }
    return true;
  }

  /// The count that a limit stands for; nothing, with the findings, if it stands for none.
  std::optional<std::int64_t> limit(const IntOrString& value, std::int64_t total, Rounding rounding,
                                    const FieldPath& at, MoreThanAll more, std::string_view name) {
    const bool good = int_or_percent(value, at, more);
    const auto count = kube::scaled_value(value, total, rounding);
    if (!count) {
      add(json::invalid_value(at, shown(value),
                              fmt::format("invalid {}: {}", name, count.error().message())));
      return std::nullopt;
    }
    return good ? std::optional<std::int64_t>(*count) : std::nullopt;
  }

  void group_rollout() {
    if (!spec_.rollout_strategy || !spec_.rollout_strategy->rolling_update_configuration) {
      return;
    }
    const FieldPath at("spec.rolloutStrategy.rollingUpdateConfiguration");
    if (spec_.rollout_type() == RolloutType::RoleRollingUpdate) {
      add(json::forbidden(at,
                          "rollingUpdateConfiguration is only valid when rolloutStrategy.type "
                          "is ServingGroupRollingUpdate"));
      return;
    }
    const RollingUpdateConfiguration& config =
        *spec_.rollout_strategy->rolling_update_configuration;
    const std::int64_t total = std::max(spec_.replicas_or_default(), 0);
    std::optional<std::int64_t> down = 1;
    if (config.max_unavailable) {
      down = limit(*config.max_unavailable, total, Rounding::Down, at.child("maxUnavailable"),
                   MoreThanAll::Refused, "maxUnavailable");
    }
    if (config.partition) {
      int_or_percent(*config.partition, at.child("partition"), MoreThanAll::Refused);
    }
    std::optional<std::int64_t> surge = 0;
    if (config.max_surge) {
      // Whether there may be one at all does not depend on how many groups are wanted just now.
      surge = limit(*config.max_surge, std::max<std::int64_t>(total, 1), Rounding::Up,
                    at.child("maxSurge"), MoreThanAll::Allowed, "maxSurge");
    }
    // With a surge the new groups come before the old ones go.
    if (down == 0 && surge == 0) {
      add_limit(json::invalid_value(at, quoted(""), "maxUnavailable cannot be 0"),
                is_same_configuration(config));
    }
  }

  bool is_same_configuration(const RollingUpdateConfiguration& config) const {
    return before_ != nullptr && before_->spec.rollout_strategy &&
           before_->spec.rollout_strategy->rolling_update_configuration == config;
  }

  void role_rollout() {
    const bool by_role = spec_.rollout_type() == RolloutType::RoleRollingUpdate;
    each_role([&](const Role& role, const FieldPath& at) {
      if (role.partition) {
        if (!by_role) {
          add(json::forbidden(
              at.child("partition"),
              "partition is only valid when rolloutStrategy.type is RoleRollingUpdate"));
        } else {
          int_or_percent(*role.partition, at.child("partition"), MoreThanAll::Refused);
        }
      }
      // With the other strategy the field is not read, and the default stands in every object.
      if (by_role && role.max_unavailable) {
        role_limit(role, *role.max_unavailable, at.child("maxUnavailable"));
      }
    });
  }
  void role_limit(const Role& role, const IntOrString& value, const FieldPath& at) {
    const std::int64_t total = std::max(role.replicas_or_default(), 0);
    const auto down =
        limit(value, total, Rounding::Down, at, MoreThanAll::Refused, "maxUnavailable");
    const Role* before = role_before(role);
    const bool same = before != nullptr && before->max_unavailable == value;
    if (down == 0) {
      add_limit(json::invalid_value(at, shown(value), "maxUnavailable cannot be 0"), same);
    } else if (down && *down > total) {
      add_limit(json::invalid_value(
                    at, shown(value),
                    fmt::format("maxUnavailable cannot be greater than replicas ({})", total)),
                same);
    }
  }

  void gang() {
    if (!spec_.group.gang_policy || !spec_.group.gang_policy->min_role_replicas) {
      return;
    }
    const FieldPath at("spec.template.gangPolicy.minRoleReplicas");
    for (const auto& [name, least] : *spec_.group.gang_policy->min_role_replicas) {
      gang_of_role(name, least, at.key(name));
    }
  }
  void gang_of_role(const std::string& name, std::int32_t least, const FieldPath& at) {
    const Role* role = spec_.group.find_role(name);
    if (role == nullptr) {
      add(json::invalid_value(at, quoted(name),
                              fmt::format("role {} does not exist in template.roles", name)));
      return;
    }
    if (const std::int32_t there = role->replicas_or_default(); least > there) {
      add_limit(json::invalid_value(
                    at, fmt::to_string(least),
                    fmt::format("minRoleReplicas ({}) for role {} cannot exceed replicas ({})",
                                least, name, there)),
                is_same_gang(name, least));
    }
    if (least < 0) {
      add(json::invalid_value(
          at, fmt::to_string(least),
          fmt::format("minRoleReplicas for role {} must be non-negative", name)));
    }
  }
  bool is_same_gang(const std::string& name, std::int32_t least) const {
    if (before_ == nullptr || !before_->spec.group.gang_policy ||
        !before_->spec.group.gang_policy->min_role_replicas) {
      return false;
    }
    const MinRoleReplicas& roles = *before_->spec.group.gang_policy->min_role_replicas;
    const auto found = roles.find(name);
    return found != roles.end() && found->second == least;
  }

  void workers() {
    each_role([&](const Role& role, const FieldPath& at) {
      if (role.worker_replicas < 0) {
        add(json::invalid_value(at.child("workerReplicas"), fmt::to_string(role.worker_replicas),
                                "workerReplicas must be a non-negative integer"));
      }
      if (role.worker_replicas > 0 && !role.worker_template) {
        add(json::required_value(
            at.child("workerTemplate"),
            "workerTemplate is required when workerReplicas is greater than 0"));
      }
    });
  }

  void recovery() {
    if (spec_.recovery_policy == RecoveryPolicy::ServingGroupRecreate &&
        spec_.rollout_type() == RolloutType::RoleRollingUpdate) {
      add(json::invalid_value(
          FieldPath("spec.rolloutStrategy.type"), quoted("RoleRollingUpdate"),
          "incompatible recoveryPolicy and rolloutStrategy.type after applying defaults: "
          "recoveryPolicy=ServingGroupRecreate, rolloutStrategy.type=RoleRollingUpdate; valid "
          "pairs: (ServingGroupRecreate,ServingGroupRollingUpdate) or "
          "(RoleRecreate,RoleRollingUpdate)"));
    }
  }

  const ModelServing& serving_;
  const ModelServingSpec& spec_;
  const ModelServing* before_;  ///< null: the object is new
  std::vector<Problem> errors_;
  std::vector<Problem> softened_;
};

std::vector<Problem> with_warnings(std::vector<Problem> problems, const ModelServing& serving) {
  std::ranges::move(warn_of(serving), std::back_inserter(problems));
  return problems;
}

}  // namespace

std::vector<Problem> validate(const ModelServing& serving) {
  return with_warnings(ServingValidation(serving, nullptr).run(), serving);
}

std::vector<Problem> validate_update(const ModelServing& before, const ModelServing& after) {
  std::vector<Problem> problems;
  const auto& gang_before = before.spec.group.gang_policy;
  const auto& gang = after.spec.group.gang_policy;
  if (gang_before && !gang) {
    problems.push_back(
        json::invalid_value(FieldPath("spec.template"), "gangPolicy is required once set", {}));
  }
  std::ranges::move(ServingValidation(after, &before).run(), std::back_inserter(problems));
  if (gang_before && gang_before->min_role_replicas && gang && !gang->min_role_replicas) {
    problems.push_back(json::as_warning(
        json::required_value(FieldPath("spec.template.gangPolicy.minRoleReplicas"),
                             "was set and should stay; it is immutable but for this way out")));
  }
  return with_warnings(std::move(problems), after);
}

}  // namespace kthena::api::workload
