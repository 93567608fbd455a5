#include "http/headers.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "base/check.h"

namespace kthena::http {

namespace {

// What a proxy adds: who the client is, which host it asked, an id.
constexpr std::size_t kSpareFields = 6;
constexpr std::size_t kSpareText = 192;

constexpr unsigned char to_lower(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

/// Whether the bytes of two words are equal but for the case of letters.
template <class Word>
bool equals_ignore_case_at(const char* a, const char* b) noexcept {
  Word x = 0;
  Word y = 0;
  std::memcpy(&x, a, sizeof(x));
  std::memcpy(&y, b, sizeof(y));
  const Word difference = x ^ y;
  constexpr auto kCaseBits = static_cast<Word>(0x2020202020202020);
  if ((difference & ~kCaseBits) != 0) {
    return false;
  }
  // Bytes that differ in the case bit only are equal if they are letters ('@' and '`' are not).
  for (std::size_t i = 0; difference != 0 && i < sizeof(Word); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) {
    return false;
  }
  // In words, of which the last may overlap the one before.
  const std::size_t size = a.size();
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (!equals_ignore_case_at<std::uint64_t>(a.data() + at, b.data() + at)) {
        return false;
      }
    }
    return equals_ignore_case_at<std::uint64_t>(a.data() + size - 8, b.data() + size - 8);
  }
  if (size >= 4) {
    return equals_ignore_case_at<std::uint32_t>(a.data(), b.data()) &&
           equals_ignore_case_at<std::uint32_t>(a.data() + size - 4, b.data() + size - 4);
  }
  for (std::size_t at = 0; at < size; ++at) {
    if (to_lower(a[at]) != to_lower(b[at])) {
      return false;
    }
  }
  return true;
}

void Headers::reserve(std::size_t fields, std::size_t bytes) {
  entries_.reserve(fields);
  text_.reserve(bytes);
}

void Headers::clear() noexcept {
  entries_.clear();
  text_.clear();
}

void Headers::start_with(std::string_view text, std::size_t fields) {
  CHECK_LE(text.size(), std::numeric_limits<std::uint32_t>::max());
  clear();
  entries_.reserve(fields + kSpareFields);
  text_.reserve(text.size() + kSpareText);
  text_.append(text);
}

std::uint32_t Headers::append_text(std::string_view text) {
  const std::size_t at = text_.size();
  CHECK_LE(text.size(), std::numeric_limits<std::uint32_t>::max() - at);
  text_.append(text);
  return static_cast<std::uint32_t>(at);
}

std::optional<std::size_t> Headers::own_offset(std::string_view text) const noexcept {
  const std::less<const char*> before;
  if (text.empty() || before(text.data(), text_.data()) ||
      !before(text.data(), text_.data() + text_.size())) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(text.data() - text_.data());
}

void Headers::add(std::string_view name, std::string_view value) {
  CHECK_LE(name.size(), kMaxNameSize);
  const auto own = own_offset(value);
  const auto name_at = append_text(name);
  if (own) [[unlikely]] {  // a field copied from this very object: the text may have moved
    value = std::string_view(text_).substr(*own, value.size());
  }
  const auto value_at = append_text(value);
  entries_.push_back({.name_at = name_at,
                      .value_at = value_at,
                      .name_size = static_cast<std::uint32_t>(name.size()) & kMaxNameSize,
                      .parsed = 0,
                      .value_size = static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  const std::size_t first = index_of(name);
  if (first == entries_.size()) {
    add(name, value);
    return;
  }
  remove_if([name](const Field& field) { return equals_ignore_case(field.name, name); }, first + 1);
  Entry& entry = entries_[first];
  if (value.size() <= entry.value_size) {
    // In place, so that a field set again and again does not grow the text.
    std::memmove(text_.data() + entry.value_at, value.data(), value.size());
  } else {
    entry.value_at = append_text(value);
  }
  entry.value_size = static_cast<std::uint32_t>(value.size());
  entry.parsed = 0;
}

std::size_t Headers::index_of(std::string_view name) const noexcept {
  std::size_t index = 0;
  while (index < entries_.size() && (entries_[index].name_size != name.size() ||
                                     !equals_ignore_case((*this)[index].name, name))) {
    ++index;
  }
  return index;
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
  const std::size_t index = index_of(name);
  if (index == entries_.size()) {
    return std::nullopt;
  }
  return (*this)[index].value;
}

std::size_t Headers::count(std::string_view name) const noexcept {
  std::size_t found = 0;
  for (const auto [field, value] : *this) {
    found += equals_ignore_case(field, name) ? 1 : 0;
  }
  return found;
}

}  // namespace kthena::http
