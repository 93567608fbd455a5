#include "router/datastore/server_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace kthena::router {
namespace {

using api::networking::ModelServer;

EngineKind engine_kind(api::networking::InferenceEngine engine) {
  switch (engine) {
    case api::networking::InferenceEngine::Vllm:
      return EngineKind::Vllm;
    case api::networking::InferenceEngine::Sglang:
      return EngineKind::Sglang;
    case api::networking::InferenceEngine::LlamaCpp:
      break;
  }
  return EngineKind::LlamaCpp;
}

/// What a server is without its endpoints.
std::shared_ptr<Server> describe(std::shared_ptr<const ModelServer> object) {
  auto server = std::make_shared<Server>();
  server->key = object->metadata.key().to_string();
  server->upstream_model = object->spec.model;
  server->engine = engine_kind(object->spec.inference_engine);
  server->port = static_cast<std::uint16_t>(object->spec.workload_port.port);
  if (const auto& policy = object->spec.traffic_policy) {
    if (policy->timeout && policy->timeout->value > Duration::zero()) {
      server->timeout = policy->timeout->value;
    }
    if (policy->retry) {
      server->retry_attempts = static_cast<std::uint32_t>(std::max(policy->retry->attempts, 0));
      server->retry_interval = std::max(policy->retry->retry_interval.value, Duration::zero());
    }
  }
  server->object = std::move(object);
  return server;
}

/// Whether the debug port shows both alike.
bool shows_alike(const kube::Pod& a, const kube::Pod& b) {
  return a.spec.node_name == b.spec.node_name && a.status.phase == b.status.phase &&
         a.status.start_time == b.status.start_time && a.metadata.labels == b.metadata.labels;
}
bool shows_alike(const kube::EndpointSlice& /*a*/, const kube::EndpointSlice& /*b*/) {
  return true;  // it shows none
}

/// Of all entries of a map by key.
template <class Entry>
std::vector<decltype(Entry::object)> objects_of(const std::map<kube::ObjectKey, Entry>& entries) {
  std::vector<decltype(Entry::object)> all;
  all.reserve(entries.size());
  for (const auto& [key, entry] : entries) {
    all.push_back(entry.object);
  }
  return all;
}

}  // namespace

void ServerTable::put(std::shared_ptr<const ModelServer> object) {
  const kube::ObjectKey key = object->metadata.key();
  ServerEntry& server = servers_[key];
  const kube::Labels& wanted = object->spec.workload_selector.match_labels;
  const bool selects_alike =
      server.object != nullptr && server.object->spec.workload_selector.match_labels == wanted;
  if (server.object != nullptr) {
    // The index has the labels of the object that goes.
    selectors_.remove(key.namespace_name, server.object->spec.workload_selector.match_labels,
                      &server);
  }
  if (!selects_alike) {
    unselect(server);
    unlinked_.insert(key);
  }
  server.object = std::move(object);
  selectors_.add(key.namespace_name, wanted, &server);
  dirty_servers_.insert(key);
}

void ServerTable::remove_server(const kube::ObjectKey& key) {
  const auto found = servers_.find(key);
  if (found == servers_.end()) {
    return;
  }
  ServerEntry& server = found->second;
  selectors_.remove(key.namespace_name, server.object->spec.workload_selector.match_labels,
                    &server);
  unselect(server);
  unlinked_.erase(key);
  servers_.erase(found);
  dirty_servers_.insert(key);
}

/// Lets all members go.
void ServerTable::unselect(ServerEntry& server) {
  const auto leave = [&](auto& members) {
    for (auto* member : members) {
      std::erase(member->servers, &server);
      note(*member->object);
    }
    members.clear();
  };
  leave(server.pods);
  leave(server.slices);
}

template <class T>
void ServerTable::put_member(Entries<Member<T>>& all, std::shared_ptr<const T> object) {
  Member<T>& member = all[object->metadata.key()];
  const std::shared_ptr<const T> before = std::exchange(member.object, std::move(object));
  const T& now = *member.object;
  const auto endpoints = std::exchange(member.endpoints, {});
  const auto problems = std::exchange(member.problems, {});
  find_endpoints(member);
  if (before == nullptr || before->metadata.labels != now.metadata.labels) {
    unlink_all(member);
    for (ServerEntry* server : selectors_.find(now.metadata.namespace_name, now.metadata.labels)) {
      link(member, *server);
    }
  } else if (member.endpoints != endpoints) {
    for (const ServerEntry* server : member.servers) {
      mark(*server);
    }
  }
  const bool unchanged = before != nullptr && member.endpoints == endpoints &&
                         member.problems == problems && shows_alike(*before, now);
  if (!member.servers.empty() && !unchanged) {
    note(now);
  }
}

