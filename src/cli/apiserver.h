// `kthena apiserver`: the embedded API server as a process of its own.
#pragma once

#include <span>
#include <string_view>

#include "cli/streams.h"

namespace kthena::cli {

/// Serves until SIGINT or SIGTERM. Prints the address and the path of the kubeconfig once it is
/// ready. Returns the exit status.
int run_apiserver(std::span<const std::string_view> arguments, const Streams& streams);

}  // namespace kthena::cli
