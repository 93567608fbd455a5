// YAML as kubectl reads it: what a file means here is what `kubectl apply` makes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/source_map.h"
#include "json/value.h"

namespace kthena::json {

/// What becomes of `.nan` and `.inf`, which JSON does not have.
enum class NonFinite : std::uint8_t {
  Error,   ///< as kubectl does
  String,  ///< the text as it is written, so that who wants a number refuses it by its name
};

struct YamlOptions {
  std::size_t max_bytes = 16UL << 20;           ///< of text
  std::size_t max_expanded_bytes = 32UL << 20;  ///< of values, aliases expanded, 16 a value more
  std::size_t max_depth = 256;                  ///< nested collections, through aliases too
  NonFinite non_finite = NonFinite::Error;
};

/// One document of a file, and the lines of its parts, counted from the start of the file.
struct YamlDocument {
  Value value;
  SourceMap sources;
  std::uint32_t first_line = 1;  ///< where its value begins
};

/// Reads all documents of a file; those that are empty or null are left out.
///
/// Scalars are those of kubectl (see resolve_plain_scalar). Names that are no strings become
/// strings: `1: x` is {"1":x} and `yes: x` is {"true":x}. Anchors, aliases, merge keys and the tags
/// of YAML 1.1 work; a scalar with another tag is a string. A file that begins with `{` and is JSON
/// is read as JSON. Unlike kubectl, which takes the last one, repeated names are an error, and JSON
/// values that follow each other need `---` between them. A mark of UTF-8 before the text is passed
/// over.
///
/// Errors: InvalidArgument "line 12: …", TooLarge beyond the limits.
Result<std::vector<YamlDocument>> parse_yaml_documents(std::string_view text,
                                                       const YamlOptions& options = {});

/// Block style, members in order, one document without `---`. What it prints reads back equal.
std::string print_yaml(const Value& value);

}  // namespace kthena::json