template <class T>
void ServerTable::remove_member(Entries<Member<T>>& all, const kube::ObjectKey& key) {
  const auto found = all.find(key);
  if (found != all.end()) {
    unlink_all(found->second);
    all.erase(found);
  }
}

void ServerTable::put(std::shared_ptr<const kube::Pod> object) {
  put_member(pods_, std::move(object));
}
void ServerTable::put(std::shared_ptr<const kube::EndpointSlice> object) {
  put_member(slices_, std::move(object));
}
void ServerTable::remove_pod(const kube::ObjectKey& key) { remove_member(pods_, key); }
void ServerTable::remove_slice(const kube::ObjectKey& key) { remove_member(slices_, key); }

/// Does nothing if they are linked.
template <class T>
void ServerTable::link(Member<T>& member, ServerEntry& server) {
  if (server.members_like(member).insert(&member).second) {
    member.servers.push_back(&server);
    mark(server);
    note(*member.object);
  }
}

template <class T>
void ServerTable::unlink_all(Member<T>& member) {
  if (!member.servers.empty()) {
    note(*member.object);
  }
  for (ServerEntry* server : std::exchange(member.servers, {})) {
    server->members_like(member).erase(&member);
    mark(*server);
  }
}

std::vector<std::shared_ptr<const ModelServer>> ServerTable::servers() const {
  return objects_of(servers_);
}
std::vector<std::shared_ptr<const kube::Pod>> ServerTable::pods() const {
  return objects_of(pods_);
}
std::vector<std::shared_ptr<const kube::EndpointSlice>> ServerTable::slices() const {
  return objects_of(slices_);
}

void ServerTable::add_endpoint(const kube::ObjectKey& pod, std::string_view address,
                               std::vector<std::shared_ptr<Endpoint>>& endpoints,
                               std::set<std::string>& problems) {
  if (const auto ip = net::parse_ip(address)) {
    endpoints.push_back(table_.get(pod, *ip));
  } else {
    problems.insert("its address '" + std::string(address) + "' is no IP address");
  }
}

void ServerTable::find_endpoints(Member<kube::Pod>& member) {
  const kube::Pod& pod = *member.object;
  if (kube::is_serving(pod, source_)) {
    add_endpoint(pod.metadata.key(), kube::address_of(pod), member.endpoints, member.problems);
  }
}

void ServerTable::find_endpoints(Member<kube::EndpointSlice>& member) {
  const kube::EndpointSlice& slice = *member.object;
  for (const kube::Endpoint& endpoint : slice.endpoints) {
    const auto& target = endpoint.target_ref;
    if (endpoint.addresses.empty() || !kube::is_serving(endpoint) ||
        (source_ == kube::PodSource::Cluster && target && target->kind == "Pod")) {
      continue;
    }
    // A pod of several slices, or of a slice and a manifest of its own, is one endpoint.
    add_endpoint({.namespace_name = slice.metadata.namespace_name,
                  .name = target ? target->name : endpoint.addresses.front()},
                 endpoint.addresses.front(), member.endpoints, member.problems);
  }
}

template <class T>
void ServerTable::link_new(Selectors& fresh, Entries<Member<T>>& all,
                           const std::string& namespace_name) {
  for (auto at = all.lower_bound({.namespace_name = namespace_name, .name = {}});
       at != all.end() && at->first.namespace_name == namespace_name; ++at) {
    Member<T>& member = at->second;
    for (ServerEntry* server : fresh.find(namespace_name, member.object->metadata.labels)) {
      link(member, *server);
    }
  }
}

