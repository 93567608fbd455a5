// Header fields of a message, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace kthena::http {

/// ASCII case-insensitive equality, as field names compare.
bool equals_ignore_case(std::string_view a, std::string_view b) noexcept;

/// An ordered list of fields. Names keep their spelling and compare case-insensitively; a name may
/// repeat. All text stands in one buffer, so a head costs two allocations whatever its size.
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  void reserve(std::size_t fields, std::size_t bytes);
  void clear() noexcept;
  /// Forgets all fields and copies `text`, out of which add_within() then takes fields without
  /// copying each: how a parser fills it. There is room for the few that a proxy adds.
  void start_with(std::string_view text, std::size_t fields);
  /// Adds a field whose parts stand at these places of the text.
  void add_within(std::size_t name_at, std::size_t name_size, std::size_t value_at,
                  std::size_t value_size) {
    CHECK(name_at + name_size <= text_.size() && value_at + value_size <= text_.size());
    entries_.push_back({.name_at = static_cast<std::uint32_t>(name_at),
                        .value_at = static_cast<std::uint32_t>(value_at),
                        .name_size = static_cast<std::uint32_t>(name_size) & kMaxNameSize,
                        .parsed = 1,
                        .value_size = static_cast<std::uint32_t>(value_size)});
  }
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  /// No less than the bytes of all names and values.
  std::size_t most_bytes() const noexcept { return text_.size(); }
  Field operator[](std::size_t index) const noexcept {
    const Entry& entry = entries_[index];
    return {.name = {text_.data() + entry.name_at, entry.name_size},
            .value = {text_.data() + entry.value_at, entry.value_size}};
  }
  /// Whether a field stands there as a parser left it: its name a token, no control characters in
  /// its value.
  bool is_parsed(std::size_t index) const noexcept { return entries_[index].parsed != 0; }

  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of that name by one.
  void set(std::string_view name, std::string_view value);
  /// How many were removed.
  std::size_t remove(std::string_view name) noexcept {
    return remove_if([name](const Field& field) { return equals_ignore_case(field.name, name); });
  }
  /// Removes the fields of which `predicate(field)` says so; how many. Copies no text.
  template <class Predicate>
  std::size_t remove_if(Predicate&& predicate, std::size_t first = 0) {
    std::size_t kept = first;
    for (std::size_t i = first; i < entries_.size(); ++i) {
      if (!predicate((*this)[i])) {
        entries_[kept++] = entries_[i];
      }
    }
    const std::size_t removed = entries_.size() - kept;
    entries_.resize(kept);
    return removed;
  }

  /// The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
  std::size_t count(std::string_view name) const noexcept;

  /// `for (const auto [name, value] : headers)`
  class Iterator {
   public:
    Iterator(const Headers& headers, std::size_t index) noexcept
        : headers_(&headers), index_(index) {}
    Field operator*() const noexcept { return (*headers_)[index_]; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    bool operator==(const Iterator& other) const noexcept { return index_ == other.index_; }

   private:
    const Headers* headers_;
    std::size_t index_;
  };
  Iterator begin() const noexcept { return {*this, 0}; }
  Iterator end() const noexcept { return {*this, entries_.size()}; }

 private:
  struct Entry {
    std::uint32_t name_at;
    std::uint32_t value_at;
    std::uint32_t name_size : 31;
    std::uint32_t parsed : 1;
    std::uint32_t value_size;
  };
  static constexpr std::uint32_t kMaxNameSize = (1U << 31) - 1;
  std::uint32_t append_text(std::string_view text);
  /// Where in text_ a view looks; nothing if it looks elsewhere.
  std::optional<std::size_t> own_offset(std::string_view text) const noexcept;
  /// The first field of that name, or size().
  std::size_t index_of(std::string_view name) const noexcept;

  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace kthena::http
