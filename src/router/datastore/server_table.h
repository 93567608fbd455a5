// The servers and their members: which pods and slices the labels of each select.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/networking/v1alpha1/model_server.h"
#include "base/shared_map.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"
#include "router/datastore/endpoint_table.h"
#include "router/datastore/problems.h"
#include "router/datastore/selector_index.h"
#include "router/datastore/snapshot.h"

namespace kthena::router {

/// The part of the Datastore that knows ModelServers, Pods and EndpointSlices. Links are exact
/// after each event, in whatever order they come: an object that comes finds its servers by its
/// labels, and servers that are new, or select otherwise, find their members at the next update(),
/// in one pass for all of them.
///
/// Of a slice only what names no pod counts in a cluster: pods speak for themselves there, and
/// sooner. A file may name addresses of either kind.
class ServerTable {
 public:
  using ModelServer = api::networking::ModelServer;

  explicit ServerTable(kube::PodSource source) : source_(source) {}

  void put(std::shared_ptr<const ModelServer> object);
  void put(std::shared_ptr<const kube::Pod> object);
  void put(std::shared_ptr<const kube::EndpointSlice> object);
  void remove_server(const kube::ObjectKey& key);
  void remove_pod(const kube::ObjectKey& key);
  void remove_slice(const kube::ObjectKey& key);

  std::vector<std::shared_ptr<const ModelServer>> servers() const;
  std::vector<std::shared_ptr<const kube::Pod>> pods() const;
  std::vector<std::shared_ptr<const kube::EndpointSlice>> slices() const;
  /// By its key; as of the last update().
  bool contains(std::string_view server) const { return built_.find(server) != nullptr; }

  bool dirty() const noexcept {
    return !unlinked_.empty() || !dirty_servers_.empty() || !dirty_pods_.empty() ||
           !unjudged_.empty();
  }
  /// Gives `next` its servers and pods, says what is gone, and what is wrong with the objects that
  /// changed. Returns the keys of the servers that came or went.
  std::set<std::string> update(Snapshot& next, Gone& gone, Problems& problems);

 private:
  struct ServerEntry;
  /// A pod or a slice.
  template <class T>
  struct Member {
    std::shared_ptr<const T> object;
    std::vector<ServerEntry*> servers;
    std::vector<std::shared_ptr<Endpoint>> endpoints;  ///< those that serve
    std::set<std::string> problems;
  };
  struct ByName {  // members of a server are of one namespace
    template <class T>
    bool operator()(const Member<T>* a, const Member<T>* b) const {
      return a->object->metadata.name < b->object->metadata.name;
    }
  };
  template <class T>
  using Members = std::set<Member<T>*, ByName>;
  struct ServerEntry {
    std::shared_ptr<const ModelServer> object;
    std::shared_ptr<const Server> built;  ///< null before the first update()
    Members<kube::Pod> pods;
    Members<kube::EndpointSlice> slices;

    Members<kube::Pod>& members_like(const Member<kube::Pod>& /*member*/) { return pods; }
    Members<kube::EndpointSlice>& members_like(const Member<kube::EndpointSlice>& /*member*/) {
      return slices;
    }
  };
  template <class T>
  using Entries = std::map<kube::ObjectKey, T>;
  using Selectors = SelectorIndex<ServerEntry>;

  template <class T>
  void put_member(Entries<Member<T>>& all, std::shared_ptr<const T> object);
  template <class T>
  void remove_member(Entries<Member<T>>& all, const kube::ObjectKey& key);
  template <class T>
  void link(Member<T>& member, ServerEntry& server);
  template <class T>
  void unlink_all(Member<T>& member);
  template <class T>
  void link_new(Selectors& fresh, Entries<Member<T>>& all, const std::string& namespace_name);

  void find_endpoints(Member<kube::Pod>& member);
  void find_endpoints(Member<kube::EndpointSlice>& member);
  void add_endpoint(const kube::ObjectKey& pod, std::string_view address,
                    std::vector<std::shared_ptr<Endpoint>>& endpoints,
                    std::set<std::string>& problems);
  void note(const kube::Pod& pod) { dirty_pods_.insert(pod.metadata.key()); }
  void note(const kube::EndpointSlice& slice) { unjudged_.insert(slice.metadata.key()); }
  void mark(const ServerEntry& server) { dirty_servers_.insert(server.object->metadata.key()); }
  void unselect(ServerEntry& server);

  void link_new_servers();
  void update_server(const kube::ObjectKey& key, Gone& gone, Problems& problems,
                     std::set<std::string>& came_or_went);
  void update_pod(const kube::ObjectKey& key, Problems& problems);
  std::shared_ptr<const Server> build(const ServerEntry& entry) const;
  void count_addresses(const Server& server, int step);

  kube::PodSource source_;
  EndpointTable table_;
  Entries<ServerEntry> servers_;
  Entries<Member<kube::Pod>> pods_;
  Entries<Member<kube::EndpointSlice>> slices_;
  Selectors selectors_;
  std::unordered_map<net::SocketAddress, int> address_uses_;  ///< how many servers have it

  // What the next update() has to look at.
  std::set<kube::ObjectKey> unlinked_;  ///< servers whose members are not known yet
  std::set<kube::ObjectKey> dirty_servers_;
  std::set<kube::ObjectKey> dirty_pods_;
  std::set<kube::ObjectKey> unjudged_;    ///< slices whose problems may be others now
  std::set<net::SocketAddress> dropped_;  ///< addresses that a server has no longer

  SharedMapBuilder<std::shared_ptr<const Server>> built_;
  SharedMapBuilder<std::shared_ptr<const kube::Pod>> built_pods_;
};

}  // namespace kthena::router
