// JSON merge patches (RFC 7386), as kube-apiserver 1.34 applies them with evanphx/json-patch 4.12:
// where a patch puts a list in the place of an object, nulls inside the list's objects stay.
#pragma once

#include "apiserver/patch/failure.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The document after the patch. Cost: O(document + patch), but for objects with many members,
/// whose lookup is linear.
/// Errors: 400 if the patch is no object, in the words of kube-apiserver.
Answer<json::Value> apply_merge_patch(json::Value document, json::Value patch);

}  // namespace kthena::apiserver
