// The middle of server-side apply: how sets of fields move between managers. Of
// server_side_apply.cc and its tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/managers.h"
#include "apiserver/apply/server_side_apply.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Fields of one manager that another one wants to change.
struct Conflict {
  ManagerId manager;
  FieldSet fields;
};
using Conflicts = std::vector<Conflict>;

/// 409 with a cause for each field.
std::unexpected<kube::Status> conflict_failure(Conflicts conflicts);

/// What an apply makes of an object and its managers.
struct Outcome {
  json::Value object;
  bool changed = true;
  Conflicts conflicts;  ///< if there are any, nothing else counts
};

/// Applies, with objects that are without their managedFields and fit the schema. `managers`
/// becomes what it is afterwards.
Outcome apply_fields(const Target& target, const Writer& writer, Managers& managers,
                     const json::Value& live, const json::Value& wanted, Force force);

/// Gives what differs to the writer, and takes it from all others.
void update_owners(const Target& target, const Writer& writer, Managers& managers,
                   const json::Value& before, const json::Value& after);

}  // namespace kthena::apiserver
