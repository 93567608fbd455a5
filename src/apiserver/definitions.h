// CustomResourceDefinitions at work: which kinds are served, what their status says, and the end of
// a definition, before which its objects go.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "apiserver/kinds/catalog.h"
#include "apiserver/server.h"
#include "apiserver/storage/mirror.h"
#include "apiserver/storage/object_store.h"
#include "async/channel.h"
#include "async/task.h"
#include "base/result.h"

namespace kthena::apiserver {

/// Gives a server its catalogue: at once when it is made, and with each change of a definition. One
/// loop; the server outlives it.
class Definitions {
 public:
  explicit Definitions(ApiServer& api);

  /// Creates the definitions of our own kinds, or brings them up to date. Errors: those of the
  /// storage.
  async::Task<Result<>> plant();

  /// Called after each further change of the catalogue.
  void set_on_catalog(std::function<void()> on_catalog) { on_catalog_ = std::move(on_catalog); }

  /// Establishes definitions and clears up after those that are deleted, until it is cancelled.
  async::Task<void> run();

 private:
  void refresh();
  // Each is false if it must be done again later.
  async::Task<bool> settle_all();
  async::Task<bool> settle(ObjectPtr definition);
  /// Whether none is left.
  async::Task<bool> remove_objects(const json::Value& definition);
  async::Task<bool> change(std::string name, std::string subresource, Objects::Change change);

  ApiServer& api_;
  ObjectStore& store_;
  std::function<void()> on_catalog_;
  bool mirrored_ = false;
  async::Event changed_;
  Mirror mirror_;
};

}  // namespace kthena::apiserver
