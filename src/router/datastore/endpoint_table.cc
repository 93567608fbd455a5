#include "router/datastore/endpoint_table.h"

#include <algorithm>

namespace kthena::router {

std::shared_ptr<Endpoint> EndpointTable::get(const kube::ObjectKey& pod, net::IpAddress ip) {
  if (endpoints_.size() >= sweep_at_) {
    sweep();
  }
  std::weak_ptr<Endpoint>& slot = endpoints_[pod.to_string() + "@" + ip.to_string()];
  std::shared_ptr<Endpoint> endpoint = slot.lock();
  if (endpoint == nullptr) {
    endpoint = std::make_shared<Endpoint>();
    endpoint->pod_namespace = pod.namespace_name;
    endpoint->pod_name = pod.name;
    endpoint->ip = ip;
    slot = endpoint;
  }
  return endpoint;
}

void EndpointTable::sweep() {
  std::erase_if(endpoints_, [](const auto& entry) { return entry.second.expired(); });
  sweep_at_ = std::max<std::size_t>(2 * endpoints_.size(), 64);
}

}  // namespace kthena::router
