#include "router/data_shard.h"

#include <unordered_set>

namespace kthena::router {

void DataShard::follow(std::shared_ptr<const Snapshot> world) {
  std::unordered_set<net::SocketAddress> addresses;
  for (const auto& [key, server] : world->servers) {
    for (const auto& endpoint : server->endpoints) {
      addresses.insert({.ip = endpoint->ip, .port = server->port});
    }
  }
  // Calls under way go on with the world they began with, and may use a pod once more that is gone:
  // so all that is there is looked through each time, not only what has changed.
  client_.forget_all_but(
      [&](const net::SocketAddress& address) { return addresses.contains(address); });
  connector_.keep_models(*world);
  snapshots_.set(std::move(world));
}

}  // namespace kthena::router
