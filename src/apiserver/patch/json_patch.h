// JSON patches (RFC 6902) as kube-apiserver 1.34 applies them, that is with the habits of
// evanphx/json-patch 4.12:
//  - `replace` of a member that is not there adds it; `copy` of one that is not there copies null.
//  - Indices may be negative: -1 is the last item, and for `add` the end.
//  - What stands before the first '/' of a pointer does not matter. `replace` of the whole document
//    takes an object or an array, and anything else leaves the document as it is.
// Where that library panics (a `test` or `replace` without a value), we answer 422. `test` compares
// values, as the RFC says: there 1 and 1.0 differ, and so does a text with one of <>& from itself,
// unless the patch escapes it as Go does.
#pragma once

#include <cstddef>

#include "apiserver/patch/failure.h"
#include "json/value.h"

namespace kthena::apiserver {

inline constexpr std::size_t kMaxPatchOperations = 10'000;
/// What the `copy` operations of a patch may add, in bytes of JSON.
inline constexpr std::size_t kMaxPatchCopyBytes = 3UL << 20;

/// The document after all operations. The patch may nest no deeper than json::parse lets it.
/// Errors: 400 for what is no patch, in the words of kube-apiserver; 413 for too many operations;
/// 422, without a word on which, for an operation that does not apply, and for a patch that makes
/// too much work (some seconds) or nests deeper than 1,000.
Answer<json::Value> apply_json_patch(json::Value document, const json::Value& patch);

}  // namespace kthena::apiserver
