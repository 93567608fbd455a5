// Defaults of pods and of what is in them.
#pragma once

#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

void complete_container(json::Value& container);
void complete_volume(json::Value& volume);
/// What only pods get, not templates of pods: requests by limits, host ports, enableServiceLinks.
void complete_pod(json::Value& pod);

}  // namespace kthena::apiserver
