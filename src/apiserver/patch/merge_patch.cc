#include "apiserver/patch/merge_patch.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

/// Takes the members that are null out of all objects. Null items of lists stay.
void prune_nulls(json::Value& value) {
  if (value.is_array()) {
    for (json::Value& item : value.as_array()) {
      prune_nulls(item);
    }
  } else if (value.is_object()) {
    json::Object kept;
    for (json::Member& member : value.as_object()) {
      if (!member.value.is_null()) {
        prune_nulls(member.value);
        kept.append_new(std::move(member.key), std::move(member.value));
      }
    }
    value = std::move(kept);
  }
}

void merge(json::Value& document, json::Value patch);

/// Patches of many members would look each up in as many: those go by an index.
constexpr std::size_t kManyMembers = 16;

void merge_members(json::Object& document, json::Object patch) {
  if (patch.size() < kManyMembers) {
    for (json::Member& member : patch) {
      if (member.value.is_null()) {
        document.erase(member.key);
      } else if (json::Value* found = document.find(member.key)) {
        merge(*found, std::move(member.value));
      } else {
        prune_nulls(member.value);
        document.append_new(std::move(member.key), std::move(member.value));
      }
    }
    return;
  }
  std::unordered_map<std::string_view, json::Value*> changes;
  for (json::Member& member : patch) {
    changes.emplace(member.key, &member.value);
  }
  json::Object merged;
  for (json::Member& member : document) {
    const auto change = changes.find(member.key);
    if (change != changes.end()) {
      json::Value* value = change->second;
      changes.erase(change);
      if (value->is_null()) {
        continue;
      }
      merge(member.value, std::move(*value));
      *value = nullptr;  // done
    }
    merged.append_new(std::move(member.key), std::move(member.value));
  }
  for (json::Member& member : patch) {
    if (!member.value.is_null()) {
      prune_nulls(member.value);
      merged.append_new(std::move(member.key), std::move(member.value));
    }
  }
  document = std::move(merged);
}

void merge(json::Value& document, json::Value patch) {
  if (!document.is_object()) {
    prune_nulls(patch);
    document = std::move(patch);
  } else if (!patch.is_object()) {
    document = std::move(patch);
  } else {
    merge_members(document.as_object(), std::move(patch.as_object()));
  }
}

}  // namespace

Answer<json::Value> apply_merge_patch(json::Value document, json::Value patch) {
  if (patch.is_null()) {
    return bad_request("Invalid JSON Patch");
  }
  if (!patch.is_object()) {
    return bad_request(
        fmt::format("error decoding patch: json: cannot unmarshal {} into Go value of type "
                    "map[string]interface "
                    "{{}}",
                    go_json_type(patch)));
  }
  merge(document, std::move(patch));
  return document;
}

}  // namespace kthena::apiserver
