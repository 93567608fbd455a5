// The objects that the router works by, and the snapshots made of them.
//
//   Datastore store(kube::PodSource::Cluster);
//   store.put(pod);                          // in whatever order they come
//   if (store.dirty()) {
//     const Change change = store.update();  // change.after: the world as it is now
//   }
#pragma once

#include <memory>
#include <vector>

#include "kube/types/pod.h"
#include "router/datastore/objects.h"
#include "router/datastore/problems.h"
#include "router/datastore/route_table.h"
#include "router/datastore/server_table.h"
#include "router/datastore/snapshot.h"

namespace kthena::router {

/// Takes objects one by one and keeps exact who belongs to whom. What an event does not concern is
/// not looked at: a snapshot costs the servers, routes and names that changed, and one pointer per
/// 64 objects for the rest. A server's list of endpoints is made anew when one of them comes or
/// goes. Control shard.
class Datastore {
 public:
  explicit Datastore(kube::PodSource source) : servers_(source) {}

  void put(std::shared_ptr<const api::networking::ModelRoute> object) {
    routes_.put(std::move(object));
  }
  void put(std::shared_ptr<const api::networking::ModelServer> object) {
    servers_.put(std::move(object));
  }
  void put(std::shared_ptr<const kube::Pod> object) { servers_.put(std::move(object)); }
  void put(std::shared_ptr<const kube::EndpointSlice> object) { servers_.put(std::move(object)); }

  /// By its key; it need not be there.
  void remove(const api::networking::ModelRoute& object) { routes_.remove(object.metadata.key()); }
  void remove(const api::networking::ModelServer& object) {
    servers_.remove_server(object.metadata.key());
  }
  void remove(const kube::Pod& object) { servers_.remove_pod(object.metadata.key()); }
  void remove(const kube::EndpointSlice& object) { servers_.remove_slice(object.metadata.key()); }

  /// These and no others. What is as it was is left alone.
  void replace(Objects objects);

  /// Whether something changed that requests or the debug port could see.
  bool dirty() const noexcept { return routes_.dirty() || servers_.dirty(); }
  /// The next snapshot, with the next version.
  Change update();
  const std::shared_ptr<const Snapshot>& current() const noexcept { return current_; }

  /// As of the last update().
  Problems& problems() noexcept { return problems_; }

 private:
  template <class T>
  void replace_kind(const std::vector<std::shared_ptr<const T>>& before, std::vector<T> objects);

  ServerTable servers_;
  RouteTable routes_;
  Problems problems_;
  std::shared_ptr<const Snapshot> current_ = std::make_shared<Snapshot>();
};

}  // namespace kthena::router
