// What kube-apiserver fills in where an object of a built-in kind says nothing.
#pragma once

#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Sets the defaults of a decoded object (see decode.h). Twice is as once. Members that were added
/// come last: as_printed() (structs.h) brings them into order, as do the functions of strategy.h.
/// Source: Kubernetes v1.34, the defaults of each API group's version.
void apply_built_in_defaults(const Kind& kind, json::Value& object);

}  // namespace kthena::apiserver
