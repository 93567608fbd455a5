// Items that are twice in a list of type set or map.
// Source: apiextensions-apiserver v0.34, package listtype.
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "apiserver/custom/go_value.h"
#include "apiserver/custom/schema_node.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// Counts texts; true at the second of its kind, not at later ones.
class Counter {
 public:
  bool is_second(std::string text) { return ++counts_[std::move(text)] == 2; }

 private:
  std::unordered_map<std::string, std::size_t> counts_;
};

/// The keys that an item has, as an object.
json::Value keys_of(const SchemaNode& list, const json::Value& item) {
  json::Object keys;
  for (const std::string& key : list.list_keys) {
    if (const json::Value* value = item.find(key)) {
      keys.set(key, *value);
    }
  }
  return keys;
}

/// One key is compared as Go compares it, several as JSON: there 1 and 1.0 are the same. A missing
/// key is like no value.
std::string identity_of(const SchemaNode& list, const json::Value& keys) {
  if (list.list_keys.size() != 1) {
    return go_identity(keys);
  }
  const json::Value* only = keys.find(list.list_keys.front());
  return only == nullptr ? std::string() : go_identity(*only);
}

void check_set(const json::Array& items, const json::FieldPath& path,
               std::vector<json::Problem>& problems) {
  Counter counter;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (counter.is_second(go_identity(items[i]))) {
      problems.push_back(json::duplicate_value(path.index(i), shown_value(items[i])));
    }
  }
}

void check_map(const SchemaNode& node, const json::Array& items, const json::FieldPath& path,
               std::vector<json::Problem>& problems) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_null() && !items[i].is_object()) {
      problems.push_back(json::invalid_value(path.index(i), shown_value(items[i]),
                                             "must be an object for an array of list-type map"));
      return;
    }
  }
  if (items.size() < 2) {
    return;
  }
  Counter counter;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const json::Value keys = keys_of(node, items[i]);
    if (counter.is_second(identity_of(node, keys))) {
      problems.push_back(json::duplicate_value(path.index(i), shown_value(keys)));
    }
  }
}

}  // namespace

void check_unique_items(const SchemaNode& node, const json::Value& value,
                        const json::FieldPath& path, std::vector<json::Problem>& problems) {
  if (!node.has_unique_lists) {
    return;
  }
  if (value.is_object()) {
    // A member that a property names is held against it alone, and others against the rest.
    for (const auto& [name, member] : value.as_object()) {
      if (!member.is_object() && !member.is_array()) {
        continue;
      }
      if (node.others != nullptr) {
        check_unique_items(*node.others, member, path.key(name), problems);
      }
      if (const SchemaNode* property = node.find_property(name)) {
        check_unique_items(*property, member, path.child(name), problems);
      }
    }
  } else if (value.is_array()) {
    const json::Array& items = value.as_array();
    if (node.list_type == CustomListType::Set) {
      check_set(items, path, problems);
    } else if (node.list_type == CustomListType::Map) {
      check_map(node, items, path, problems);
    }
    if (node.items != nullptr && node.items->has_unique_lists) {
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].is_object() || items[i].is_array()) {
          check_unique_items(*node.items, items[i], path.index(i), problems);
        }
      }
    }
  }
}

}  // namespace kthena::apiserver
