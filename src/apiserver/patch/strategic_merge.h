// Strategic merge patches of built-in kinds, as kube-apiserver 1.34 applies them: the shapes say
// which lists merge and by which field of their items, directives in the patch say the rest
// ($patch, $retainKeys, $setElementOrder/LIST, $deleteFromPrimitiveList/LIST).
#pragma once

#include "apiserver/patch/failure.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

/// The document after the patch. Directives other than $patch stay where the document had nothing
/// to merge with: drop fields that the kind does not know, as is done with any unknown field.
/// Cost: O((document + patch) log), but for objects with many members, whose lookup is linear.
/// Errors: 400 and 422 as kube-apiserver says them; 500 for patches it did not foresee, such as
/// items without the field by which their list merges.
Answer<json::Value> apply_strategic_merge(json::Value document, json::Value patch,
                                          const kube::shapes::Type& type);

}  // namespace kthena::apiserver
