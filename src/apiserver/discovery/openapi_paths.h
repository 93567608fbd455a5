// Paths and operations of OpenAPI documents. kubectl looks there whether a kind's patches take
// `fieldValidation`; programs that generate clients read all of it.
#pragma once

#include <map>
#include <string>

#include "apiserver/discovery/openapi_schemas.h"
#include "apiserver/kinds/kind.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Adds all paths of a kind and of what is below its objects.
void add_paths(OpenApiVersion version, const Kind& kind, std::map<std::string, json::Value>& paths);

}  // namespace kthena::apiserver
