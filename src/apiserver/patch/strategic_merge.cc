#include "apiserver/patch/strategic_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "apiserver/patch/strategic_list.h"
#include "apiserver/patch/strategic_list_merge.h"
#include "apiserver/patch/strategic_shape.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

using kube::shapes::Type;
using strategic::find_field;
using strategic::kPatch;
using strategic::Merge;
using strategic::merge_of;
using strategic::merge_of_list;
using strategic::Ranks;
using strategic::Shape;

constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kSetElementOrder = "$setElementOrder";
constexpr std::string_view kDeleteFromPrimitiveList = "$deleteFromPrimitiveList";

/// Takes null members out, at every depth.
void discard_nulls(json::Value& value) {
  if (value.is_array()) {
    std::ranges::for_each(value.as_array(), discard_nulls);
  } else if (value.is_object()) {
    json::Object kept;
    for (json::Member& member : value.as_object()) {
      if (!member.value.is_null()) {
        discard_nulls(member.value);
        kept.append_new(std::move(member.key), std::move(member.value));
      }
    }
    value = std::move(kept);
  }
}

/// Takes out every object that has a $patch. False if this is one.
bool remove_directives(json::Value& value) {
  if (value.is_object()) {
    if (value.find(kPatch) != nullptr) {
      return false;
    }
    json::Object kept;
    for (json::Member& member : value.as_object()) {
      if (remove_directives(member.value)) {
        kept.append_new(std::move(member.key), std::move(member.value));
      }
    }
    value = std::move(kept);
  } else if (value.is_array()) {
    json::Array kept;
    for (json::Value& item : value.as_array()) {
      if (remove_directives(item)) {
        kept.push_back(std::move(item));
      }
    }
    value = std::move(kept);
  }
  return true;
}

/// The patch's value where there was nothing to merge it with.
void take_over(json::Object& document, std::string_view name, json::Value value) {
  discard_nulls(value);
  if (remove_directives(value)) {
    document.set(name, std::move(value));
  } else {
    document.erase(name);
  }
}

/// Whether a merge looks into both: two lists, or two objects.
bool comparable(const json::Value& a, const json::Value& b) {
  return (a.is_object() && b.is_object()) || (a.is_array() && b.is_array());
}

std::string_view after_slash(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash == std::string_view::npos ? std::string_view{} : name.substr(slash + 1);
}

Answer<json::Value> merge_objects(json::Value document, json::Value patch, const Shape& shape);

/// $retainKeys: the object keeps those of its members that the list names, which must name all that
/// the patch sets.
Answer<void> retain_keys(json::Object& document, json::Object& patch) {
  const json::Value* directive = patch.find(kRetainKeys);
  if (directive == nullptr) {
    return {};
  }
  if (!directive->is_array()) {
    return bad_request("invalid patch format of retainKeys");
  }
  std::unordered_set<std::string> kept;
  for (const json::Value& name : directive->as_array()) {
    if (name.is_string()) {
      kept.insert(name.as_string());
    }
  }
  patch.erase(kRetainKeys);
  for (const auto& [name, value] : patch) {
    if (!value.is_null() && !name.starts_with(kDeleteFromPrimitiveList) &&
        !name.starts_with(kSetElementOrder) && !kept.contains(name)) {
      return bad_request("invalid patch format of retainKeys");
    }
  }
  json::Object rest;
  for (json::Member& member : document) {
    if (kept.contains(member.key)) {
      rest.append_new(std::move(member.key), std::move(member.value));
    }
  }
  document = std::move(rest);
  return {};
}

/// A list that may be absent.
Answer<json::Array> take_list(json::Object& object, std::string_view name) {
  json::Value* value = object.find(name);
  if (value == nullptr) {
    return json::Array{};
  }
  if (!value->is_array()) {
    return strategic::wrong_type(strategic::kGoList, *value);
  }
  return value->as_array();
}

