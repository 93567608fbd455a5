// Endpoints by pod and address: what is the same stays the same.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kube/meta/object.h"
#include "net/address.h"
#include "router/datastore/endpoint.h"

namespace kthena::router {

/// A pod that keeps its name and its address gets the same Endpoint for as long as anybody holds
/// it, so that its numbers go on.
class EndpointTable {
 public:
  std::shared_ptr<Endpoint> get(const kube::ObjectKey& pod, net::IpAddress ip);

  /// Endpoints that somebody holds or held lately.
  std::size_t size() const noexcept { return endpoints_.size(); }

 private:
  void sweep();

  std::unordered_map<std::string, std::weak_ptr<Endpoint>> endpoints_;
  std::size_t sweep_at_ = 64;  ///< twice what was left the last time: a step costs O(1)
};

}  // namespace kthena::router
