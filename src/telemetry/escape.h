// Text from outside inside of log lines: one line stays one line, whatever the text holds.
#pragma once

#include <string>
#include <string_view>

namespace kthena::telemetry {

/// Appends `text` as a JSON string with its quotes. The result is valid JSON and valid UTF-8:
/// control characters are escaped (also DEL, those of U+0080 to U+009F, line separators and marks
/// that turn the direction of writing, which mislead terminals and readers), and each byte that is
/// no UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends `text` as the value of key=value: as it is if it is not empty and all of it is printable
/// ASCII without blank, quote, backslash and '='; else in quotes, escaped as above, but a byte that
/// is no UTF-8 as \xNN.
void append_text_value(std::string& out, std::string_view text);

}  // namespace kthena::telemetry
