// Which addresses and ports the Services of the store have.
#pragma once

#include <memory>

#include "apiserver/built_in/service_strategy.h"
#include "apiserver/storage/change_log.h"
#include "apiserver/storage/object_store.h"

namespace kthena::apiserver {

/// Keeps a pool as the store is. One loop; the store outlives it.
class ServiceAddresses final : private Follower {
 public:
  explicit ServiceAddresses(ObjectStore& store);

  ServicePool& pool() noexcept { return pool_; }

 private:
  void on_news() noexcept override;
  void count(const ObjectPtr& object, bool taken);

  ObjectStore& store_;
  ServicePool pool_{"10.96.0.0", 16};
  std::unique_ptr<Subscription> subscription_;
};

}  // namespace kthena::apiserver
