// What stands in memory beside the store, made from it: told of every object and every change.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "apiserver/storage/change_log.h"
#include "apiserver/storage/object_store.h"

namespace kthena::apiserver {

/// Tells of all objects of a resource, and then of each change as soon as it is visible, before
/// whoever made it is answered. One loop; the store outlives it.
class Mirror final : private Follower {
 public:
  /// @param before  null: it is new; @param after  null: it is gone
  using Apply = std::move_only_function<void(const ObjectPtr& before, const ObjectPtr& after)>;

  Mirror(ObjectStore& store, std::string_view resource, Apply apply);

 private:
  void on_news() noexcept override;

  Apply apply_;
  std::unique_ptr<Subscription> subscription_;
};

}  // namespace kthena::apiserver
