// Which container of a pod is meant, and whether the pod has a node at all.
#pragma once

#include <string>
#include <string_view>

#include "apiserver/patch/failure.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The container that a request names, or the only one. Errors: 400.
/// @param pod  the object
Answer<std::string> choose_container(const json::Value& pod, std::string_view wanted);

/// 400 for a pod that has no node yet; logs of such are empty instead.
Answer<void> check_scheduled(const json::Value& pod);

}  // namespace kthena::apiserver
