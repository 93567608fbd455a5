// Scans of text that decide what a byte is, 16 at a time where it counts.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kthena::http {

enum class Delete : bool { Passes, Found };

/// The first byte in [at, end) that is smaller than `Limit`, or `end`. Field values and events hold
/// almost no control characters, so one comparison a block finds their ends.
/// With Delete::Found 0x7f is found as well.
template <unsigned char Limit, Delete kDelete = Delete::Passes>
inline const char* find_below(const char* at, const char* end) noexcept {
  constexpr unsigned char kDel = 0x7f;
  using Block [[gnu::vector_size(16)]] = unsigned char;
  for (; end - at >= 16; at += 16) {
    Block block;
    std::memcpy(&block, at, sizeof(block));
    auto found = block < Limit;
    if constexpr (kDelete == Delete::Found) {
      found |= block == kDel;
    }
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(found);
    if ((words[0] | words[1]) != 0) [[unlikely]] {
      // Lanes are all ones or zeros; the lowest address is the lowest byte on the machines we
      // build for.
      static_assert(std::endian::native == std::endian::little);
      return words[0] != 0 ? at + std::countr_zero(words[0]) / 8
                           : at + 8 + std::countr_zero(words[1]) / 8;
    }
  }
  while (at != end && static_cast<unsigned char>(*at) >= Limit &&
         (kDelete == Delete::Passes || static_cast<unsigned char>(*at) != kDel)) {
    ++at;
  }
  return at;
}

/// The first control character (tabs are some too), or `end`.
inline const char* find_control(const char* at, const char* end) noexcept {
  return find_below<0x20, Delete::Found>(at, end);
}

/// Sets of characters as tables.
class CharSet {
 public:
  constexpr explicit CharSet(std::string_view members) {
    for (const char c : members) {
      in_[static_cast<unsigned char>(c)] = true;
    }
  }
  constexpr bool has(char c) const noexcept { return in_[static_cast<unsigned char>(c)]; }
  constexpr bool has_all(std::string_view text) const noexcept {
    for (const char c : text) {
      if (!has(c)) {
        return false;
      }
    }
    return true;
  }

 private:
  std::array<bool, 256> in_{};
};

/// Characters of a token. Source: RFC 9110 section 5.6.2.
inline constexpr CharSet kTokenChars{
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"};

/// What may stand in a request target: RFC 3986's characters, and those that browsers leave as they
/// are in queries.
inline constexpr CharSet kTargetChars{
    "!$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"};

constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && kTokenChars.has_all(text);
}

/// Without blanks and tabs at both ends.
constexpr std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace kthena::http
