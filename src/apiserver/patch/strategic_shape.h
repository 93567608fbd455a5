// What the schema of built-in kinds says of how values merge, and the directives of a patch. Of the
// strategic merge only.
#pragma once

#include <expected>
#include <string_view>

#include "apiserver/patch/failure.h"
#include "json/value.h"
#include "kube/meta/status.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver::strategic {

inline constexpr std::string_view kPatch = "$patch";

/// What the members of a value are: fields of a struct, or nothing we know more of (null), which Go
/// calls a map or by the name of the scalar.
struct Shape {
  const kube::shapes::Type* type = nullptr;
  std::string_view go_kind = "map";
};

/// How a list or an object merges.
struct Merge {
  Shape members;  ///< of the object, or of the list's items
  bool replaces = false;
  bool merges = false;  ///< a list by its items
  std::string_view key;
};

/// Errors: 500 if the members have no such field, or are not known.
Answer<const kube::shapes::Field*> find_field(const Shape& shape, std::string_view name);

Merge merge_of(const kube::shapes::Field& field);

/// Errors: those of find_field(); 500 if the field is no list.
Answer<Merge> merge_of_list(const Shape& shape, std::string_view name);

/// A `$patch` that is none of those there are. `holder` has it.
std::unexpected<kube::Status> unknown_directive(const json::Value& directive,
                                                const json::Value& holder);

}  // namespace kthena::apiserver::strategic
