#include "sim/tokenizer.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/strings.h"

namespace kthena::sim {
namespace {

constexpr std::string_view kConsonants = "bdfghklmnprstv";
constexpr std::string_view kVowels = "aeiou";
constexpr std::size_t kSyllables = kConsonants.size() * kVowels.size();
static_assert(kSyllables * kSyllables == kWords);
constexpr std::size_t kMaxLetters = 8;
constexpr std::size_t kMaxDigits = 3;
constexpr std::size_t kMaxBlanks = 8;

constexpr bool is_letter(char c) noexcept {
  return is_ascii_alpha(c) || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_utf8_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t letters_length(std::string_view text) noexcept {
  std::size_t length = 0;
  while (
      length < text.size() && is_letter(text[length]) &&
      (length < kMaxLetters || (is_utf8_continuation(text[length]) && length < kMaxLetters + 3))) {
    ++length;
  }
  return length;
}

std::size_t blanks_length(std::string_view text) noexcept {
  std::size_t length = 1;
  while (length < text.size() && text[length] == text[0] && length < kMaxBlanks) {
    ++length;
  }
  const bool before_letter = length < text.size() && is_letter(text[length]);
  return text[0] == ' ' && length > 1 && before_letter ? length - 1 : length;
}

constexpr std::array<std::int8_t, 256> index_of(std::string_view letters) {
  std::array<std::int8_t, 256> index{};
  index.fill(-1);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    index[static_cast<unsigned char>(letters[i])] = static_cast<std::int8_t>(i);
  }
  return index;
}
constexpr auto kConsonantIndex = index_of(kConsonants);
constexpr auto kVowelIndex = index_of(kVowels);

/// The number of a word of two syllables.
std::optional<TokenId> word_number(std::string_view word) noexcept {
  TokenId number = 0;
  for (const std::size_t at : {0, 2}) {
    const int consonant = kConsonantIndex[static_cast<unsigned char>(word[at])];
    const int vowel = kVowelIndex[static_cast<unsigned char>(word[at + 1])];
    if (consonant < 0 || vowel < 0) {
      return std::nullopt;
    }
    number = number * kSyllables + static_cast<TokenId>(consonant) * kVowels.size() +
             static_cast<TokenId>(vowel);
  }
  return number;
}

}  // namespace

std::size_t token_length(std::string_view text) noexcept {
  const char first = text[0];
  if (is_letter(first)) {
    return letters_length(text);
  }
  if (first == ' ' && text.size() > 1 && is_letter(text[1])) {
    return 1 + letters_length(text.substr(1));
  }
  if (is_ascii_digit(first)) {
    std::size_t length = 1;
    while (length < text.size() && length < kMaxDigits && is_ascii_digit(text[length])) {
      ++length;
    }
    return length;
  }
  return is_ascii_blank(first) ? blanks_length(text) : 1;
}

TokenId token_id(std::string_view piece) noexcept {
  if (piece.size() == 1) {
    return static_cast<unsigned char>(piece[0]);
  }
  const bool spaced = piece[0] == ' ';
  const std::string_view word = piece.substr(spaced ? 1 : 0);
  if (word.size() == 4) {
    if (const auto number = word_number(word)) {
      return (spaced ? kFirstSpacedWord : kFirstPlainWord) + *number;
    }
  }
  return kFirstHashed + static_cast<TokenId>(xxh3_64(piece) % (kVocabularySize - kFirstHashed));
}

std::vector<TokenId> tokenize(std::string_view text) {
  std::vector<TokenId> ids;
  ids.reserve(text.size() / 4);
  while (!text.empty()) {
    const std::size_t length = token_length(text);
    ids.push_back(token_id(text.substr(0, length)));
    text.remove_prefix(length);
  }
  return ids;
}

std::uint32_t count_tokens(std::string_view text) noexcept {
  std::uint32_t count = 0;
  for (; !text.empty(); ++count) {
    text.remove_prefix(token_length(text));
  }
  return count;
}

void append_token_text(TokenId id, std::string& out) {
  if (id < kFirstSpacedWord) {
    out += static_cast<char>(id);
    return;
  }
  if (id >= kFirstHashed) {
    fmt::format_to(std::back_inserter(out), "<{}>", id);
    return;
  }
  if (id < kFirstPlainWord) {
    out += ' ';
  }
  const TokenId number = (id - kFirstSpacedWord) % kWords;
  for (const std::size_t syllable : {number / kSyllables, number % kSyllables}) {
    out += kConsonants[syllable / kVowels.size()];
    out += kVowels[syllable % kVowels.size()];
  }
}

std::string detokenize(std::span<const TokenId> ids) {
  std::string text;
  for (const TokenId id : ids) {
    append_token_text(id, text);
  }
  return text;
}

}  // namespace kthena::sim