/// One $setElementOrder: merges the list it is for, and orders it.
Answer<void> order_list(json::Object& document, json::Object& patch, const std::string& directive,
                        const json::Value& wanted, const Shape& shape) {
  if (!wanted.is_array()) {
    return strategic::wrong_type(strategic::kGoList, wanted);
  }
  const std::string_view name = after_slash(directive);
  if (!directive.starts_with(std::string(kSetElementOrder) + "/")) {
    return bad_request("invalid patch format of setElementOrder list");
  }
  const bool in_document = document.contains(name);
  const bool in_patch = patch.contains(name);
  json::Array server = TRY(take_list(document, name));
  json::Array changes = TRY(take_list(patch, name));
  const Merge merge = TRY(merge_of_list(shape, name));
  TRY(strategic::check_order(changes, wanted.as_array(), merge.key));
  if (!in_document && !in_patch) {
    return {};
  }
  const Ranks server_ranks = TRY(Ranks::of(server, merge.key));
  const Ranks order = TRY(Ranks::of(wanted.as_array(), merge.key));
  TRY(strategic::kind_of_items(server, changes));
  json::Array merged = std::move(server);
  if (in_patch && in_document) {
    merged =
        TRY(strategic::merge_lists(std::move(merged), std::move(changes), merge, &merge_objects));
  } else if (in_patch) {
    json::Value added(std::move(changes));
    remove_directives(added);
    merged = std::move(added.as_array());
  }
  document.set(name, TRY(strategic::in_order(std::move(merged), order, server_ranks, merge.key)));
  patch.erase(name);
  return {};
}

Answer<void> order_lists(json::Object& document, json::Object& patch, const Shape& shape) {
  std::vector<json::Member> directives;
  for (const json::Member& member : patch) {
    if (member.key.starts_with(kSetElementOrder)) {
      directives.push_back(member);
    }
  }
  for (const json::Member& directive : directives) {
    patch.erase(directive.key);
    TRY(order_list(document, patch, directive.key, directive.value, shape));
  }
  return {};
}

/// One member of a patch, directives for lists excepted.
Answer<void> merge_member(json::Object& document, std::string_view name, json::Value value,
                          const Shape& shape) {
  if (value.is_null()) {
    document.erase(name);
    return {};
  }
  json::Value* old = document.find(name);
  if (old == nullptr || !comparable(*old, value)) {
    take_over(document, name, std::move(value));
    return {};
  }
  if (value.is_object()) {
    const Merge merge = merge_of(*TRY(find_field(shape, name)));
    *old = merge.replaces ? std::move(value)
                          : TRY(merge_objects(std::move(*old), std::move(value), merge.members));
    return {};
  }
  const Merge merge = TRY(merge_of_list(shape, name));
  *old = TRY(strategic::merge_lists(std::move(old->as_array()), std::move(value.as_array()), merge,
                                    &merge_objects));
  return {};
}

Answer<void> delete_items(json::Object& document, std::string_view directive, json::Value value,
                          const Shape& shape) {
  if (!directive.starts_with(std::string(kDeleteFromPrimitiveList) + "/")) {
    return bad_request("invalid patch format of primitive list");
  }
  const std::string_view name = after_slash(directive);
  if (value.is_null()) {
    document.erase(name);
    return {};
  }
  json::Value* old = document.find(name);
  if (old == nullptr || !comparable(*old, value)) {
    return {};
  }
  if (value.is_object()) {
    return merge_member(document, name, std::move(value), shape);
  }
  TRY(merge_of_list(shape, name));
  *old = TRY(strategic::delete_from_list(std::move(old->as_array()), value.as_array()));
  return {};
}

Answer<json::Value> merge_objects(json::Value document, json::Value patch, const Shape& shape) {
  if (const json::Value* directive = patch.find(kPatch)) {
    if (*directive == json::Value("replace")) {
      patch.erase(kPatch);
      return patch;
    }
    if (*directive == json::Value("delete")) {
      return json::Value(json::Object{});
    }
    return strategic::unknown_directive(*directive, patch);
  }
  json::Object& fields = document.as_object();
  json::Object& changes = patch.as_object();
  TRY(retain_keys(fields, changes));
  TRY(order_lists(fields, changes, shape));
  for (json::Member& member : changes) {
    if (member.key.starts_with(kDeleteFromPrimitiveList)) {
      TRY(delete_items(fields, member.key, std::move(member.value), shape));
    } else {
      TRY(merge_member(fields, member.key, std::move(member.value), shape));
    }
  }
  return document;
}

}  // namespace

Answer<json::Value> apply_strategic_merge(json::Value document, json::Value patch,
                                          const Type& type) {
  if (patch.is_null()) {
    return document;
  }
  if (!patch.is_object()) {
    return bad_request(
        fmt::format("json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                    go_json_type(patch)));
  }
  if (!document.is_object()) {
    document = json::Object{};
  }
  return merge_objects(std::move(document), std::move(patch), Shape{.type = &type});
}

}  // namespace kthena::apiserver
