// What the walkers over typed values share. Of the typed_*.cc files only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "apiserver/apply/path_element.h"
#include "apiserver/apply/schema.h"
#include "apiserver/apply/typed.h"
#include "json/value.h"

namespace kthena::apiserver::walk {

/// What a schema is taken as for one value. A schema of several kinds is decided by the value; if
/// that is null or none of them, it stays undecided and is taken as a map, a scalar, a list, the
/// first it allows.
struct Choice {
  bool map = false;
  bool scalar = false;
  bool list = false;

  friend bool operator==(const Choice&, const Choice&) = default;
};

inline Choice choose(const Schema& schema, const json::Value* value) {
  const Choice all{
      .map = schema.is_map, .scalar = schema.scalar != ScalarType::None, .list = schema.is_list};
  if (value == nullptr || value->is_null()) {
    return all;
  }
  if (value->is_object()) {
    return all.map ? Choice{.map = true} : all;
  }
  if (value->is_array()) {
    return all.list ? Choice{.list = true} : all;
  }
  return all.scalar ? Choice{.scalar = true} : all;
}

inline const json::Object* object_or_null(const json::Value* value) {
  return value != nullptr && value->is_object() ? &value->as_object() : nullptr;
}
inline const json::Array* array_or_null(const json::Value* value) {
  return value != nullptr && value->is_array() ? &value->as_array() : nullptr;
}

/// Finds members of an object that is asked for many of them.
class Members {
 public:
  explicit Members(const json::Object* object) : object_(object) {
    constexpr std::size_t kMany = 16;
    if (object != nullptr && object->size() > kMany) {
      for (const json::Member& member : *object) {
        sorted_.push_back(&member);
      }
      std::ranges::sort(sorted_, {}, &json::Member::key);
    }
  }

  const json::Value* find(std::string_view key) const {
    if (object_ == nullptr) {
      return nullptr;
    }
    if (sorted_.empty()) {
      return object_->find(key);
    }
    const auto found = std::ranges::lower_bound(sorted_, key, {}, &json::Member::key);
    return found == sorted_.end() || (*found)->key != key ? nullptr : &(*found)->value;
  }

 private:
  const json::Object* object_;
  std::vector<const json::Member*> sorted_;
};

/// The items of a merging list by what tells them apart. Items that cannot be told are left out.
class Items {
 public:
  struct Item {
    PathElement element;
    const json::Value* value;
  };
  /// Where an element stands among all().
  struct Found {
    std::size_t first;
    std::size_t count;
  };

  Items(const Schema& list, const json::Array* items) {
    if (items == nullptr) {
      return;
    }
    all_.reserve(items->size());
    for (const json::Value& item : *items) {
      if (auto element = element_of_item(list, item)) {
        all_.push_back({.element = *std::move(element), .value = &item});
      }
    }
    order_.resize(all_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) {
      order_[i] = i;
    }
    std::ranges::sort(order_, [this](std::size_t a, std::size_t b) {
      const auto order = all_[a].element <=> all_[b].element;
      return order < 0 || (order == 0 && a < b);
    });
    unique_ = std::ranges::adjacent_find(order_, [this](std::size_t a, std::size_t b) {
                return all_[a].element == all_[b].element;
              }) == order_.end();
  }

  const std::vector<Item>& all() const { return all_; }
  const Item& operator[](std::size_t index) const { return all_[index]; }

  bool unique() const { return unique_; }

  /// count is 0 if there is none.
  /// @param hint  where it probably stands: lists that differ little have most items in one place
  Found find(const PathElement& element, std::size_t hint = 0) const {
    if (unique_ && hint < all_.size() && all_[hint].element == element) {
      return {.first = hint, .count = 1};
    }
    const auto same = std::ranges::equal_range(
        order_, element, {},
        [this](std::size_t i) -> const PathElement& { return all_[i].element; });
    return {.first = same.empty() ? all_.size() : same.front(), .count = same.size()};
  }

 private:
  std::vector<Item> all_;
  std::vector<std::size_t> order_;
  bool unique_ = true;
};

}  // namespace kthena::apiserver::walk
