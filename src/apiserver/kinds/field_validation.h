// What is done about fields that a kind does not know.
#pragma once

#include <cstdint>

namespace kthena::apiserver {

/// Of unknown and duplicate fields: the query parameter of that name.
enum class FieldValidation : std::uint8_t { Ignore, Warn, Strict };

}  // namespace kthena::apiserver
