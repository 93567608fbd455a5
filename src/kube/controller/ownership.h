// Who owns an object, and what must happen before it may go.
#pragma once

#include <string>
#include <string_view>

#include "kube/client/client.h"
#include "kube/meta/object.h"

namespace kthena::kube {

/// The one owner that manages the object; null if there is none.
const OwnerReference* controller_of(const ObjectMeta& metadata);

/// Whether `owner` manages the object: by uid, so that another of the same name does not.
bool is_controlled_by(const ObjectMeta& metadata, const ObjectMeta& owner);

/// A reference that makes `owner` manage the object it is put into; the object goes when the owner
/// does.
template <Resource T>
OwnerReference controller_reference(const T& owner) {
  return {.api_version = std::string(T::kResource.api_version),
          .kind = std::string(T::kResource.kind),
          .name = owner.metadata.name,
          .uid = owner.metadata.uid,
          .controller = true,
          .block_owner_deletion = true};
}

bool has_finalizer(const ObjectMeta& metadata, std::string_view finalizer);

/// The JSON patch that adds or removes a finalizer of the version that was read, so that a change
/// of another in between is a Conflict instead of being undone.
/// @param finalizer  "modelserving.volcano.sh/cleanup"; for remove one that is there
json::Value add_finalizer_patch(const ObjectMeta& metadata, std::string_view finalizer);
json::Value remove_finalizer_patch(const ObjectMeta& metadata, std::string_view finalizer);

}  // namespace kthena::kube
