// Whole OpenAPI documents: version 2 is one of all kinds, version 3 one for each group and version.
#pragma once

#include <functional>
#include <span>

#include "apiserver/discovery/openapi_schemas.h"
#include "apiserver/kinds/catalog.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The `openAPIV3Schema` of a custom kind, which lives as long as the kind; null if there is none.
using SchemaOfCustom = std::function<const json::Value*(const Kind&)>;

/// All paths of these kinds, and all types that these paths and types speak of.
/// Cost: milliseconds, and megabytes until it is printed.
json::Value openapi_document(OpenApiVersion version, std::span<const KindPtr> kinds,
                             const SchemaOfCustom& schema_of);

}  // namespace kthena::apiserver
