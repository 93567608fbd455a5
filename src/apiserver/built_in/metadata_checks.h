// Checks of metadata, for validate.cc.
#pragma once

#include "apiserver/built_in/checking.h"
#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Annotations of an object, or of a template: names and size.
void check_annotations(const Part& annotations, Findings& findings);

/// Of events, which are checked less.
void check_event_metadata(const Kind& kind, const json::Value& object, const json::Value* before,
                          Findings& findings);

}  // namespace kthena::apiserver
