// One pass over a JSON string: where it ends, whether its bytes are in order, and how many
// characters it stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kthena::json {

struct StringScan {
  enum class Fault : std::uint8_t { None, Unterminated, ControlCharacter, InvalidUtf8 };
  Fault fault = Fault::None;
  std::size_t end = 0;         ///< just behind the closing quote
  std::size_t characters = 0;  ///< Unicode characters; an escape is one, a surrogate pair is one
};

/// Scans the string whose opening quote stands at `begin`. Escapes are counted, not checked: what
/// is none counts somehow, for no engine takes it. After a fault the rest says nothing.
/// Cost: a cycle for each 8 bytes, with escapes or without, with AVX2 or wider; three times that
/// where most letters are beyond ASCII.
/// Source: RFC 8259 section 7.
StringScan scan_string(std::string_view text, std::size_t begin) noexcept;

/// The same byte by byte, for other machines, and to compare with.
StringScan scan_string_scalar(std::string_view text, std::size_t begin) noexcept;

}  // namespace kthena::json
