// UTF-8 as far as output needs it: which bytes are well formed.
#pragma once

#include <cstddef>
#include <string_view>

namespace kthena {

/// The length (1 to 4) of the well-formed sequence `text` begins with; 0 if it begins with none (or
/// is empty). Overlong forms, surrogates and code points above U+10FFFF are not well formed.
/// Source: Unicode 15, table 3-7.
std::size_t utf8_sequence_length(std::string_view text);

bool is_valid_utf8(std::string_view text);

/// U+FFFD, which stands for what cannot be shown.
inline constexpr std::string_view kReplacementCharacter = "\xef\xbf\xbd";

}  // namespace kthena
