// The end of namespaces: what is in one that is being deleted goes first.
#pragma once

#include <functional>
#include <string>

#include "apiserver/kinds/catalog.h"
#include "apiserver/storage/mirror.h"
#include "apiserver/verbs/objects.h"
#include "async/channel.h"
#include "async/task.h"

namespace kthena::apiserver {

/// Source: kube-controller-manager, namespace controller. One loop; all it refers to outlives it.
class NamespaceController {
 public:
  /// @param catalog  the kinds that are served at present
  NamespaceController(Objects& objects, std::function<CatalogPtr()> catalog);

  /// Until it is cancelled.
  async::Task<void> run();

 private:
  /// False: it must be looked at again later.
  async::Task<bool> finish(std::string name);
  /// Asks all objects in it to go; how many are left, by what keeps them.
  async::Task<std::size_t> remove_contents(const std::string& name);

  Objects& objects_;
  std::function<CatalogPtr()> catalog_;
  async::Event changed_;
  Mirror mirror_;
};

}  // namespace kthena::apiserver
