// Internal to custom/: the stored values that those of an update take the place of.
// Source: k8s.io/apiserver v0.34, package cel/common, CorrelatedObject.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "apiserver/custom/schema_node.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Members by name; an index only where looking through all would be slow.
class OldMembers {
 public:
  /// @param before  null, or anything: only an object has members
  explicit OldMembers(const json::Value* before);
  const json::Value* find(std::string_view name) const;

 private:
  const json::Object* object_ = nullptr;
  std::unordered_map<std::string_view, const json::Value*> index_;
};

/// The items of a list that merges by keys. Those of other lists cannot be told apart.
class OldItems {
 public:
  OldItems(const SchemaNode& list, const json::Value* before);
  const json::Value* find(const json::Value& item) const;

 private:
  const SchemaNode& list_;
  std::unordered_map<std::string, const json::Value*> index_;
};

/// Whether an update leaves a value as it is, as far as kube-apiserver can tell: an object with
/// fields that the schema does not name never does.
bool is_unchanged(const SchemaNode& node, const json::Value& before, const json::Value& after);

}  // namespace kthena::apiserver
