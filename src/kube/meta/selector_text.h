// Label selectors as one text, as queries and `kubectl -l` have them: "app=web,tier in (a,b),!old".
// Source: apimachinery v0.34, package labels, Parse.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "kube/meta/object.h"
#include "kube/meta/selector.h"

namespace kthena::kube {

/// Reads `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a>1`, `a<1`, `a` and `!a`, with
/// commas between; empty: everything. `=` becomes matchLabels, unless the key is there already.
/// Errors: InvalidArgument, also where check(SelectorForm::Text) finds something.
Result<LabelSelector> parse_label_selector(std::string_view text);

/// The text of a selector that passes its check(SelectorForm::Text). parse_label_selector() reads
/// it back to one that matches the same.
std::string to_text(const LabelSelector& selector);
/// "a=b,c=d".
std::string to_text(const Labels& wanted);

}  // namespace kthena::kube
