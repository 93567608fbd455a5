// Fields of features that are off: the server has them in its types and takes them away.
#pragma once

#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Takes away what belongs to features that Kubernetes 1.34 does not turn on of itself.
void drop_disabled_fields(const Kind& kind, json::Value& object);

}  // namespace kthena::apiserver
