#include "router/data_shard.h"

#include <unordered_set>

namespace kthena::router {

void DataShard::follow(const Change& change) {
  for (const net::SocketAddress& address : change.gone.addresses) {
    client_.forget(address);
  }
  for (const std::string& model : change.gone.models) {
    connector_.forget_model(model);
  }
  snapshots_.set(change.after);
  if ((!change.gone.addresses.empty() || !change.gone.models.empty()) && !armed()) {
    set(loop().now() + kSweepAfter);
  }
}

void DataShard::on_timer() noexcept {
  const Snapshot& world = *snapshots_.get();
  std::unordered_set<net::SocketAddress> addresses;
  for (const auto& [key, server] : world.servers) {
    for (const auto& endpoint : server->endpoints) {
      addresses.insert({.ip = endpoint->ip, .port = server->port});
    }
  }
  client_.forget_all_but(
      [&](const net::SocketAddress& address) { return addresses.contains(address); });
  connector_.keep_models(world);
}

}  // namespace kthena::router
