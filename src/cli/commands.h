// The program `kthena`: its first argument names a command.
#pragma once

#include <span>
#include <string_view>

#include "cli/streams.h"

namespace kthena::cli {

/// Runs the command that `arguments[0]` names with the others. Returns the exit status.
int run(std::span<const std::string_view> arguments, const Streams& streams);

}  // namespace kthena::cli
