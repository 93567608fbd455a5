// What each built-in kind makes of a write before it is validated: who may write the status, what
// the server fills in itself, when the generation grows.
#pragma once

#include <string_view>

#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

/// For an object to be created: decoded, defaulted, with name and uid, which a Job's selector has.
/// A Service has its addresses already (service_addresses.h). The result is as_printed().
/// Source: Kubernetes v1.34, PrepareForCreate of each kind's registry.
void prepare_create(const Kind& kind, json::Value& object);

/// For an object that replaces `before`, both decoded and defaulted. What the endpoint does not
/// write is as before; so is the generation, unless what the kind counts as its spec differs.
/// Common metadata (uid, creationTimestamp, …) is the caller's to keep. The result is as_printed().
/// @param subresource  empty, "status", "ephemeralcontainers", "resize" or "finalize"
void prepare_update(const Kind& kind, json::Value& object, const json::Value& before,
                    std::string_view subresource);

}  // namespace kthena::apiserver
