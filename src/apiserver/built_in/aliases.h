// Fields that say the same twice, and fields that only write.
#pragma once

#include "apiserver/built_in/structs.h"
#include "json/value.h"

namespace kthena::apiserver {

/// What kube-apiserver does when it turns one of these into its own form and back: stringData of a
/// Secret goes into data; serviceAccount follows serviceAccountName; podIP and podCIDR are the
/// first of their lists; claims in a StatefulSet have their kind.
void settle_aliases(const StructType& type, json::Object& object);

}  // namespace kthena::apiserver
