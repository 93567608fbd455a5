#include "apiserver/patch/strategic_list_merge.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "apiserver/patch/strategic_list.h"
#include "base/result.h"

namespace kthena::apiserver::strategic {

namespace {

/// Merges a list of maps by their keys. One call of run() an object.
class MapListMerge {
 public:
  MapListMerge(json::Array server, json::Array patch, const Merge& merge, MergeObjects merge_item)
      : server_(std::move(server)),
        patch_(std::move(patch)),
        merge_(merge),
        merge_item_(merge_item) {}

  Answer<json::Array> run() {
    if (merge_.key.empty()) {
      return untranslated(
          fmt::format("cannot merge lists without merge key for {}",
                      merge_.members.type == nullptr ? merge_.members.go_kind : "struct"));
    }
    TRY(take_directives());
    const Ranks server_ranks = TRY(Ranks::of(server_, merge_.key));
    const Ranks order = TRY(Ranks::of(patch_, merge_.key));
    return in_order(TRY(merge_items()), order, server_ranks, merge_.key);
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
        deleted.insert(TRY(identity(item, merge_.key)));
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
      return key != nullptr && deleted.contains(identity_of(*key));
    });
    return {};
  }

  Answer<json::Array> merge_items() {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < server_.size(); ++i) {
      places.emplace(TRY(identity(server_[i], merge_.key)), i);
    }
    for (json::Value& item : patch_) {
      const auto [place, is_new] = places.emplace(TRY(identity(item, merge_.key)), server_.size());
      if (is_new) {
        server_.push_back(std::move(item));
      } else {
        json::Value& old = server_[place->second];
        old = TRY(merge_item_(std::move(old), std::move(item), merge_.members));
      }
    }
    return std::move(server_);
  }

  json::Array server_;
  json::Array patch_;
  const Merge& merge_;
  MergeObjects merge_item_;
};

Answer<json::Array> merge_scalars(json::Array server, json::Array patch, std::string_view key) {
  const Ranks server_ranks = TRY(Ranks::of(server, key));
  const Ranks order = TRY(Ranks::of(patch, key));
  std::unordered_set<std::string> seen;
  json::Array merged;
  for (json::Array* items : {&server, &patch}) {
    for (json::Value& item : *items) {
      if (seen.insert(identity_of(item)).second) {
        merged.push_back(std::move(item));
      }
    }
  }
  return in_order(std::move(merged), order, server_ranks, key);
}

}  // namespace

Answer<json::Array> merge_lists(json::Array server, json::Array patch, const Merge& merge,
                                MergeObjects merge_item) {
  if (!merge.merges) {
    return patch;
  }
  if (server.empty() && patch.empty()) {
    return server;
  }
  if (TRY(kind_of_items(server, patch)) == Items::Scalars) {
    return merge_scalars(std::move(server), std::move(patch), merge.key);
  }
  return MapListMerge(std::move(server), std::move(patch), merge, merge_item).run();
}

Answer<json::Array> delete_from_list(json::Array server, const json::Array& deleted) {
  if (server.empty() && deleted.empty()) {
    return server;
  }
  if (TRY(kind_of_items(server, deleted)) == Items::Maps) {
    return untranslated("cannot merge lists without merge key for struct");
  }
  const Ranks gone = TRY(Ranks::of(deleted, {}));
  std::erase_if(server,
                [&gone](const json::Value& item) { return gone.contains(identity_of(item)); });
  return server;
}

}  // namespace kthena::apiserver::strategic
