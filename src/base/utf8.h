// UTF-8: which bytes are well formed (RFC 3629: no surrogates, nothing above U+10FFFF), and how to
// make them so.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kthena {

/// The length (1 to 4) of the well-formed sequence `text` begins with; 0 if it begins with none (or
/// is empty). Overlong forms, surrogates and code points above U+10FFFF are not well formed.
/// Source: Unicode 15, table 3-7.
std::size_t utf8_sequence_length(std::string_view text) noexcept;

/// Where the first byte stands that is not part of well-formed UTF-8; npos if all is well.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

inline bool is_valid_utf8(std::string_view text) {
  return find_invalid_utf8(text) == std::string_view::npos;
}

/// Appends a code point, which must be valid and no surrogate.
void append_utf8(std::string& out, char32_t code_point);

/// U+FFFD, which stands for what cannot be shown.
inline constexpr std::string_view kReplacementCharacter = "\xef\xbf\xbd";

/// `text` with U+FFFD in the place of every byte that is not part of well-formed UTF-8.
std::string make_valid_utf8(std::string_view text);

}  // namespace kthena
