// Who selects an object, found by the object's labels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kube/meta/object.h"
#include "kube/meta/selector.h"

namespace kthena::router {

/// Selectors of equal labels, of many namespaces. Each stands under one of its pairs, the one that
/// fewest others stand under: so an object is compared with few of them, however many there are and
/// however alike they look.
/// @tparam T  who selects
template <class T>
class SelectorIndex {
 public:
  /// `wanted` must stay where it is until it is removed. An empty one selects nothing.
  void add(std::string_view namespace_name, const kube::Labels& wanted, T* who) {
    std::vector<Entry>* smallest = nullptr;
    for (const auto& [name, value] : wanted) {
      std::vector<Entry>& bucket = buckets_[key_of(namespace_name, name, value)];
      if (smallest == nullptr || bucket.size() < smallest->size()) {
        smallest = &bucket;
      }
    }
    if (smallest != nullptr) {
      smallest->push_back({.wanted = &wanted, .who = who});
    }
  }

  void remove(std::string_view namespace_name, const kube::Labels& wanted, const T* who) {
    for (const auto& [name, value] : wanted) {
      const auto bucket = buckets_.find(key_of(namespace_name, name, value));
      if (bucket == buckets_.end()) {
        continue;
      }
      std::erase_if(bucket->second, [who](const Entry& entry) { return entry.who == who; });
      if (bucket->second.empty()) {
        buckets_.erase(bucket);
      }
    }
  }

  /// All that select an object with these labels, in no order, each once.
  std::vector<T*> find(std::string_view namespace_name, const kube::Labels& labels) {
    std::vector<T*> found;
    if (buckets_.empty()) {
      return found;
    }
    for (const auto& [name, value] : labels) {
      const auto bucket = buckets_.find(key_of(namespace_name, name, value));
      if (bucket == buckets_.end()) {
        continue;
      }
      for (const Entry& entry : bucket->second) {
        if (kube::matches_labels(*entry.wanted, labels)) {
          found.push_back(entry.who);
        }
      }
    }
    return found;
  }

 private:
  struct Entry {
    const kube::Labels* wanted;
    T* who;
  };

  /// Valid until the next call. None of the three can hold a NUL.
  const std::string& key_of(std::string_view namespace_name, std::string_view name,
                            std::string_view value) {
    key_.assign(namespace_name).append(1, '\0').append(name).append(1, '\0').append(value);
    return key_;
  }

  std::unordered_map<std::string, std::vector<Entry>> buckets_;
  std::string key_;
};

}  // namespace kthena::router
