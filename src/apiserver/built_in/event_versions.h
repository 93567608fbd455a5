// One event in the two API groups that have it: the same fields under other names.
#pragma once

#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// An Event of "v1" or "events.k8s.io/v1" as the other, or as it is if it is of that version
/// already. Fields come in the order in which they are printed.
json::Value event_as(std::string_view api_version, json::Value event);

}  // namespace kthena::apiserver
