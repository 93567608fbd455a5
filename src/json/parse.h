// Reading JSON text into a Value: strict RFC 8259, bounded, errors that say where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "json/source_map.h"
#include "json/value.h"

namespace kthena::json {

enum class DuplicateKeys : std::uint8_t {
  Error,
  LastWins,  ///< the last value, in the place of the first
};

struct ParseOptions {
  std::size_t max_depth = 512;         ///< nested arrays and objects
  std::size_t max_bytes = 16UL << 20;  ///< of text; a Value takes up to 30 times as much
  DuplicateKeys duplicate_keys = DuplicateKeys::Error;
};

/// Exactly one value, with white space around it.
/// Errors: InvalidArgument "line 3:14: expected ',' or '}'" (line and column from 1, columns in
/// characters; "unexpected EOF" if the text ends too soon), TooLarge beyond max_bytes.
Result<Value> parse(std::string_view text, const ParseOptions& options = {});

/// The same, with the lines of all parts. Duplicate keys are always an error.
Result<Located> parse_located(std::string_view text, const ParseOptions& options = {});

}  // namespace kthena::json
