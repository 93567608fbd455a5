#include "kube/meta/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/problem.h"
#include "json/type.h"
#include "kube/meta/names.h"
#include "kube/meta/object.h"

namespace kthena::kube {

namespace {

enum class SelectorOperator : std::uint8_t { In, NotIn, Exists, DoesNotExist };

std::optional<SelectorOperator> operator_of(std::string_view text) {
  if (text == "In") {
    return SelectorOperator::In;
  }
  if (text == "NotIn") {
    return SelectorOperator::NotIn;
  }
  if (text == "Exists") {
    return SelectorOperator::Exists;
  }
  if (text == "DoesNotExist") {
    return SelectorOperator::DoesNotExist;
  }
  return std::nullopt;
}

bool holds(const LabelRequirement& requirement, const Labels& labels) {
  const auto label = labels.find(requirement.key);
  const bool listed =
      label != labels.end() &&
      std::ranges::find(requirement.values, label->second) != requirement.values.end();
  const auto operation = operator_of(requirement.operation);
  if (!operation) {
    return false;
  }
  switch (*operation) {
    case SelectorOperator::In:
      return listed;
    case SelectorOperator::NotIn:
      return !listed;  // as for Kubernetes, also without the label
    case SelectorOperator::Exists:
      return label != labels.end();
    case SelectorOperator::DoesNotExist:
      return label == labels.end();
  }
  return false;
}

/// The texts of apimachinery's labels.NewRequirement, v1.34: several findings stand in brackets.
class RequirementCheck {
 public:
  void key(std::string_view key) {
    if (const auto problems = label_key_problems(key); !problems.empty()) {
      found_.push_back(
          json::invalid_value(json::FieldPath("key"), json::quoted(key), join(problems, "; "))
              .to_string());
    }
  }
  void value(std::string_view key, std::size_t index, std::string_view value) {
    if (const auto problems = label_value_problems(value); !problems.empty()) {
      found_.push_back(json::invalid_value(json::FieldPath("values").index(index).key(key),
                                           json::quoted(value), join(problems, "; "))
                           .to_string());
    }
  }
  void values(const json::Problem& problem) { found_.push_back(problem.to_string()); }

  Result<void> result() const {
    if (found_.empty()) {
      return {};
    }
    return fail(ErrorCode::InvalidArgument,
                found_.size() == 1 ? found_.front() : fmt::format("[{}]", join(found_, ", ")));
  }

 private:
  std::vector<std::string> found_;
};

Result<void> check_requirement(const LabelRequirement& requirement) {
  const auto operation = operator_of(requirement.operation);
  if (!operation) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is not a valid label selector operator",
                                                        json::quoted(requirement.operation)));
  }
  RequirementCheck check;
  check.key(requirement.key);
  const json::FieldPath values("values");
  const bool takes_values =
      *operation == SelectorOperator::In || *operation == SelectorOperator::NotIn;
  if (takes_values && requirement.values.empty()) {
    check.values(json::invalid_value(values, "[]",
                                     "for 'in', 'notin' operators, values set can't be empty"));
  } else if (!takes_values && !requirement.values.empty()) {
    std::vector<std::string> shown;
    shown.reserve(requirement.values.size());
    for (const std::string& value : requirement.values) {
      shown.push_back(json::quoted(value));
    }
    check.values(json::invalid_value(values, fmt::format("[{}]", join(shown, ",")),
                                     "values set must be empty for exists and does not exist"));
  }
  for (std::size_t i = 0; i < requirement.values.size(); ++i) {
    check.value(requirement.key, i, requirement.values[i]);
  }
  return check.result();
}

}  // namespace

bool matches_labels(const Labels& wanted, const Labels& labels) {
  return std::ranges::all_of(wanted, [&labels](const auto& pair) {
    const auto found = labels.find(pair.first);
    return found != labels.end() && found->second == pair.second;
  });
}

Result<void> check_match_labels(const Labels& wanted) {
  for (const auto& [key, value] : wanted) {
    RequirementCheck check;
    check.key(key);
    check.value(key, 0, value);
    TRY(check.result());
  }
  return {};
}

bool LabelSelector::matches(const Labels& labels) const {
  return matches_labels(match_labels, labels) &&
         std::ranges::all_of(match_expressions, [&labels](const LabelRequirement& requirement) {
           return holds(requirement, labels);
         });
}

Result<void> LabelSelector::check() const {
  TRY(check_match_labels(match_labels));
  for (const LabelRequirement& requirement : match_expressions) {
    TRY(check_requirement(requirement));
  }
  return {};
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::LabelSelector);
