// `kthena validate`: manifests held against the schemas and rules of their kinds, without a
// cluster.
#pragma once

#include <span>
#include <string_view>

#include "cli/streams.h"

namespace kthena::cli {

/// @param arguments  without the command's name
/// Returns kGood, kFindings if there is an error (with --strict, also if there is a warning), or
/// kMisuse if arguments are wrong or something cannot be read.
/// Source: docs/reference/kthena-validate.md
int run_validate(std::span<const std::string_view> arguments, const Streams& streams);

}  // namespace kthena::cli
