// What kube-apiserver refuses of objects of built-in kinds, with its paths and texts.
#pragma once

#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What is wrong with the metadata: names by the rules of the kind, labels, annotations and their
/// size, finalizers, owners; of an update that nothing the server set is changed. For custom
/// resources too.
/// @param before  null: it is created
std::vector<json::Problem> validate_metadata(const Kind& kind, const json::Value& object,
                                             const json::Value* before);

/// All that is wrong with an object that was decoded, defaulted and prepared; its metadata
/// included. Empty: it may be stored. An update has its resourceVersion, uid and other metadata of
/// `before`.
/// @param subresource  empty, "status", "ephemeralcontainers", "resize" or "finalize"
std::vector<json::Problem> validate_built_in(const Kind& kind, const json::Value& object,
                                             const json::Value* before,
                                             std::string_view subresource);

}  // namespace kthena::apiserver
