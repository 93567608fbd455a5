// `kubectl logs`, as clients write it.
#pragma once

#include <string_view>

#include "apiserver/patch/failure.h"
#include "apiserver/stream/pod_streams.h"

namespace kthena::apiserver {

/// @param pod  its name, for messages; @param query  without '?'
/// Errors: 400 (what cannot be read), 422 (what cannot be).
Answer<LogRequest> read_log_request(std::string_view pod, std::string_view query);

}  // namespace kthena::apiserver
