// Which word was meant.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace kthena {

/// How many bytes of a short word must be added, taken away, changed or swapped with the next one
/// to make the other (the optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of the known words that was probably meant, whatever the case of its letters; empty if
/// none is near.
/// Cost: O(length of the word × lengths of the known ones); words beyond 64 bytes are near nothing.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known);

}  // namespace kthena
