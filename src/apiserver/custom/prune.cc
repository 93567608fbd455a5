// Fields that a schema does not know, nulls that mean nothing, and defaults.
// Source: apiextensions-apiserver v0.34, packages pruning and defaulting.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/decode.h"
#include "apiserver/custom/schema_node.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

bool is_type_or_metadata(std::string_view name) {
  return name == "apiVersion" || name == "kind" || name == "metadata";
}

/// Keeps those members for which `keep` is true, in order.
void filter(json::Object& object, auto keep) {
  json::Object kept;
  for (auto& [key, value] : object) {
    if (keep(key, value)) {
      kept.append_new(std::move(key), std::move(value));
    }
  }
  object = std::move(kept);
}

class Pruner {
 public:
  explicit Pruner(std::vector<std::string>* unknown) : unknown_(unknown) {}

  /// @param node  null: nothing is known of the value
  void prune(json::Value& value, const SchemaNode* node, NodeRole role) {
    const bool embedded = node != nullptr && (role == NodeRole::Root || node->is_embedded);
    if (node != nullptr && node->keeps_unknown) {
      look_below(value, *node, embedded);
    } else if (value.is_object()) {
      prune_object(value.as_object(), node, embedded);
    } else if (value.is_array()) {
      for_each_item(value.as_array(), [&](json::Value& item) {
        prune(item, node == nullptr ? nullptr : node->items, NodeRole::Below);
      });
    }
  }

 private:
  void prune_object(json::Object& object, const SchemaNode* node, bool embedded) {
    bool has_unknown = false;
    for (auto& [key, value] : object) {
      if (embedded && is_type_or_metadata(key)) {
        prune_metadata(key, value);
        continue;
      }
      const SchemaNode* property = node == nullptr ? nullptr : node->find_property(key);
      if (property != nullptr || (node != nullptr && node->allows_others)) {
        prune_member(key, value, property != nullptr ? property : node->others);
      } else {
        has_unknown = true;
        record(key);
      }
    }
    if (has_unknown) {
      filter(object, [&](std::string_view key, const json::Value&) {
        return (embedded && is_type_or_metadata(key)) ||
               (node != nullptr && (node->allows_others || node->find_property(key) != nullptr));
      });
    }
  }

  /// What is known below a value that keeps all of its fields.
  void look_below(json::Value& value, const SchemaNode& node, bool embedded) {
    if (value.is_object()) {
      for (auto& [key, member] : value.as_object()) {
        const SchemaNode* property = node.find_property(key);
        if (embedded && is_type_or_metadata(key)) {
          prune_metadata(key, member);
          continue;
        }
        if (property == nullptr && !node.allows_others) {
          continue;
        }
        prune_member(key, member, property != nullptr ? property : node.others);
      }
    } else if (value.is_array() && node.items != nullptr) {
      for_each_item(value.as_array(), [&](json::Value& item) {
        look_below(item, *node.items, node.items->is_embedded);
      });
    }
  }

  /// Metadata of a resource within the object, whose own is not looked at. What cannot be read
  /// stays as it is, for the checks to tell.
  void prune_metadata(std::string_view key, json::Value& value) {
    if (path_.empty() || key != "metadata" || !value.is_object()) {
      return;
    }
    json::Value read = value;
    const auto unknown = decode_built_in(*kube::shapes::find_type("ObjectMeta"), read);
    if (!unknown) {
      return;
    }
    if (at(&read, "creationTimestamp") == nullptr) {
      read.erase("creationTimestamp");
    }
    value = std::move(read);
    for (const std::string& each : *unknown) {  // unknown field "labls"
      const std::size_t begin = each.find('"');
      if (unknown_ != nullptr && begin != std::string::npos) {
        unknown_->push_back(
            fmt::format("{}.metadata.{}", path_, each.substr(begin + 1, each.size() - begin - 2)));
      }
    }
  }

  void prune_member(std::string_view key, json::Value& value, const SchemaNode* node) {
    if (!value.is_object() && !value.is_array()) {
      return;
    }
    const std::size_t length = path_.size();
    append_key(key);
    prune(value, node, NodeRole::Below);
    path_.resize(length);
  }

  void for_each_item(json::Array& items, auto visit) {
    const std::size_t length = path_.size();
    for (std::size_t i = 0; i < items.size(); ++i) {
      fmt::format_to(std::back_inserter(path_), "[{}]", i);
      visit(items[i]);
      path_.resize(length);
    }
  }

  void append_key(std::string_view key) { path_.append(path_.empty() ? "" : ".").append(key); }

  void record(std::string_view key) {
    if (unknown_ == nullptr || (path_.empty() && is_type_or_metadata(key))) {
      return;
    }
    const std::size_t length = path_.size();
    append_key(key);
    unknown_->push_back(path_);
    path_.resize(length);
  }

  std::vector<std::string>* unknown_;
  std::string path_;
};

bool is_meaningless_null(const json::Value& value, const SchemaNode* node) {
  return value.is_null() && node != nullptr && !node->nullable;
}

void prune_nulls(json::Value& value, const SchemaNode* node) {
  if (value.is_array()) {
    for (json::Value& item : value.as_array()) {
      prune_nulls(item, node == nullptr ? nullptr : node->items);
    }
    return;
  }
  if (!value.is_object() || node == nullptr) {
    return;
  }
  const auto is_dropped = [](const json::Value& member, const SchemaNode* below) {
    return is_meaningless_null(member, below) && !below->default_value;
  };
  bool drops = false;
  for (auto& [key, member] : value.as_object()) {
    if (member.is_null()) {
      drops |= is_dropped(member, node->member(key));
    } else if (member.is_object() || member.is_array()) {
      prune_nulls(member, node->member(key));
    }
  }
  if (drops) {
    filter(value.as_object(), [&](std::string_view key, const json::Value& member) {
      return !member.is_null() || !is_dropped(member, node->member(key));
    });
  }
}

}  // namespace

void prune_value(json::Value& value, const SchemaNode& node, NodeRole role,
                 std::vector<std::string>* unknown) {
  Pruner(unknown).prune(value, &node, role);
  if (unknown != nullptr) {
    std::ranges::sort(*unknown);
  }
}

void prune_nulls(json::Value& value, const SchemaNode& node) { prune_nulls(value, &node); }

void fill_defaults(json::Value& value, const SchemaNode& node) {
  if (!node.has_defaults) {
    return;
  }
  if (value.is_array()) {
    if (node.items == nullptr) {
      return;
    }
    for (json::Value& item : value.as_array()) {
      if (is_meaningless_null(item, node.items) && node.items->default_value) {
        item = *node.items->default_value;
      }
      fill_defaults(item, *node.items);
    }
    return;
  }
  if (!value.is_object()) {
    return;
  }
  json::Object& object = value.as_object();
  for (const auto& [name, property] : node.properties) {
    if (!property->default_value) {
      continue;
    }
    json::Value* member = object.find(name);
    if (member == nullptr) {
      object.append_new(name, *property->default_value);
    } else if (is_meaningless_null(*member, property)) {
      *member = *property->default_value;
    }
  }
  for (auto& [key, member] : object) {
    const SchemaNode* property = node.find_property(key);
    const SchemaNode* below = property != nullptr ? property : node.others;
    if (below == nullptr) {
      continue;
    }
    if (property == nullptr && is_meaningless_null(member, below) && below->default_value) {
      member = *below->default_value;
    }
    fill_defaults(member, *below);
  }
}

}  // namespace kthena::apiserver
