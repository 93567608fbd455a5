// Which addresses and ports the Services of the store have.
#pragma once

#include "apiserver/built_in/service_strategy.h"
#include "apiserver/storage/mirror.h"
#include "apiserver/storage/object_store.h"

namespace kthena::apiserver {

/// A pool that is as the store is. One loop; the store outlives it.
class ServiceAddresses {
 public:
  explicit ServiceAddresses(ObjectStore& store);

  ServicePool& pool() noexcept { return pool_; }

 private:
  ServicePool pool_{"10.96.0.0", 16};
  Mirror services_;
};

}  // namespace kthena::apiserver
