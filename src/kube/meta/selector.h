// Which objects are meant, by their labels.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "json/fields.h"
#include "json/type.h"
#include "kube/meta/object.h"

namespace kthena::kube {

/// True if `labels` has every pair of `wanted`; so an empty `wanted` matches everything.
/// Cost: O(wanted × log labels), no allocation.
bool matches_labels(const Labels& wanted, const Labels& labels);

/// What is wrong with the keys and values of a matchLabels map, in the words of Kubernetes'
/// selector parser; Ok if nothing is. Errors: InvalidArgument.
Result<void> check_match_labels(const Labels& wanted);

/// Where a selector stands. A query's text may compare (`a>1`), an object may not.
enum class SelectorForm : std::uint8_t { Object, Text };

struct LabelRequirement {
  std::string key;
  /// In, NotIn, Exists or DoesNotExist. A text, because the API's schema takes any; another one
  /// matches nothing. From a selector's text (selector_text.h) also ">" and "<", which no object
  /// may say: the label is there and is a greater, a smaller integer than the only value.
  std::string operation;
  std::vector<std::string> values;

  static constexpr auto fields() {
    using namespace json::field;
    using R = LabelRequirement;
    return std::tuple{
        json::Field{"key", &R::key, "The label's key.", required},
        json::Field{"operator", &R::operation, "In, NotIn, Exists or DoesNotExist.", required},
        json::Field{"values", &R::values, "For In and NotIn at least one, else none.", atomic_list},
    };
  }
  friend bool operator==(const LabelRequirement&, const LabelRequirement&) = default;
};

/// Both lists must hold; an empty selector matches everything.
struct LabelSelector {
  Labels match_labels;
  std::vector<LabelRequirement> match_expressions;

  bool matches(const Labels& labels) const;
  /// Errors: InvalidArgument that says which requirement is no good.
  Result<void> check(SelectorForm form = SelectorForm::Object) const;

  static constexpr auto fields() {
    using namespace json::field;
    using S = LabelSelector;
    return std::tuple{
        json::Field{"matchExpressions", &S::match_expressions, "Requirements that must all hold.",
                    atomic_list},
        json::Field{"matchLabels", &S::match_labels, "Pairs that must all be there."},
    };
  }
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::LabelSelector);
