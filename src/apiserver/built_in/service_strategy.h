// What Services make of a write, and the addresses and ports that they are given.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

/// When a Service becomes one of another type, what the old type alone had goes, unless the writer
/// changed it.
void drop_fields_of_other_type(json::Value& service, const json::Value& before);

/// The IPv4 addresses and node ports that Services are given; which are taken. One for a server;
/// not thread-safe. A plain set: made again from all Services at each start.
class ServicePool {
 public:
  /// @param network  "10.96.0.0"; the first address is not given out, nor the last
  /// @param bits     of the network's prefix, 8 to 30
  ServicePool(std::string_view network, int bits, int first_port = 30000, int last_port = 32767);

  /// What a Service has is taken, and free again.
  void take(const json::Value& service);
  void release(const json::Value& service);

 private:
  friend class ServiceAllocation;
  bool contains(std::uint32_t address) const;
  std::optional<std::uint32_t> next_address();
  std::optional<int> next_port();

  std::uint32_t first_ = 0;
  std::uint32_t last_ = 0;
  int bits_ = 0;
  int first_port_;
  int last_port_;
  std::uint32_t next_address_ = 0;  ///< where to look from: an address is not given again at once
  int next_port_ = 0;
  std::set<std::uint32_t> addresses_;
  std::set<int> ports_;
};

/// Gives a Service what it needs and does not name: clusterIP and clusterIPs, ipFamilies,
/// ipFamilyPolicy, nodePorts, healthCheckNodePort. To be called before prepare_create() and
/// prepare_update(); only for the Service itself, not for its status.
///  - Nothing is taken from the pool: take() what was stored, release() what was before.
///  - @param before  null: it is created
///  - @return what cannot be given (an address that is taken): 422 if it is not empty
/// Source: Kubernetes v1.34, registry/core/service/storage.
std::vector<json::Problem> allocate_service(json::Value& service, const json::Value* before,
                                            ServicePool& pool);

}  // namespace kthena::apiserver
