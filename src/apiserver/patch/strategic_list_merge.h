// Merges two lists as a strategic merge patch does: scalars as sets, maps by their merge key. Of
// strategic_merge.cc only.
#pragma once

#include "apiserver/patch/failure.h"
#include "apiserver/patch/strategic_shape.h"
#include "json/value.h"

namespace kthena::apiserver::strategic {

/// How two items with the same key become one.
using MergeObjects = Answer<json::Value> (*)(json::Value document, json::Value patch,
                                             const Shape& shape);

/// Items of the patch with `$patch` delete those of the server, or replace its list.
Answer<json::Array> merge_lists(json::Array server, json::Array patch, const Merge& merge,
                                MergeObjects merge_item);

/// `$deleteFromPrimitiveList`: the list without what is named.
Answer<json::Array> delete_from_list(json::Array server, const json::Array& deleted);

}  // namespace kthena::apiserver::strategic
