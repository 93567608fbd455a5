// Internal to the codec: the checks of single values.
#pragma once

#include "json/findings.h"
#include "json/type.h"
#include "json/value.h"

namespace kthena::json::detail {

/// The bounds, lengths, pattern and list keys of one field.
void check_field(const FieldInfo& field, const Value& value, const Step* at, Findings& findings);

/// The rules of an object as a whole.
void check_rules(const TypeInfo& type, const void* object, const Step* at, Findings& findings);

}  // namespace kthena::json::detail
