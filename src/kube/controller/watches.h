// From what changes to the keys that have to be looked at.
#pragma once

#include <memory>
#include <vector>

#include "kube/cache/informer.h"
#include "kube/controller/ownership.h"
#include "kube/controller/work_queue.h"

namespace kthena::kube {

/// Adds the keys that `map` gives for each object that is added, changed (as it was and as it is)
/// or deleted. What is there at the beginning is added as Resync, so that a restart does not keep
/// changes waiting. `informer` and `queue` outlive the subscription.
/// @param map  `void(const T&, auto&& add)`, calls add(const ObjectKey&) for each
template <Resource T, class Map>
[[nodiscard]] auto enqueue_mapped(Informer<T>& informer, WorkQueue& queue, Map map) {
  using Pointer = std::shared_ptr<const T>;
  const auto add = [&informer, &queue, map](const Pointer& object) {
    const Priority priority = informer.synced() ? Priority::Change : Priority::Resync;
    map(*object, [&](const ObjectKey& key) { queue.add(key, priority); });
  };
  auto subscription = informer.subscribe({.added = add,
                                          .updated =
                                              [add](const Pointer& before, const Pointer& now) {
                                                add(before);
                                                add(now);
                                              },
                                          .deleted = add});
  return subscription;
}

/// The objects themselves.
template <Resource T>
[[nodiscard]] auto enqueue_changes(Informer<T>& informer, WorkQueue& queue) {
  return enqueue_mapped(informer, queue,
                        [](const T& object, auto&& add) { add(object.metadata.key()); });
}

/// The objects of kind Owner that manage them.
template <class Owner, Resource T>
[[nodiscard]] auto enqueue_controllers(Informer<T>& informer, WorkQueue& queue) {
  return enqueue_mapped(informer, queue, [](const T& object, auto&& add) {
    const OwnerReference* owner = controller_of(object.metadata);
    if (owner != nullptr && owner->kind == Owner::kResource.kind &&
        owner->api_version == Owner::kResource.api_version) {
      add(ObjectKey{.namespace_name = object.metadata.namespace_name, .name = owner->name});
    }
  });
}

}  // namespace kthena::kube
