// Writing a Value as JSON text.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace kthena::json {

/// Without white space; numbers as they were read.
std::string print(const Value& value);

/// Two spaces a level, one member or item a line; empty ones stay `{}` and `[]`.
std::string print_pretty(const Value& value);

/// The same text for equal values: names sorted by their bytes, one spelling for each number.
std::string print_canonical(const Value& value);

/// `text` as a JSON string with its quotes. Escapes what must be and nothing else; bytes that are
/// not UTF-8 become U+FFFD.
std::string quote(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

}  // namespace kthena::json
