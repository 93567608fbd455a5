#include "apiserver/definitions.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/custom/custom_kinds.h"
#include "apiserver/verbs/metadata.h"
#include "async/combine.h"
#include "async/time.h"
#include "kube/meta/status.h"
#include "telemetry/log.h"

namespace kthena::apiserver {

namespace {

constexpr std::string_view kResource = "apiextensions.k8s.io/customresourcedefinitions";
/// Until a deletion that could not be finished is tried again.
constexpr Duration kRetry = std::chrono::seconds(1);
constexpr std::string_view kManager = "kthena-apiserver";

WriteRequest request_for(const KindPtr& kind, std::string name, std::string subresource) {
  return {.kind = kind,
          .namespace_name = {},
          .name = std::move(name),
          .subresource = std::move(subresource),
          .manager = std::string(kManager),
          .options = {}};
}

}  // namespace

Definitions::Definitions(ApiServer& api)
    : api_(api),
      store_(api.objects().store()),
      mirror_(store_, kResource, [this](const ObjectPtr&, const ObjectPtr&) {
        if (mirrored_) {
          refresh();
        }
      }) {
  mirrored_ = true;
  refresh();
}

void Definitions::refresh() {
  const std::span<const KindPtr> built_in = built_in_kinds();
  std::vector<KindPtr> kinds(built_in.begin(), built_in.end());
  if (const auto definitions = store_.list({.resource = std::string(kResource)})) {
    for (const ObjectPtr& object : definitions->objects) {
      const auto value = store_.value(object);
      const auto custom = value ? kinds_of(**value) : fail(Error(value.error()));
      if (!custom) {
        log::warn("a CustomResourceDefinition is not served", kv("name", object->path().name),
                  kv("reason", custom.error().message()));
        continue;
      }
      kinds.insert(kinds.end(), custom->begin(), custom->end());
    }
  }
  api_.set_catalog(std::make_shared<const Catalog>(std::move(kinds)));
  if (on_catalog_) {
    on_catalog_();
  }
  changed_.set();
}

async::Task<Result<>> Definitions::plant() {
  const KindPtr kind =
      api_.catalog()->find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  for (json::Value& wanted : our_definitions(api_.loop().wall_now())) {
    const std::string name(metadata_text_of(wanted, "name"));
    WriteRequest request = request_for(kind, name, {});
    const ObjectPtr present = store_.find(Objects::path_of(request));
    wanted.erase("status");
    if (present == nullptr) {
      const auto reply = co_await api_.objects().create(std::move(request), std::move(wanted));
      if (!reply) {
        co_return fail(kube::to_error(reply.error()).with_context(name));
      }
      continue;
    }
    // The schema must be that of the code, whatever version of it made the database.
    const auto reply = co_await api_.objects().change(
        std::move(request), [&wanted](const json::Value& before) -> Answer<json::Value> {
          json::Value after = before;
          after.set("spec", *wanted.find("spec"));
          return after;
        });
    if (!reply) {
      co_return fail(kube::to_error(reply.error()).with_context(name));
    }
  }
  static_cast<void>(co_await settle_all());  // what fails, run() does again
  co_return Result<>{};
}

async::Task<void> Definitions::run() {
  while (co_await changed_.wait()) {
    changed_.reset();
    if (!co_await settle_all()) {
      // An event that is set does not tell of a cancellation.
      if (!co_await async::sleep_for(kRetry)) {
        co_return;
      }
      changed_.set();
    }
  }
}

async::Task<bool> Definitions::settle_all() {
  bool all = true;
  if (const auto definitions = store_.list({.resource = std::string(kResource)})) {
    for (const ObjectPtr& definition : definitions->objects) {
      all &= co_await settle(definition);
    }
  }
  co_return all;
}

async::Task<bool> Definitions::change(std::string name, std::string subresource,
                                      Objects::Change change) {
  const KindPtr kind =
      api_.catalog()->find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  const auto reply = co_await api_.objects().change(request_for(kind, name, std::move(subresource)),
                                                    std::move(change));
  if (!reply && reply.error().reason != "NotFound") {
    log::warn("a CustomResourceDefinition could not be settled", kv("name", name),
              kv("reason", reply.error().message));
    co_return false;
  }
  co_return true;
}

async::Task<bool> Definitions::settle(ObjectPtr definition) {
  const auto value = store_.value(definition);
  if (!value) {
    co_return true;
  }
  const std::string name = definition->path().name;
  const WallTime now = api_.loop().wall_now();
  if (is_being_deleted(**value)) {
    if (!co_await remove_objects(**value)) {
      co_return false;
    }
    co_return co_await change(name, {}, [](const json::Value& before) -> Answer<json::Value> {
      json::Value after = before;
      remove_finalizer(after, kCleanupFinalizer);
      return after;
    });
  }
  co_return co_await change(
      name, "status", [this, now](const json::Value& before) -> Answer<json::Value> {
        std::vector<std::shared_ptr<const json::Value>> all;
        std::vector<const json::Value*> others;
        if (const auto listed = store_.list({.resource = std::string(kResource)})) {
          for (const ObjectPtr& object : listed->objects) {
            if (auto other = store_.value(object)) {
              others.push_back(other->get());
              all.push_back(*std::move(other));
            }
          }
        }
        json::Value after = before;
        establish(after, others, now);
        return after;
      });
}

async::Task<bool> Definitions::remove_objects(const json::Value& definition) {
  const std::string group(text_at(definition, {"spec", "group"}));
  const std::string plural(text_at(definition, {"spec", "names", "plural"}));
  const KindPtr kind = api_.catalog()->find_resource(group, plural);
  const std::string resource = fmt::format("{}/{}", group, plural);
  const auto listed = store_.list({.resource = resource});
  if (!listed || kind == nullptr) {
    co_return listed.has_value() && listed->objects.empty();
  }
  std::vector<async::Task<Answer<WriteReply>>> removals;
  for (const ObjectPtr& object : listed->objects) {
    WriteRequest request = request_for(kind, object->path().name, {});
    request.namespace_name = object->path().namespace_name;
    removals.push_back(api_.objects().remove(std::move(request), {}));
  }
  co_await async::when_all(std::move(removals));
  co_return store_.count(resource) == 0;  // what is left waits for somebody else's finalizers
}

}  // namespace kthena::apiserver
