// The objects of a kind as last heard of, by key and by index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "kube/meta/object.h"

namespace kthena::kube {

/// A second way to find objects: by values that are computed from them.
template <class T>
struct IndexSpec {
  std::string_view name;  ///< a constant
  /// The values under which an object is found: none, one or several.
  std::function<std::vector<std::string>(const T&)> values;
};

/// Objects are shared and never changed: who reads one keeps what it began with, and snapshots
/// share what stays the same. Ordered by key, so that two runs visit them alike. One shard.
template <class T>
class Store {
 public:
  using Pointer = std::shared_ptr<const T>;

  explicit Store(std::vector<IndexSpec<T>> indices = {}) {
    for (IndexSpec<T>& spec : indices) {
      const std::string_view name = spec.name;
      CHECK(indices_.emplace(name, Index{.values = std::move(spec.values), .objects = {}}).second);
    }
  }

  /// Null if there is none.
  Pointer find(const ObjectKey& key) const {
    const auto found = objects_.find(key);
    return found != objects_.end() ? *found : nullptr;
  }

  std::size_t size() const noexcept { return objects_.size(); }
  /// Grows with each change.
  std::uint64_t version() const noexcept { return version_; }

  /// `for (const auto& pod : store)`; no change meanwhile.
  auto begin() const noexcept { return objects_.begin(); }
  auto end() const noexcept { return objects_.end(); }

  /// The objects that an index has under a value, by key. CHECKs that there is the index.
  std::vector<Pointer> find_by(std::string_view index, std::string_view value) const {
    const auto& objects = index_of(index).objects;
    const auto found = objects.find(value);
    return found != objects.end() ? std::vector<Pointer>(found->second.begin(), found->second.end())
                                  : std::vector<Pointer>();
  }

  /// Adds the object, or puts it in the place of the one of its key, which is returned.
  Pointer put(Pointer object) {
    ++version_;
    Pointer before = take(object->metadata.key());
    for (auto& [name, index] : indices_) {
      for (std::string& value : index.values(*object)) {
        index.objects[std::move(value)].insert(object);
      }
    }
    objects_.insert(std::move(object));
    return before;
  }

  /// Removes the object of that key, and returns it; null if there was none.
  Pointer erase(const ObjectKey& key) {
    Pointer before = take(key);
    version_ += before != nullptr ? 1 : 0;
    return before;
  }

 private:
  struct ByKey {
    using is_transparent = void;
    // By parts, so that nothing is copied.
    static auto parts(const Pointer& object) {
      return std::tie(object->metadata.namespace_name, object->metadata.name);
    }
    static auto parts(const ObjectKey& key) { return std::tie(key.namespace_name, key.name); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return parts(a) < parts(b);
    }
  };
  using Objects = std::set<Pointer, ByKey>;
  struct Index {
    std::function<std::vector<std::string>(const T&)> values;
    std::map<std::string, Objects, std::less<>> objects;
  };

  const Index& index_of(std::string_view name) const {
    const auto found = indices_.find(name);
    CHECK(found != indices_.end());
    return found->second;
  }

  Pointer take(const ObjectKey& key) {
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
      return nullptr;
    }
    Pointer object = *found;
    objects_.erase(found);
    for (auto& [name, index] : indices_) {
      for (const std::string& value : index.values(*object)) {
        const auto entry = index.objects.find(value);
        if (entry != index.objects.end()) {
          entry->second.erase(object);
          if (entry->second.empty()) {
            index.objects.erase(entry);
          }
        }
      }
    }
    return object;
  }

  Objects objects_;
  std::map<std::string_view, Index> indices_;
  std::uint64_t version_ = 0;
};

}  // namespace kthena::kube
