// Server-side apply, and the upkeep of managedFields for all other writes. As kube-apiserver 1.34
// with structured-merge-diff 6.3; what differs stands in docs/design/0011-server-side-apply.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "apiserver/apply/field_set.h"
#include "apiserver/apply/schema.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Whether what a kind's type does not know is gone when an object is read: built-in kinds are Go
/// structs to kube-apiserver, custom resources are maps.
enum class Origin : bool { BuiltIn, Custom };

/// What is written to: the same for all requests to one resource or subresource. Refers to what its
/// owner keeps.
struct Target {
  std::string_view api_version;  ///< "apps/v1"
  std::string_view kind;         ///< "Deployment"
  Origin origin = Origin::BuiltIn;
  const Schema* schema = nullptr;  ///< deduced_schema() if the kind has none
  std::string_view subresource{};  ///< "status", or empty
  /// Paths that the endpoint puts back to what they were, with all below: nobody owns them here.
  const FieldSet* resets = nullptr;
  /// Other api versions in which the kind is served, with the same fields. Entries of versions that
  /// are not served are forgotten.
  std::span<const std::string> other_versions{};
};

/// `resets` as the real server has it for built-in kinds, and for custom resources that have a
/// status subresource: the status for the resource itself, the spec for its status.
const FieldSet& reset_fields(std::string_view kind, std::string_view subresource);

/// Who writes, and when.
struct Writer {
  std::string_view manager;  ///< see manager_name()
  WallTime now{};
};

enum class Force : bool { No, Yes };

/// The object after an apply.
struct Applied {
  json::Value object;
  /// False if the manager only said what is so already: then nothing but ownership may differ.
  bool changed = true;
};

/// Applies `wanted` to `live` (null: creates it).
///  - `live` is as it was stored, with its managedFields; `wanted` is what came in: apiVersion,
///    kind and metadata.name are the caller's to check beforehand, as are limits on size and depth.
///  - The object is neither defaulted nor validated yet, and keeps all metadata of `live`.
/// Errors, with kube-apiserver's text: 409 with a cause for each field that another manager owns;
/// 400 for another kind or given managedFields; 500 if `wanted` does not fit the schema.
/// Cost: some 100 µs for a pod of 6 KiB.
Answer<Applied> apply_object(const Target& target, const Writer& writer, const json::Value* live,
                             const json::Value& wanted, Force force);

/// The object to store after a create, an update or any other patch: `after` with managedFields
/// that say who changed what since `before` (null: it was created).
///  - `after` is defaulted; of a built-in kind, see as_stored().
///  - managedFields of `after` count if they are valid: clients may edit them. An empty list (of
///    built-in kinds), or one empty entry, makes the object's managers forgotten, and it has none
///    until it is applied.
///  - If `after` does not fit the schema, it has none either.
json::Value track_update(const Target& target, const Writer& writer, const json::Value* before,
                         json::Value after);

/// Puts the times of managedFields back if nothing but them differs, so that a write that changes
/// nothing is none. For the object as it would be stored, after defaults and admission.
void keep_times(const json::Value& before, json::Value& after);

}  // namespace kthena::apiserver
