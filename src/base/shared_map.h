// A sorted map of texts to values whose versions share what they have in common: how the world goes
// from the thread that knows it to those that use it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kthena {

template <class V>
class SharedMapBuilder;

/// Never changes; copies are cheap and may be used by any thread. Entries stand in sorted chunks:
/// two versions that differ in one entry differ in one chunk and a list of pointers to chunks.
template <class V>
class SharedMap {
 public:
  struct Entry {
    std::string key;
    V value;
  };

 private:
  /// Never empty, never longer than kMostEntries.
  struct Chunk {
    std::vector<Entry> entries;
  };
  using Chunks = std::vector<std::shared_ptr<const Chunk>>;

 public:
  /// Null if there is none. Cost: O(log n).
  const V* find(std::string_view key) const noexcept {
    const auto chunk = std::ranges::upper_bound(*chunks_, key, {}, first_key);
    if (chunk == chunks_->begin()) {
      return nullptr;
    }
    const std::vector<Entry>& entries = (*std::prev(chunk))->entries;
    const auto entry = std::ranges::lower_bound(entries, key, {}, entry_key);
    return entry != entries.end() && entry->key == key ? &entry->value : nullptr;
  }
  /// CHECKs that there is one.
  const V& at(std::string_view key) const noexcept {
    const V* const found = find(key);
    CHECK(found != nullptr);
    return *found;
  }
  bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// In the order of the keys: `for (const auto& [key, value] : map)`.
  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    const Entry& operator*() const noexcept { return (*chunks_)[chunk_]->entries[entry_]; }
    const Entry* operator->() const noexcept { return &**this; }
    Iterator& operator++() noexcept {
      if (++entry_ == (*chunks_)[chunk_]->entries.size()) {
        ++chunk_;
        entry_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const noexcept {
      return chunk_ == other.chunk_ && entry_ == other.entry_;
    }
    Iterator() = default;

   private:
    friend class SharedMap;
    Iterator(const Chunks& chunks, std::size_t chunk) noexcept : chunks_(&chunks), chunk_(chunk) {}
    const Chunks* chunks_ = nullptr;
    std::size_t chunk_ = 0;
    std::size_t entry_ = 0;
  };
  Iterator begin() const noexcept { return Iterator(*chunks_, 0); }
  Iterator end() const noexcept { return Iterator(*chunks_, chunks_->size()); }

 private:
  friend class SharedMapBuilder<V>;
  static constexpr std::size_t kMostEntries = 64;

  static std::string_view entry_key(const Entry& entry) { return entry.key; }
  static std::string_view first_key(const std::shared_ptr<const Chunk>& chunk) {
    return chunk->entries.front().key;
  }

  std::shared_ptr<const Chunks> chunks_ = std::make_shared<const Chunks>();
  std::size_t size_ = 0;
};

/// Makes versions of a SharedMap, one after the other. One thread.
/// Cost: of an edit O(log n + chunk); of a version O(n / chunk) if there was an edit, else nothing.
template <class V>
class SharedMapBuilder {
 public:
  using Map = SharedMap<V>;

  void set(std::string_view key, V value) {
    edited_ = true;
    if (slots_.empty()) {
      slots_.push_back(fresh(Chunk{}));
      slots_.back().chunk->entries.push_back({.key = std::string(key), .value = std::move(value)});
      ++size_;
      return;
    }
    Slot& slot = own(slot_of(key));
    std::vector<Entry>& entries = slot.chunk->entries;
    const auto place = std::ranges::lower_bound(entries, key, {}, Map::entry_key);
    if (place != entries.end() && place->key == key) {
      place->value = std::move(value);
      return;
    }
    entries.insert(place, {.key = std::string(key), .value = std::move(value)});
    ++size_;
    split_if_full(slot);
  }

  /// Whether it was there.
  bool erase(std::string_view key) {
    if (find(key) == nullptr) {
      return false;
    }
    edited_ = true;
    const std::size_t index = slot_of(key);
    std::vector<Entry>& entries = own(index).chunk->entries;
    entries.erase(std::ranges::lower_bound(entries, key, {}, Map::entry_key));
    --size_;
    if (entries.empty()) {
      slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return true;
  }

  const V* find(std::string_view key) const noexcept {
    if (slots_.empty()) {
      return nullptr;
    }
    const std::vector<Entry>& entries = slots_[slot_of(key)].chunk->entries;
    const auto place = std::ranges::lower_bound(entries, key, {}, Map::entry_key);
    return place != entries.end() && place->key == key ? &place->value : nullptr;
  }
  std::size_t size() const noexcept { return size_; }

  /// The map as it is now.
  const Map& version() {
    if (edited_) {
      auto chunks = std::make_shared<typename Map::Chunks>();
      chunks->reserve(slots_.size());
      for (Slot& slot : slots_) {
        slot.shared = true;
        chunks->push_back(slot.chunk);
      }
      version_.chunks_ = std::move(chunks);
      version_.size_ = size_;
      edited_ = false;
    }
    return version_;
  }

 private:
  using Entry = typename Map::Entry;
  using Chunk = typename Map::Chunk;
  struct Slot {
    std::shared_ptr<Chunk> chunk;
    bool shared = false;  ///< with a version: copied before it is edited
  };

  static Slot fresh(Chunk chunk) { return {.chunk = std::make_shared<Chunk>(std::move(chunk))}; }

  /// The chunk in whose range the key lies; there is one at least.
  std::size_t slot_of(std::string_view key) const noexcept {
    const auto next = std::ranges::upper_bound(slots_, key, {}, [](const Slot& slot) {
      return Map::entry_key(slot.chunk->entries.front());
    });
    return next == slots_.begin() ? 0 : static_cast<std::size_t>(next - slots_.begin()) - 1;
  }

  Slot& own(std::size_t index) {
    Slot& slot = slots_[index];
    if (slot.shared) {
      slot = fresh(*slot.chunk);
    }
    return slot;
  }

  void split_if_full(Slot& slot) {
    std::vector<Entry>& entries = slot.chunk->entries;
    if (entries.size() <= Map::kMostEntries) {
      return;
    }
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    Slot upper = fresh(Chunk{
        .entries = {std::make_move_iterator(middle), std::make_move_iterator(entries.end())}});
    entries.erase(middle, entries.end());
    slots_.insert(slots_.begin() + (&slot - slots_.data()) + 1, std::move(upper));
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  bool edited_ = false;
  Map version_;
};

}  // namespace kthena
