// The simulator's tokenizer: simple, fast, the same everywhere (prompts, usage, /tokenize,
// answers).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::sim {

using TokenId = std::uint32_t;

// The vocabulary:
//   0 … 255          single bytes
//   256 … 5,155      words of two syllables after a space (" bado"), which answers are made of
//   5,156 … 10,055   the same words without the space
//   10,056 … 65,535  all other pieces of text, by their hash: many texts share one id
inline constexpr TokenId kVocabularySize = 65'536;
inline constexpr TokenId kWords = 4'900;
inline constexpr TokenId kFirstSpacedWord = 256;
inline constexpr TokenId kFirstPlainWord = kFirstSpacedWord + kWords;
inline constexpr TokenId kFirstHashed = kFirstPlainWord + kWords;

/// The length in bytes of the token that `text` (not empty) begins with. A token is
///  - up to 8 bytes of letters (ASCII, or any bytes from 0x80 on), with one space before them if
///    there is one; never the first part of a UTF-8 character;
///  - up to 3 digits;
///  - up to 8 times the same blank, less a space that belongs to letters behind it;
///  - or any other single byte.
/// English text has some five bytes a token.
std::size_t token_length(std::string_view text) noexcept;

/// The id of a piece of text that is one token.
TokenId token_id(std::string_view piece) noexcept;

std::vector<TokenId> tokenize(std::string_view text);
std::uint32_t count_tokens(std::string_view text) noexcept;

/// Appends the text of a token. Exact for bytes and words; a hashed id has no text of its own and
/// gives a made-up word ("<10056>").
void append_token_text(TokenId id, std::string& out);
std::string detokenize(std::span<const TokenId> ids);

}  // namespace kthena::sim
