// Conditions: what a controller has observed of an object, one entry a question.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/scalars.h"

namespace kthena::kube {

enum class ConditionStatus : std::uint8_t { Unknown, True, False };
constexpr auto enum_names(ConditionStatus) {
  return std::array{json::EnumName{ConditionStatus::True, "True"},
                    json::EnumName{ConditionStatus::False, "False"},
                    json::EnumName{ConditionStatus::Unknown, "Unknown"}};
}

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::Unknown;
  std::optional<std::int64_t> observed_generation;
  Time last_transition_time;  ///< when `status` last changed
  std::string reason;         ///< one word for programs
  std::string message;        ///< for people

  static constexpr auto fields() {
    using namespace json::field;
    using C = Condition;
    return std::tuple{
        json::Field{"lastTransitionTime", &C::last_transition_time, "When the status last changed.",
                    required},
        json::Field{"message", &C::message, "Details for people; may be empty.", required,
                    max_length(32768)},
        json::Field{"observedGeneration", &C::observed_generation,
                    "The metadata.generation the condition speaks of.", minimum(0)},
        json::Field{"reason", &C::reason, "Why the status last changed, in one word.", required,
                    min_length(1), max_length(1024),
                    pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")},
        json::Field{"status", &C::status, "True, False or Unknown.", required},
        json::Field{"type", &C::type, "What is observed, in CamelCase.", required, max_length(316),
                    pattern("^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
                            "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")},
    };
  }
  friend bool operator==(const Condition&, const Condition&) = default;
};

/// The condition of that type, or null.
const Condition* find_condition(std::span<const Condition> conditions, std::string_view type);

/// Adds the condition or replaces the one of its type. The time of the last transition is set here:
/// to `now` if the status differs from what was there, else it stays. Whether anything changed.
bool set_condition(std::vector<Condition>& conditions, Condition next, WallTime now);

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Condition);
