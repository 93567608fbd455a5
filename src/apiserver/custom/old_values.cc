#include "apiserver/custom/old_values.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/custom/go_value.h"
#include "apiserver/custom/schema_node.h"
#include "json/value.h"

namespace kthena::apiserver {

OldMembers::OldMembers(const json::Value* before) {
  if (before == nullptr || !before->is_object()) {
    return;
  }
  object_ = &before->as_object();
  constexpr std::size_t kMany = 24;
  if (object_->size() > kMany) {
    for (const auto& [key, member] : *object_) {
      index_.emplace(key, &member);
    }
  }
}

const json::Value* OldMembers::find(std::string_view name) const {
  if (object_ == nullptr) {
    return nullptr;
  }
  if (index_.empty()) {
    return object_->find(name);
  }
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : found->second;
}

namespace {

/// The keys of an item as one text; nothing if one is missing or no scalar.
std::optional<std::string> key_text(const SchemaNode& list, const json::Value& item) {
  std::string text;
  for (const std::string& key : list.list_keys) {
    const json::Value* value = item.find(key);
    if (value == nullptr || value->is_null() || value->is_object() || value->is_array()) {
      return std::nullopt;
    }
    text += go_identity(*value);
    text += ',';
  }
  return text;
}

}  // namespace

OldItems::OldItems(const SchemaNode& list, const json::Value* before) : list_(list) {
  if (before == nullptr || !before->is_array() || list.list_type != CustomListType::Map) {
    return;
  }
  for (const json::Value& item : before->as_array()) {
    if (auto key = key_text(list, item)) {
      index_.emplace(*std::move(key), &item);
    }
  }
}

const json::Value* OldItems::find(const json::Value& item) const {
  if (index_.empty()) {
    return nullptr;
  }
  const auto key = key_text(list_, item);
  const auto found = key ? index_.find(*key) : index_.end();
  return found == index_.end() ? nullptr : found->second;
}

namespace {

bool same_members(const SchemaNode& node, const json::Value& before, const json::Value& after) {
  if (before.as_object().size() != after.as_object().size()) {
    return false;
  }
  const OldMembers old(&before);
  return std::ranges::all_of(after.as_object(), [&](const json::Member& member) {
    const SchemaNode* below = node.member(member.key);
    const json::Value* other = old.find(member.key);
    return below != nullptr && other != nullptr && is_unchanged(*below, *other, member.value);
  });
}

}  // namespace

bool is_unchanged(const SchemaNode& node, const json::Value& before, const json::Value& after) {
  if (before.is_object() && after.is_object()) {
    return same_members(node, before, after);
  }
  if (before.is_array() && after.is_array() && node.list_type == CustomListType::Map &&
      node.items != nullptr) {
    const OldItems old(node, &before);
    return before.as_array().size() == after.as_array().size() &&
           std::ranges::all_of(after.as_array(), [&](const json::Value& item) {
             const json::Value* other = old.find(item);
             return other != nullptr && is_unchanged(*node.items, *other, item);
           });
  }
  return go_equal(before, after);
}

}  // namespace kthena::apiserver
