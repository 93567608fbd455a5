// The snapshot in force on a shard.
#pragma once

#include <memory>

#include "router/datastore/snapshot.h"

namespace kthena::router {

/// Belongs to one data shard; the control shard posts new ones to it.
class CurrentSnapshot {
 public:
  const std::shared_ptr<const Snapshot>& get() const noexcept { return snapshot_; }
  void set(std::shared_ptr<const Snapshot> snapshot) noexcept { snapshot_ = std::move(snapshot); }

 private:
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

}  // namespace kthena::router
