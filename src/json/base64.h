// Base64, as YAML's !!binary and HTTP's fields write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kthena::json {

/// RFC 4648 §4 with its padding; line breaks are skipped. Nothing if `text` is not that.
std::optional<std::string> decode_base64(std::string_view text);

/// RFC 4648 §4, with padding, on one line.
std::string encode_base64(std::string_view bytes);

}  // namespace kthena::json
