// UTF-8 as JSON needs it: RFC 3629, so no surrogates and nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kthena::json {

/// Where the first byte stands that is not part of valid UTF-8; npos if all is well.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// Appends a code point, which must be valid and no surrogate.
void append_utf8(std::string& out, char32_t code_point);

/// `text` with U+FFFD in the place of every byte that is not part of valid UTF-8.
std::string make_valid_utf8(std::string_view text);

}  // namespace kthena::json
