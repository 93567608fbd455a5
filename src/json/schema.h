// OpenAPI v3 schemas out of field lists, as CustomResourceDefinitions carry them: structural, with
// the x-kubernetes extensions. What the schema says and what decode() checks come from one list.
#pragma once

#include <string_view>

#include "json/type.h"
#include "json/value.h"

namespace kthena::json {

struct SchemaOptions {
  /// The schema of a built-in type that a field names by `shape("PodTemplateSpec")`. Without it, or
  /// where it answers null, such a field keeps whatever it is given.
  Value (*shape)(std::string_view name) = nullptr;
};

/// The schema of a type, at every depth: types and formats, required fields, defaults, enums,
/// bounds, patterns, list and map types, rules (CEL), and the help of each field as its
/// description. Immutability becomes a transition rule. An old name of a field stands beside it; if
/// the field is required, a rule wants one of the names.
///
/// CHECKs that the type does not contain itself: a structural schema cannot say so.
Value schema_of(const TypeInfo& type, const SchemaOptions& options = {});

template <class T>
Value schema_of(const SchemaOptions& options = {}) {
  return schema_of(type_of<T>(), options);
}

}  // namespace kthena::json
