// Bodies of requests in Kubernetes' protobuf, which kubectl and controller-runtime send for
// built-in kinds. Answers are always JSON or YAML, which those clients accept too.
#pragma once

#include <string_view>

#include "apiserver/patch/failure.h"
#include "json/value.h"

namespace kthena::apiserver {

inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

/// Of a Content-Type.
bool is_protobuf(std::string_view content_type);

/// The object as Go would print it in JSON: fields in their order, `apiVersion` and `kind` from the
/// envelope. Fields that are not known are skipped, as protobuf has it.
/// Errors: 400 with what is wrong, 413, 415 for a kind of which there is no message.
Answer<json::Value> read_protobuf(std::string_view body);

}  // namespace kthena::apiserver
