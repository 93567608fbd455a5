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

enum class SelectorOperator : std::uint8_t { In, NotIn, Exists, DoesNotExist, Greater, Less };

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
  if (text == ">") {
    return SelectorOperator::Greater;
  }
  if (text == "<") {
    return SelectorOperator::Less;
  }
  return std::nullopt;
}

bool compares(SelectorOperator operation) {
  return operation == SelectorOperator::Greater || operation == SelectorOperator::Less;
}

/// Source: apimachinery v0.34, labels.Requirement.Matches: what is no integer matches nothing.
bool holds_comparison(SelectorOperator operation, const LabelRequirement& requirement,
                      const std::string& label) {
  const auto have = parse_int<std::int64_t>(label);
  if (!have || requirement.values.size() != 1) {
    return false;
  }
  const auto bound = parse_int<std::int64_t>(requirement.values.front());
  return bound && (operation == SelectorOperator::Greater ? *have > *bound : *have < *bound);
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
    case SelectorOperator::Greater:
    case SelectorOperator::Less:
      return label != labels.end() && holds_comparison(*operation, requirement, label->second);
  }
  return false;
}

std::string shown_values(const std::vector<std::string>& values) {
  std::vector<std::string> shown;
  shown.reserve(values.size());
  for (const std::string& value : values) {
    shown.push_back(json::quoted(value));
  }
  return fmt::format("[{}]", join(shown, ","));
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

void check_comparison(const LabelRequirement& requirement, RequirementCheck& check) {
  const json::FieldPath values("values");
  if (requirement.values.size() != 1) {
    check.values(json::invalid_value(values, shown_values(requirement.values),
                                     "for 'Gt', 'Lt' operators, exactly one value is required"));
    return;
  }
  const std::string& value = requirement.values.front();
  if (!parse_int<std::int64_t>(value)) {
    check.values(json::invalid_value(values.index(0), json::quoted(value),
                                     "for 'Gt', 'Lt' operators, the value must be an integer"));
  }
}

Result<void> check_requirement(const LabelRequirement& requirement, SelectorForm form) {
  const auto operation = operator_of(requirement.operation);
  if (!operation || (compares(*operation) && form == SelectorForm::Object)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} is not a valid label selector operator",
                                                        json::quoted(requirement.operation)));
  }
  RequirementCheck check;
  check.key(requirement.key);
  const json::FieldPath values("values");
  const bool takes_values =
      *operation == SelectorOperator::In || *operation == SelectorOperator::NotIn;
  if (compares(*operation)) {
    check_comparison(requirement, check);
  } else if (takes_values && requirement.values.empty()) {
    check.values(json::invalid_value(values, "[]",
                                     "for 'in', 'notin' operators, values set can't be empty"));
  } else if (!takes_values && !requirement.values.empty()) {
    check.values(json::invalid_value(values, shown_values(requirement.values),
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

Result<void> LabelSelector::check(SelectorForm form) const {
  TRY(check_match_labels(match_labels));
  for (const LabelRequirement& requirement : match_expressions) {
    TRY(check_requirement(requirement, form));
  }
  return {};
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::LabelSelector);
