// From objects to what the router works with.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kube/types/pod.h"
#include "router/datastore/objects.h"
#include "router/datastore/snapshot.h"

namespace kthena::router {

/// Endpoints by pod and address: a pod that is the same gets the same Endpoint in each snapshot.
class EndpointTable {
 public:
  std::shared_ptr<Endpoint> get(const std::string& pod_namespace, const std::string& pod_name,
                                net::IpAddress ip);
  /// Forgets those that no snapshot and no call holds any more.
  void sweep();

 private:
  std::map<std::string, std::weak_ptr<Endpoint>> endpoints_;
};

/// Makes a snapshot of all objects; their order does not matter. Membership is computed from
/// scratch: pods that a server's labels select in its namespace and that serve. Bad regular
/// expressions never match.
std::shared_ptr<const Snapshot> build_snapshot(const Objects& objects, kube::PodSource source,
                                               EndpointTable& endpoints, std::uint64_t version);

/// The problems that `after` has and `before` had not, so that each is told of once.
std::vector<Problem> new_problems(const Snapshot& before, const Snapshot& after);

}  // namespace kthena::router
