#include "apiserver/patch/strategic_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "apiserver/patch/strategic_list.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/meta/status.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

using kube::shapes::Container;
using kube::shapes::Field;
using kube::shapes::Type;
using strategic::Items;
using strategic::Ranks;

constexpr std::string_view kPatch = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kSetElementOrder = "$setElementOrder";
constexpr std::string_view kDeleteFromPrimitiveList = "$deleteFromPrimitiveList";

/// What the members of a value are: fields of a struct, or nothing we know more of (null), which Go
/// calls a map or by the name of the scalar.
struct Shape {
  const Type* type = nullptr;
  std::string_view go_kind = "map";
};

/// How a list or an object merges.
struct Merge {
  Shape members;  ///< of the object, or of the list's items
  bool replaces = false;
  bool merges = false;  ///< a list by its items
  std::string_view key;
};

Answer<const Field*> find_field(const Shape& shape, std::string_view name) {
  if (shape.type == nullptr) {
    return untranslated(fmt::format(
        "merging an object in json but data type is not struct, instead is: {}", shape.go_kind));
  }
  const Field* field = shape.type->find_field(name);
  if (field == nullptr) {
    const std::string_view full = shape.type->full_name;
    return untranslated(fmt::format("unable to find api field in struct {} for the json field {}",
                                    full.substr(full.rfind('.') + 1), go_quoted(name)));
  }
  return field;
}

Merge merge_of(const Field& field) {
  Merge merge{.members = {.type = field.object}, .key = field.patch_key};
  if (field.kind == kube::shapes::ValueKind::String && field.container == Container::List) {
    merge.members.go_kind = "string";
  }
  if (field.container == Container::Map) {
    merge.members.type = nullptr;
  }
  std::string_view rest = field.patch_strategy;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    merge.replaces |= rest.substr(0, comma) == "replace";
    merge.merges |= rest.substr(0, comma) == "merge";
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return merge;
}

Answer<Merge> merge_of_list(const Shape& shape, std::string_view name) {
  const Field* field = TRY(find_field(shape, name));
  if (field->container != Container::List) {
    return untranslated("expected slice or array type, but got: struct");
  }
  return merge_of(*field);
}

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

std::unexpected<kube::Status> unknown_directive(const json::Value& directive,
                                                const json::Value& holder) {
  const std::string text = go_text(directive, GoNumbers::Exact);
  return untranslated(fmt::format(
      "unknown patch type: {} in map: {}",
      directive.is_string() ? text : fmt::format("%!s({}={})", strategic::go_type(directive), text),
      go_text(holder, GoNumbers::Exact)));
}

Answer<json::Value> merge_objects(json::Value document, json::Value patch, const Shape& shape);

/// Merges a list of maps by their keys. One call of run() an object.
class MapListMerge {
 public:
  MapListMerge(json::Array server, json::Array patch, const Merge& merge)
      : server_(std::move(server)), patch_(std::move(patch)), merge_(merge) {}

  Answer<json::Array> run() {
    if (merge_.key.empty()) {
      return untranslated(
          fmt::format("cannot merge lists without merge key for {}",
                      merge_.members.type == nullptr ? merge_.members.go_kind : "struct"));
    }
    TRY(take_directives());
    const Ranks server_ranks = TRY(Ranks::of(server_, merge_.key));
    const Ranks order = TRY(Ranks::of(patch_, merge_.key));
    return strategic::in_order(TRY(merge_items()), order, server_ranks, merge_.key);
  }

 private:
  /// Items with $patch delete those of the server, or replace the whole list.
  Answer<void> take_directives() {
    std::unordered_set<std::string> deleted;
    bool replaces = false;
    json::Array rest;
    for (json::Value& item : patch_) {
      const json::Value* directive = item.find(kPatch);
      if (directive == nullptr) {
        rest.push_back(std::move(item));
      } else if (*directive == json::Value("delete")) {
        deleted.insert(TRY(strategic::identity(item, merge_.key)));
      } else if (*directive == json::Value("replace")) {
        replaces = true;
      } else if (*directive == json::Value("merge")) {
        return untranslated("merging lists cannot yet be specified in the patch");
      } else {
        return unknown_directive(*directive, item);
      }
    }
    if (replaces) {
      server_ = std::move(rest);
      patch_.clear();
      return {};
    }
    patch_ = std::move(rest);
    std::erase_if(server_, [&](const json::Value& item) {
      const json::Value* key = item.find(merge_.key);
      return key != nullptr && deleted.contains(strategic::identity_of(*key));
    });
    return {};
  }

  Answer<json::Array> merge_items() {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < server_.size(); ++i) {
      places.emplace(TRY(strategic::identity(server_[i], merge_.key)), i);
    }
    for (json::Value& item : patch_) {
      const auto [place, is_new] =
          places.emplace(TRY(strategic::identity(item, merge_.key)), server_.size());
      if (is_new) {
        server_.push_back(std::move(item));
      } else {
        json::Value& old = server_[place->second];
        old = TRY(merge_objects(std::move(old), std::move(item), merge_.members));
      }
    }
    return std::move(server_);
  }

  json::Array server_;
  json::Array patch_;
  const Merge& merge_;
};

Answer<json::Array> merge_scalars(json::Array server, json::Array patch, std::string_view key) {
  const Ranks server_ranks = TRY(Ranks::of(server, key));
  const Ranks order = TRY(Ranks::of(patch, key));
  std::unordered_set<std::string> seen;
  json::Array merged;
  for (json::Array* items : {&server, &patch}) {
    for (json::Value& item : *items) {
      if (seen.insert(strategic::identity_of(item)).second) {
        merged.push_back(std::move(item));
      }
    }
  }
  return strategic::in_order(std::move(merged), order, server_ranks, key);
}

Answer<json::Array> merge_lists(json::Array server, json::Array patch, const Merge& merge) {
  if (!merge.merges) {
    return patch;
  }
  if (server.empty() && patch.empty()) {
    return server;
  }
  if (TRY(strategic::kind_of_items(server, patch)) == Items::Scalars) {
    return merge_scalars(std::move(server), std::move(patch), merge.key);
  }
  return MapListMerge(std::move(server), std::move(patch), merge).run();
}

/// $deleteFromPrimitiveList.
Answer<json::Array> delete_from_list(json::Array server, const json::Array& deleted) {
  if (server.empty() && deleted.empty()) {
    return server;
  }
  if (TRY(strategic::kind_of_items(server, deleted)) == Items::Maps) {
    return untranslated("cannot merge lists without merge key for struct");
  }
  const Ranks gone = TRY(Ranks::of(deleted, {}));
  std::erase_if(server, [&gone](const json::Value& item) {
    return gone.contains(strategic::identity_of(item));
  });
  return server;
}

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
    merged = TRY(merge_lists(std::move(merged), std::move(changes), merge));
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
  *old = TRY(merge_lists(std::move(old->as_array()), std::move(value.as_array()), merge));
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
  *old = TRY(delete_from_list(std::move(old->as_array()), value.as_array()));
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
    return unknown_directive(*directive, patch);
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
