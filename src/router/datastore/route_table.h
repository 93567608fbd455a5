// The routes, and which of them serve a name.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/shared_map.h"
#include "router/datastore/build_route.h"
#include "router/datastore/problems.h"
#include "router/datastore/server_table.h"
#include "router/datastore/snapshot.h"

namespace kthena::router {

/// The part of the Datastore that knows ModelRoutes.
class RouteTable {
 public:
  using ModelRoute = api::networking::ModelRoute;

  void put(std::shared_ptr<const ModelRoute> object);
  void remove(const kube::ObjectKey& key);
  std::vector<std::shared_ptr<const ModelRoute>> objects() const;

  bool dirty() const noexcept { return !dirty_.empty(); }
  /// Gives `next` its routes and names, and says what is gone of those of `before`.
  void update(const Snapshot& before, Snapshot& next, Gone& gone);
  /// Says what is wrong with the routes that changed, and with those that name one of `servers`.
  void update_problems(const std::set<std::string>& servers, const ServerTable& table,
                       Problems& problems);

 private:
  struct Entry {
    std::shared_ptr<const ModelRoute> object;
    BuiltRoute built;  ///< null before the first snapshot with it
  };
  /// Routes that register a name, and the names of which the candidates are to be listed anew.
  struct Names {
    std::map<std::string, std::set<const Entry*>> entries;
    std::set<std::string> touched;
    SharedMapBuilder<Candidates> built;

    void add(const std::string& name, const Entry& entry);
    void remove(const std::string& name, const Entry& entry);
    void update();
  };

  void unregister(const Entry& entry);
  void register_again(Entry& entry);

  std::map<kube::ObjectKey, Entry> entries_;
  Names models_;
  Names adapters_;
  std::map<std::string, std::set<kube::ObjectKey>> wanted_by_;  ///< by key of the server
  std::set<kube::ObjectKey> dirty_;
  std::set<kube::ObjectKey> unjudged_;  ///< whose problems may be others now
  SharedMapBuilder<std::shared_ptr<const Route>> built_;
};

}  // namespace kthena::router