void ServerTable::link_new_servers() {
  Selectors fresh;
  std::set<std::string> namespaces;
  for (const kube::ObjectKey& key : std::exchange(unlinked_, {})) {
    ServerEntry& server = servers_.at(key);
    fresh.add(key.namespace_name, server.object->spec.workload_selector.match_labels, &server);
    namespaces.insert(key.namespace_name);
  }
  for (const std::string& namespace_name : namespaces) {
    link_new(fresh, pods_, namespace_name);
    link_new(fresh, slices_, namespace_name);
  }
}

std::set<std::string> ServerTable::update(Snapshot& next, Gone& gone, Problems& problems) {
  link_new_servers();
  std::set<std::string> came_or_went;
  for (const kube::ObjectKey& key : std::exchange(dirty_servers_, {})) {
    update_server(key, gone, problems, came_or_went);
  }
  for (const kube::ObjectKey& key : std::exchange(dirty_pods_, {})) {
    update_pod(key, problems);
  }
  for (const kube::ObjectKey& key : std::exchange(unjudged_, {})) {
    const auto found = slices_.find(key);
    const bool counts = found != slices_.end() && !found->second.servers.empty();
    problems.set("EndpointSlice " + key.to_string(),
                 counts ? found->second.problems : std::set<std::string>());
  }
  for (const net::SocketAddress& address : std::exchange(dropped_, {})) {
    if (!address_uses_.contains(address)) {
      gone.addresses.push_back(address);
    }
  }
  next.servers = built_.version();
  next.pods = built_pods_.version();
  return came_or_went;
}

void ServerTable::update_server(const kube::ObjectKey& key, Gone& gone, Problems& problems,
                                std::set<std::string>& came_or_went) {
  const std::string name = key.to_string();
  const auto* const known = built_.find(name);
  const std::shared_ptr<const Server> before = known != nullptr ? *known : nullptr;
  const auto found = servers_.find(key);
  const std::shared_ptr<const Server> now =
      found != servers_.end() ? build(found->second) : nullptr;
  if (now != nullptr) {
    count_addresses(*now, +1);
    built_.set(name, now);
  } else {
    built_.erase(name);
  }
  if (before != nullptr) {
    count_addresses(*before, -1);
    if (now == nullptr || now->upstream_model != before->upstream_model) {
      gone.servers.push_back(name);
    }
  }
  if ((before == nullptr) != (now == nullptr)) {
    came_or_went.insert(name);
  }
  const bool starves = now != nullptr && now->endpoints.empty();
  problems.set("ModelServer " + name,
               starves ? std::set<std::string>{"no pod that is ready has its labels"}
                       : std::set<std::string>());
}

void ServerTable::update_pod(const kube::ObjectKey& key, Problems& problems) {
  const auto found = pods_.find(key);
  const Member<kube::Pod>* const member =
      found != pods_.end() && !found->second.servers.empty() ? &found->second : nullptr;
  if (member != nullptr && !member->endpoints.empty()) {
    built_pods_.set(key.to_string(), member->object);
  } else {
    built_pods_.erase(key.to_string());
  }
  problems.set("Pod " + key.to_string(),
               member != nullptr ? member->problems : std::set<std::string>());
}

std::shared_ptr<const Server> ServerTable::build(const ServerEntry& entry) const {
  std::shared_ptr<Server> server = describe(entry.object);
  server->endpoints.reserve(entry.pods.size());
  for (const auto* pod : entry.pods) {
    server->endpoints.insert(server->endpoints.end(), pod->endpoints.begin(), pod->endpoints.end());
  }
  if (!entry.slices.empty()) {
    for (const auto* slice : entry.slices) {
      server->endpoints.insert(server->endpoints.end(), slice->endpoints.begin(),
                               slice->endpoints.end());
    }
    std::ranges::sort(server->endpoints, {}, [](const auto& endpoint) {
      return std::tie(endpoint->pod_name, endpoint->ip);
    });
    const auto repeated = std::ranges::unique(server->endpoints);
    server->endpoints.erase(repeated.begin(), repeated.end());
  }
  return server;
}

void ServerTable::count_addresses(const Server& server, int step) {
  for (const auto& endpoint : server.endpoints) {
    const net::SocketAddress address{.ip = endpoint->ip, .port = server.port};
    int& uses = address_uses_[address];
    uses += step;
    if (uses == 0) {
      address_uses_.erase(address);
      dropped_.insert(address);
    }
  }
}

}  // namespace kthena::router
