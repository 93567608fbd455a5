#include "apiserver/controllers/namespaces.h"

#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "apiserver/verbs/metadata.h"
#include "async/combine.h"
#include "async/time.h"
#include "telemetry/log.h"

namespace kthena::apiserver {

namespace {

/// Until it looks again whether what is left has gone: pods take their time, finalizers are
/// somebody else's work.
constexpr Duration kRetry = std::chrono::milliseconds(500);
constexpr std::string_view kManager = "kthena-namespaces";

WriteRequest request_for(const KindPtr& kind, std::string namespace_name, std::string name,
                         std::string subresource = {}) {
  return {.kind = kind,
          .namespace_name = std::move(namespace_name),
          .name = std::move(name),
          .subresource = std::move(subresource),
          .manager = std::string(kManager),
          .options = {}};
}

}  // namespace

NamespaceController::NamespaceController(Objects& objects, std::function<CatalogPtr()> catalog)
    : objects_(objects),
      catalog_(std::move(catalog)),
      mirror_(objects.store(), "namespaces",
              [this](const ObjectPtr&, const ObjectPtr&) { changed_.set(); }) {}

async::Task<void> NamespaceController::run() {
  while (co_await changed_.wait()) {
    changed_.reset();
    const auto namespaces = objects_.store().list({.resource = "namespaces"});
    if (!namespaces) {
      co_return;
    }
    bool all = true;
    for (const ObjectPtr& object : namespaces->objects) {
      const auto value = objects_.store().value(object);
      if (value && is_being_deleted(**value)) {
        all &= co_await finish(object->path().name);
      }
    }
    if (!all) {
      // An event that is set does not tell of a cancellation.
      if (!co_await async::sleep_for(kRetry)) {
        co_return;
      }
      changed_.set();
    }
  }
}

async::Task<bool> NamespaceController::finish(std::string name) {
  if (co_await remove_contents(name) > 0) {
    co_return false;
  }
  const auto reply = co_await objects_.change(
      request_for(catalog_()->find("", "v1", "namespaces"), {}, name, "finalize"),
      [](const json::Value& before) -> Answer<json::Value> {
        json::Value after = before;
        json::Value* spec = after.find("spec");
        json::Value* finalizers = spec != nullptr ? spec->find("finalizers") : nullptr;
        if (finalizers != nullptr && finalizers->is_array()) {
          std::erase(finalizers->as_array(), json::Value("kubernetes"));
        }
        return after;
      });
  if (!reply && reply.error().reason != "NotFound") {
    log::warn("a namespace could not be ended", kv("name", name),
              kv("reason", reply.error().message));
    co_return false;
  }
  co_return true;
}

async::Task<std::size_t> NamespaceController::remove_contents(const std::string& name) {
  const CatalogPtr catalog = catalog_();
  std::set<std::string> seen;  // one resource may be served in several versions and groups
  std::size_t left = 0;
  for (const KindPtr& kind : catalog->kinds()) {
    if (!kind->is_namespaced() || !kind->verbs.has(Verb::Delete) ||
        !seen.insert(kind->resource).second) {
      continue;
    }
    const auto listed = objects_.store().list({.resource = kind->resource, .namespace_name = name});
    if (!listed || listed->objects.empty()) {
      continue;
    }
    std::vector<async::Task<Answer<WriteReply>>> removals;
    for (const ObjectPtr& object : listed->objects) {
      removals.push_back(objects_.remove(request_for(kind, name, object->path().name),
                                         {.propagation = kube::Propagation::Background}));
    }
    co_await async::when_all(std::move(removals));
    if (const auto after =
            objects_.store().list({.resource = kind->resource, .namespace_name = name})) {
      left += after->objects.size();
    }
  }
  co_return left;
}

}  // namespace kthena::apiserver
