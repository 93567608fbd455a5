#include "kube/meta/condition.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "json/type.h"

namespace kthena::kube {

const Condition* find_condition(std::span<const Condition> conditions, std::string_view type) {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

bool set_condition(std::vector<Condition>& conditions, Condition next, WallTime now) {
  next.last_transition_time = Time::whole_seconds(now);
  const auto found = std::ranges::find(conditions, next.type, &Condition::type);
  if (found == conditions.end()) {
    conditions.push_back(std::move(next));
    return true;
  }
  if (found->status == next.status) {
    next.last_transition_time = found->last_transition_time;
  }
  if (*found == next) {
    return false;
  }
  *found = std::move(next);
  return true;
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Condition);
