#include "http/headers.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "base/check.h"

namespace kthena::http {

namespace {

constexpr unsigned char to_lower(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

std::uint64_t load_word(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

}  // namespace

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) {
    return false;
  }
  constexpr std::uint64_t kCaseBits = 0x2020202020202020;
  std::size_t at = 0;
  for (; a.size() - at >= 8; at += 8) {
    const std::uint64_t difference = load_word(a.data() + at) ^ load_word(b.data() + at);
    if ((difference & ~kCaseBits) != 0) {
      return false;
    }
    // Bytes that differ in the case bit only are equal if they are letters ('@' and '`' are not).
    for (std::size_t i = at; difference != 0 && i < at + 8; ++i) {
      if (to_lower(a[i]) != to_lower(b[i])) {
        return false;
      }
    }
  }
  for (; at < a.size(); ++at) {
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
  entries_.clear();
  entries_.reserve(fields);
  text_.assign(text);
}

Headers::Field Headers::operator[](std::size_t index) const noexcept {
  const Entry& entry = entries_[index];
  return {.name = {text_.data() + entry.name_at, entry.name_size},
          .value = {text_.data() + entry.value_at, entry.value_size}};
}

std::uint32_t Headers::append_text(std::string_view text) {
  const std::size_t at = text_.size();
  CHECK_LE(text.size(), std::numeric_limits<std::uint32_t>::max() - at);
  text_.append(text);
  return static_cast<std::uint32_t>(at);
}

bool Headers::is_own(std::string_view text) const noexcept {
  const std::less<const char*> before;
  return !text.empty() && !before(text.data(), text_.data()) &&
         before(text.data(), text_.data() + text_.size());
}

void Headers::add(std::string_view name, std::string_view value) {
  if (is_own(name) || is_own(value)) [[unlikely]] {
    // A field copied from this very object: appending may move what the views look at.
    const std::string name_copy(name);
    const std::string value_copy(value);
    add(name_copy, value_copy);
    return;
  }
  const auto name_at = append_text(name);
  const auto value_at = append_text(value);
  entries_.push_back({.name_at = name_at,
                      .value_at = value_at,
                      .name_size = static_cast<std::uint32_t>(name.size()),
                      .value_size = static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  if (is_own(name) || is_own(value)) [[unlikely]] {
    const std::string name_copy(name);
    const std::string value_copy(value);
    set(name_copy, value_copy);
    return;
  }
  const std::size_t first = index_of(name);
  if (first == entries_.size()) {
    add(name, value);
    return;
  }
  Entry& entry = entries_[first];
  if (value.size() <= entry.value_size) {
    // In place, so that a field set again and again does not grow the text.
    std::ranges::copy(value, text_.begin() + entry.value_at);
  } else {
    entry.value_at = append_text(value);
  }
  entry.value_size = static_cast<std::uint32_t>(value.size());
  remove_from(first + 1, name);
}

std::size_t Headers::remove(std::string_view name) noexcept { return remove_from(0, name); }

std::size_t Headers::remove_from(std::size_t start, std::string_view name) noexcept {
  std::size_t kept = start;
  for (std::size_t i = start; i < entries_.size(); ++i) {
    if (!equals_ignore_case((*this)[i].name, name)) {
      entries_[kept++] = entries_[i];
    }
  }
  const std::size_t removed = entries_.size() - kept;
  entries_.resize(kept);
  return removed;
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
