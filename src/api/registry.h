// All kinds that are ours, by name, and the one door through which their objects pass: for the
// webhook server, the embedded API server and `kthena validate`.
//
//   const api::KindDoor* door = api::find_kind(api_version, kind);
//   const api::Review review = door->review(object, before, kube::AdmissionStage::Webhook);
//   if (!review.ok()) { … kube::denial_text(review.problems) … }
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "api/references.h"
#include "base/result.h"
#include "json/problem.h"
#include "json/type.h"
#include "json/value.h"
#include "kube/meta/admission.h"
#include "kube/meta/manifest.h"
#include "kube/meta/object.h"
#include "kube/meta/resource.h"

namespace kthena::api {

/// What became of an object at the door.
struct Review {
  kube::ObjectKey key;
  json::Value object;  ///< with its defaults; null unless it is ok
  std::vector<json::Problem> problems;
  /// False: there is an error of type or schema, and the rules were not asked. A webhook answers a
  /// problem of kind WrongType with status 400, all others by refusing the object.
  bool readable = false;

  bool ok() const { return !json::has_errors(problems); }
};

/// An object before and after a webhook has filled in what was left out. Both are as we write
/// objects: what differs is what the webhook changes.
struct Mutation {
  json::Value before;
  json::Value after;
};

/// What the webhook answers: a JSON patch (RFC 6902) that adds what `after` has and `before` has
/// not, outer members first; an empty list if that is nothing.
json::Value patch_of(const Mutation& mutation);

/// What readers of files remember of the objects they have read.
struct ReadLog {
  std::size_t count = 0;
  std::vector<std::pair<std::string_view, kube::ObjectKey>> objects;  ///< kind and key
  /// Of objects without errors, in order. What `missing` says stands among their problems, as
  /// warnings of kind NotFound in the same order, until the reader knows better.
  std::vector<Reference> references;
};

/// What can be done with objects of one kind without knowing its type.
struct KindDoor {
  const kube::ResourceType* resource;
  json::TypeRef type;  ///< its field list
  /// @param before  the object as it is stored, for an update; null for a new one
  Review (*review)(const json::Value& object, const json::Value* before,
                   kube::AdmissionStage stage);
  /// Null for kinds that no webhook fills in. Errors: InvalidArgument if types do not fit.
  Result<Mutation> (*mutate)(const json::Value& object);
  /// What it says of other objects; null for kinds that speak of none.
  std::vector<Reference> (*references)(const json::Value& object);
  /// For readers of files: checks, and keeps no object.
  /// @param objects  a ReadLog, or null
  kube::ObjectKey (*read)(const json::Value& value, std::uint32_t line, void* objects,
                          std::vector<json::Problem>& problems);
};

/// Our kinds, by name.
std::span<const KindDoor> our_kinds();

/// Other kinds that we read, as far as we model them: those of other projects.
std::span<const KindDoor> other_kinds();

/// One of our kinds; null if there is none of that name.
const KindDoor* find_kind(std::string_view api_version, std::string_view kind);

}  // namespace kthena::api
