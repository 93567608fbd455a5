// OpenAPI documents as protobuf messages, in which client-go reads them.
#pragma once

#include <string>

#include "apiserver/discovery/openapi_schemas.h"
#include "json/value.h"

namespace kthena::apiserver {

/// The bytes of a message `openapi.v2.Document` or `openapi.v3.Document`.
/// @param document  as openapi_document() makes it: what it does not use (examples, discriminators)
///                  is left out
/// Source: github.com/google/gnostic-models v0.7.0, OpenAPIv2.proto and OpenAPIv3.proto.
std::string gnostic_bytes(OpenApiVersion version, const json::Value& document);

}  // namespace kthena::apiserver
