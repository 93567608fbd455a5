// The text between the quotes of a JSON string.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kthena::json {

/// What is wrong with a string, and where in it.
struct StringFault {
  std::size_t offset;
  const char* what;
};

/// Appends what `raw`, the valid UTF-8 between the quotes of a JSON string, stands for.
/// Refuses control characters, unknown escapes and halves of surrogate pairs.
std::optional<StringFault> unescape(std::string_view raw, std::string& out);

}  // namespace kthena::json
