#include "apiserver/controllers/garbage_collector.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apiserver/verbs/metadata.h"
#include "async/time.h"
#include "telemetry/log.h"

namespace kthena::apiserver {

namespace {

constexpr std::string_view kOrphan = "orphan";
constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::string_view kManager = "kthena-garbage-collector";
/// Until what could not be done is tried again.
constexpr Duration kRetry = std::chrono::milliseconds(200);

std::string text_of(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found != nullptr && found->is_string() ? found->as_string() : std::string();
}

bool has_finalizer(const json::Value& object, std::string_view finalizer) {
  const json::Value* finalizers = metadata_field(object, "finalizers");
  return finalizers != nullptr && finalizers->is_array() &&
         std::ranges::find(finalizers->as_array(), json::Value(finalizer)) !=
             finalizers->as_array().end();
}

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

}  // namespace

GarbageCollector::GarbageCollector(Objects& objects, std::function<CatalogPtr()> catalog)
    : objects_(objects), catalog_(std::move(catalog)) {
  follow_catalog();
}

void GarbageCollector::follow_catalog() {
  for (const KindPtr& kind : catalog_()->kinds()) {
    // Events and leases have no owners worth the memory.
    if (!kind->verbs.has(Verb::Delete) || kind->resource == "events" ||
        mirrors_.contains(kind->resource)) {
      continue;
    }
    mirrors_.emplace(kind->resource, std::make_unique<Mirror>(
                                         objects_.store(), kind->resource,
                                         [this](const ObjectPtr& before, const ObjectPtr& after) {
                                           on_change(before, after);
                                         }));
  }
}

GarbageCollector::Node GarbageCollector::node_of(const ObjectPath& path,
                                                 const json::Value& object) {
  Node node{.path = path,
            .owners = {},
            .deleting = is_being_deleted(object),
            .orphans = has_finalizer(object, kOrphan),
            .foreground = has_finalizer(object, kForeground)};
  const json::Value* owners = metadata_field(object, "ownerReferences");
  if (owners != nullptr && owners->is_array()) {
    for (const json::Value& owner : owners->as_array()) {
      const json::Value* blocks = owner.find("blockOwnerDeletion");
      node.owners.push_back({.uid = text_of(owner, "uid"),
                             .api_version = text_of(owner, "apiVersion"),
                             .kind = text_of(owner, "kind"),
                             .name = text_of(owner, "name"),
                             .blocks = blocks != nullptr && *blocks == json::Value(true)});
    }
  }
  return node;
}

void GarbageCollector::on_change(const ObjectPtr& before, const ObjectPtr& after) {
  const std::string& uid = (after != nullptr ? after : before)->uid();
  if (after == nullptr) {
    forget(uid);
    // Those that it owned, and those that waited for it to go.
    if (const auto dependents = dependents_.find(uid); dependents != dependents_.end()) {
      waiting_.insert(dependents->second.begin(), dependents->second.end());
    }
    news_.set();
    return;
  }
  const auto value = objects_.store().value(after);
  if (!value) {
    return;
  }
  forget(uid);
  remember(uid, node_of(after->path(), **value));
}

void GarbageCollector::forget(const std::string& uid) {
  const auto node = nodes_.find(uid);
  if (node == nodes_.end()) {
    return;
  }
  for (const Owner& owner : node->second.owners) {
    if (const auto dependents = dependents_.find(owner.uid); dependents != dependents_.end()) {
      dependents->second.erase(uid);
      if (nodes_.contains(owner.uid)) {
        waiting_.insert(owner.uid);  // it may have waited for this one
      }
      if (dependents->second.empty()) {
        dependents_.erase(dependents);
      }
    }
  }
  nodes_.erase(node);
}

void GarbageCollector::remember(const std::string& uid, Node node) {
  for (const Owner& owner : node.owners) {
    dependents_[owner.uid].insert(uid);
  }
  if (!node.owners.empty() || node.orphans || node.foreground) {
    waiting_.insert(uid);
    news_.set();
  }
  nodes_.insert_or_assign(uid, std::move(node));
}

bool GarbageCollector::exists(const Owner& owner, const std::string& namespace_name) const {
  if (const auto node = nodes_.find(owner.uid); node != nodes_.end()) {
    // An owner of another namespace is none.
    return node->second.path.namespace_name.empty() ||
           node->second.path.namespace_name == namespace_name;
  }
  // Of a kind that is not served nothing is known, and nothing is done.
  const auto kinds = catalog_()->kinds();
  return std::ranges::none_of(kinds, [&](const KindPtr& kind) {
    return kind->kind == owner.kind && kind->group == group_of(owner.api_version);
  });
}

KindPtr GarbageCollector::kind_of(const std::string& resource) const {
  for (const KindPtr& kind : catalog_()->kinds()) {
    if (kind->resource == resource) {
      return kind;
    }
  }
  return nullptr;
}

async::Task<void> GarbageCollector::run() {
  while (co_await news_.wait()) {
    news_.reset();
    std::set<std::string> again;
    while (!waiting_.empty()) {
      std::string uid = *waiting_.begin();
      waiting_.erase(waiting_.begin());
      if (!co_await look_at(uid)) {
        again.insert(std::move(uid));
      }
    }
    if (!again.empty()) {
      if (!co_await async::sleep_for(kRetry)) {
        co_return;
      }
      waiting_.merge(again);
      news_.set();
    }
  }
}

async::Task<bool> GarbageCollector::look_at(std::string uid) {
  const auto found = nodes_.find(uid);
  if (found == nodes_.end()) {
    co_return true;
  }
  const Node node = found->second;
  if (node.deleting && node.orphans) {
    co_return co_await orphan_dependents(uid) && co_await let_go(uid, std::string(kOrphan));
  }
  if (node.deleting && node.foreground) {
    co_return co_await remove_blocking_dependents(uid);
  }
  if (node.deleting || node.owners.empty()) {
    co_return true;
  }
  const bool owned = std::ranges::any_of(
      node.owners, [&](const Owner& owner) { return exists(owner, node.path.namespace_name); });
  co_return owned || co_await collect(uid);
}

async::Task<bool> GarbageCollector::collect(std::string uid) {
  const Node node = nodes_.at(uid);
  const KindPtr kind = kind_of(node.path.resource);
  if (kind == nullptr) {
    co_return true;
  }
  const auto reply = co_await objects_.remove({.kind = kind,
                                               .namespace_name = node.path.namespace_name,
                                               .name = node.path.name,
                                               .subresource = {},
                                               .manager = std::string(kManager),
                                               .options = {}},
                                              {.uid = uid});
  if (!reply && reply.error().code >= 500) {
    log::warn("an object whose owner is gone could not be deleted",
              kv("object", node.path.to_string()), kv("reason", reply.error().message));
    co_return false;
  }
  co_return true;
}

async::Task<bool> GarbageCollector::change(const ObjectPath& path, Objects::Change change) {
  const KindPtr kind = kind_of(path.resource);
  if (kind == nullptr) {
    co_return true;
  }
  const auto reply = co_await objects_.change({.kind = kind,
                                               .namespace_name = path.namespace_name,
                                               .name = path.name,
                                               .subresource = {},
                                               .manager = std::string(kManager),
                                               .options = {}},
                                              std::move(change));
  if (!reply && reply.error().reason != "NotFound") {
    log::warn("an object could not be changed", kv("object", path.to_string()),
              kv("reason", reply.error().message));
    co_return false;
  }
  co_return true;
}

async::Task<bool> GarbageCollector::let_go(std::string uid, std::string finalizer) {
  const auto node = nodes_.find(uid);
  if (node == nodes_.end()) {
    co_return true;
  }
  const ObjectPath path = node->second.path;
  co_return co_await change(path, [finalizer](const json::Value& before) -> Answer<json::Value> {
    json::Value after = before;
    remove_finalizer(after, finalizer);
    return after;
  });
}

async::Task<bool> GarbageCollector::orphan_dependents(const std::string& uid) {
  const auto found = dependents_.find(uid);
  if (found == dependents_.end()) {
    co_return true;
  }
  bool all = true;
  for (const std::string& dependent : std::set<std::string>(found->second)) {
    const auto node = nodes_.find(dependent);
    if (node == nodes_.end()) {
      continue;
    }
    const ObjectPath path = node->second.path;
    all &= co_await change(path, [uid](const json::Value& before) -> Answer<json::Value> {
      json::Value after = before;
      json::Value* owners = metadata_of(after).find("ownerReferences");
      if (owners != nullptr && owners->is_array()) {
        std::erase_if(owners->as_array(),
                      [&](const json::Value& owner) { return text_of(owner, "uid") == uid; });
        if (owners->as_array().empty()) {
          metadata_of(after).erase("ownerReferences");
        }
      }
      return after;
    });
  }
  co_return all;
}

async::Task<bool> GarbageCollector::remove_blocking_dependents(const std::string& uid) {
  bool blocked = false;
  if (const auto found = dependents_.find(uid); found != dependents_.end()) {
    for (const std::string& dependent : std::set<std::string>(found->second)) {
      const auto node = nodes_.find(dependent);
      if (node == nodes_.end()) {
        continue;
      }
      const auto owner = std::ranges::find(node->second.owners, uid, &Owner::uid);
      blocked |= owner != node->second.owners.end() && owner->blocks;
      if (!node->second.deleting && !co_await collect(dependent)) {
        co_return false;
      }
    }
  }
  // It is looked at again when one of them has gone.
  co_return blocked || co_await let_go(uid, std::string(kForeground));
}

}  // namespace kthena::apiserver
