// What a YAML scalar without quotes means to kubectl.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/value.h"

namespace kthena::json {

enum class ScalarKind : std::uint8_t { Null, Bool, Int, Float, NonFinite, String };

struct YamlScalar {
  ScalarKind kind;
  Value value;  ///< for NonFinite the text itself: JSON has no such number
};

/// Reads a plain scalar by the rules of sigs.k8s.io/yaml over go-yaml v2 (checked against kubectl
/// 1.32 and sigs.k8s.io/yaml 1.6). Mostly YAML 1.1: y, n, yes, no, on and off are booleans, 0644
/// and 0o644 are 420, 0x1F and 0b11 and 1_000 are integers, 08 is the float 8. Other than YAML 1.1:
/// 1:30 is a string, and so are dates. Integers beyond 64 bits and floats beyond double precision
/// keep their digits, which kubectl rounds; a float too large for a double is a string.
YamlScalar resolve_plain_scalar(std::string_view text);

}  // namespace kthena::json
