// Objects whose owners are gone go too.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "apiserver/kinds/catalog.h"
#include "apiserver/storage/mirror.h"
#include "apiserver/verbs/objects.h"
#include "async/channel.h"
#include "async/task.h"

namespace kthena::apiserver {

/// Collects by owner references, as kube-controller-manager does:
///  - an object none of whose owners exists is deleted;
///  - before an object with the finalizer `foregroundDeletion` goes, those that block it go;
///  - before one with the finalizer `orphan` goes, its dependents forget it.
/// Knows who depends on whom by being told of each change. One loop; all it refers to outlives it.
class GarbageCollector {
 public:
  GarbageCollector(Objects& objects, std::function<CatalogPtr()> catalog);

  /// Begins to follow what the catalogue has beyond what is followed already.
  void follow_catalog();

  /// Until it is cancelled.
  async::Task<void> run();

 private:
  struct Owner {
    std::string uid;
    std::string api_version;
    std::string kind;
    std::string name;
    bool blocks = false;  ///< blockOwnerDeletion
  };
  struct Node {
    ObjectPath path;
    std::vector<Owner> owners;
    bool deleting = false;
    bool orphans = false;     ///< has the finalizer `orphan`
    bool foreground = false;  ///< has the finalizer `foregroundDeletion`
  };

  void on_change(const ObjectPtr& before, const ObjectPtr& after);
  void forget(const std::string& uid);
  void remember(const std::string& uid, Node node);
  static Node node_of(const ObjectPath& path, const json::Value& object);
  bool exists(const Owner& owner, const std::string& namespace_name) const;

  /// False: it must be looked at again later.
  async::Task<bool> look_at(std::string uid);
  async::Task<bool> collect(std::string uid);
  async::Task<bool> let_go(std::string uid, std::string finalizer);
  async::Task<bool> orphan_dependents(const std::string& uid);
  async::Task<bool> remove_blocking_dependents(const std::string& uid);
  async::Task<bool> change(const ObjectPath& path, Objects::Change change);
  KindPtr kind_of(const std::string& resource) const;

  Objects& objects_;
  std::function<CatalogPtr()> catalog_;
  std::unordered_map<std::string, Node> nodes_;                        ///< by uid
  std::unordered_map<std::string, std::set<std::string>> dependents_;  ///< uids by their owner's
  std::set<std::string> waiting_;                                      ///< uids to look at
  async::Event news_;
  std::unordered_map<std::string, std::unique_ptr<Mirror>> mirrors_;  ///< by resource
};

}  // namespace kthena::apiserver
