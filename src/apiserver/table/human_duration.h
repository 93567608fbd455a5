// How long ago, as `kubectl get` shows it.
#pragma once

#include <string>

#include "base/clock.h"

namespace kthena::apiserver {

/// "45s", "5m10s", "3h22m", "2d10h", "100y": two units at most, coarser the longer it is; what is
/// more than a second in the future is "<invalid>".
/// Source: apimachinery 0.34, util/duration, HumanDuration.
std::string human_duration(Duration duration);

}  // namespace kthena::apiserver
