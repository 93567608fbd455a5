// Values as Go's fmt prints them, and the names Go's decoder has for their types: kube-apiserver
// puts both into its messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/value.h"

namespace kthena::apiserver {

/// What the decoder made of numbers: kube-apiserver keeps the integers of a strategic merge patch,
/// and reads those of an apply as doubles.
enum class GoNumbers : std::uint8_t { Exact, Double };

/// As `%v`: `map[a:1 b:[x y]]`, names sorted; `<nil>` for null.
std::string go_text(const json::Value& value, GoNumbers numbers);

/// As `%#v` of a scalar: strings quoted.
std::string go_syntax(const json::Value& value, GoNumbers numbers);

/// JSON with sorted names and without white space, as encoding/json writes maps: what HTML does not
/// like is escaped.
std::string go_json(const json::Value& value);

/// "object", "array", "number", "string", "bool" or "null", as encoding/json says it.
std::string_view go_json_type(const json::Value& value);

}  // namespace kthena::apiserver
