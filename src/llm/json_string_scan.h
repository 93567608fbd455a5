// One pass over a JSON string: where it ends and how many characters it stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kthena::llm {

struct StringScan {
  std::size_t end = 0;  ///< just behind the closing quote; the text's size if there is none
  std::uint64_t characters = 0;  ///< Unicode characters; an escape is one, a surrogate pair is one
};

/// Scans the string whose opening quote stands at `begin` in valid JSON.
/// Cost: 32 bytes a nanosecond where no escapes are, with AVX2.
StringScan scan_string(std::string_view text, std::size_t begin) noexcept;

/// The same without vector instructions, for tests and other machines.
StringScan scan_string_scalar(std::string_view text, std::size_t begin) noexcept;

}  // namespace kthena::llm
