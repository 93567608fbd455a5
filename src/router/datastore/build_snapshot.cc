#include "router/datastore/build_snapshot.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include "base/rfc3339.h"
#include "json/codec.h"
#include "router/routing/string_match.h"

namespace kthena::router {
namespace {

using api::networking::ModelRoute;
using api::networking::ModelServer;

bool selects(const kube::Labels& wanted, const kube::Labels& labels) {
  return !wanted.empty() && std::ranges::all_of(wanted, [&](const auto& pair) {
    const auto found = labels.find(pair.first);
    return found != labels.end() && found->second == pair.second;
  });
}

void add_endpoint(Server& server, EndpointTable& table, const kube::ObjectKey& pod,
                  std::string_view address) {
  if (const auto ip = net::parse_ip(address)) {
    server.endpoints.push_back(table.get(pod.namespace_name, pod.name, *ip));
  }
}

void add_slice(Server& server, EndpointTable& table, const kube::EndpointSlice& slice) {
  for (const kube::Endpoint& endpoint : slice.endpoints) {
    if (endpoint.addresses.empty() || !kube::is_serving(endpoint)) {
      continue;
    }
    // A pod of several slices, or of a slice and a manifest of its own, is one endpoint.
    const std::string& name =
        endpoint.target_ref ? endpoint.target_ref->name : endpoint.addresses.front();
    add_endpoint(server, table, {.namespace_name = slice.metadata.namespace_name, .name = name},
                 endpoint.addresses.front());
  }
}

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

std::shared_ptr<const Server> build_server(const ModelServer& object, const Objects& objects,
                                           kube::PodSource source, EndpointTable& table) {
  auto server = std::make_shared<Server>();
  server->key = object.metadata.key().to_string();
  server->upstream_model = object.spec.model;
  server->engine = engine_kind(object.spec.inference_engine);
  server->port = static_cast<std::uint16_t>(object.spec.workload_port.port);
  if (const auto& policy = object.spec.traffic_policy) {
    if (policy->timeout && policy->timeout->value > Duration::zero()) {
      server->timeout = policy->timeout->value;
    }
    if (policy->retry) {
      server->retry_attempts = static_cast<std::uint32_t>(std::max(policy->retry->attempts, 0));
      server->retry_interval = std::max(policy->retry->retry_interval.value, Duration::zero());
    }
  }
  const kube::Labels& labels = object.spec.workload_selector.match_labels;
  for (const kube::Pod& pod : objects.pods) {
    if (pod.metadata.namespace_name == object.metadata.namespace_name &&
        selects(labels, pod.metadata.labels) && kube::is_serving(pod, source)) {
      add_endpoint(*server, table, pod.metadata.key(), kube::address_of(pod));
    }
  }
  for (const kube::EndpointSlice& slice : objects.slices) {
    if (slice.metadata.namespace_name == object.metadata.namespace_name &&
        selects(labels, slice.metadata.labels)) {
      add_slice(*server, table, slice);
    }
  }
  std::ranges::sort(server->endpoints, {}, [](const auto& endpoint) {
    return std::tie(endpoint->pod_name, endpoint->ip);
  });
  const auto repeated = std::ranges::unique(server->endpoints);
  server->endpoints.erase(repeated.begin(), repeated.end());
  server->spec = json::encode(object.spec);
  return server;
}

json::Value build_pod_info(const kube::Pod& pod) {
  json::Object info{{"nodeName", pod.spec.node_name}, {"phase", pod.status.phase}};
  if (pod.status.start_time) {
    info.set("startTime",
             print_rfc3339(pod.status.start_time->value, Rfc3339Fraction::None).view());
  }
  if (!pod.metadata.labels.empty()) {
    json::Object labels;
    for (const auto& [name, value] : pod.metadata.labels) {
      labels.append_new(name, value);
    }
    info.set("labels", std::move(labels));
  }
  return info;
}

/// Of pods that are an endpoint of some server.
void add_pod_info(Snapshot& snapshot, const std::vector<kube::Pod>& pods) {
  std::set<std::pair<std::string_view, std::string_view>> known;
  for (const auto& [key, server] : snapshot.servers) {
    for (const auto& endpoint : server->endpoints) {
      known.emplace(endpoint->pod_namespace, endpoint->pod_name);
    }
  }
  for (const kube::Pod& pod : pods) {
    if (known.contains({pod.metadata.namespace_name, pod.metadata.name})) {
      snapshot.pod_info.emplace(pod.metadata.key().to_string(), build_pod_info(pod));
    }
  }
}

std::shared_ptr<const StringMatch> build_match(const api::networking::StringMatch& match) {
  if (match.exact) {
    return match_exact(*match.exact);
  }
  if (match.prefix) {
    return match_prefix(*match.prefix);
  }
  if (match.regex) {
    auto regex = match_regex(*match.regex);
    return regex ? *std::move(regex) : match_never();
  }
  return nullptr;
}

/// Equal weights if none is given, weights as given if all are; a mixture chooses nothing.
void set_weights(Rule& rule, const api::networking::Rule& object) {
  const auto with = static_cast<std::size_t>(std::ranges::count_if(
      object.target_models, [](const auto& target) { return target.weight.has_value(); }));
  const bool mixed = with != 0 && with != object.target_models.size();
  for (std::size_t i = 0; i < rule.targets.size(); ++i) {
    rule.targets[i].weight = mixed ? 0 : with == 0 ? 1 : *object.target_models[i].weight;
    rule.total_weight += rule.targets[i].weight;
  }
}

Rule build_rule(const api::networking::Rule& object, const std::string& route_namespace) {
  Rule rule;
  if (object.model_match) {
    rule.body_model = object.model_match->body ? object.model_match->body->model.value_or("") : "";
    rule.uri = object.model_match->uri ? build_match(*object.model_match->uri) : nullptr;
    for (const auto& [name, match] : object.model_match->headers) {
      if (auto built = build_match(match)) {
        rule.headers.emplace_back(name, std::move(built));
      }
    }
  }
  for (const auto& target : object.target_models) {
    rule.targets.push_back({.server = route_namespace + "/" + target.model_server_name});
  }
  set_weights(rule, object);
  return rule;
}

std::shared_ptr<const Route> build_route(const ModelRoute& object) {
  auto route = std::make_shared<Route>();
  route->key = object.metadata.key().to_string();
  route->model_name = object.spec.model_name;
  route->lora_adapters = object.spec.lora_adapters;
  route->has_parents = !object.spec.parent_refs.empty();
  for (const auto& rule : object.spec.rules) {
    route->rules.push_back(build_rule(rule, object.metadata.namespace_name));
  }
  route->spec = json::encode(object.spec);
  return route;
}

/// Oldest first; among those of one second the smaller resource version, as a number where it is
/// one; then the name.
bool precedes(const ModelRoute* a, const ModelRoute* b) {
  const auto created = [](const ModelRoute* route) {
    return route->metadata.creation_timestamp ? route->metadata.creation_timestamp->value
                                              : WallTime{};
  };
  if (created(a) != created(b)) {
    return created(a) < created(b);
  }
  const std::string& left = a->metadata.resource_version;
  const std::string& right = b->metadata.resource_version;
  const auto number = [](const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
  };
  const auto left_number = number(left);
  const auto right_number = number(right);
  if (left_number && right_number) {
    if (*left_number != *right_number) {
      return *left_number < *right_number;
    }
  } else if (left != right) {
    return left < right;
  }
  return a->metadata.key() < b->metadata.key();
}

}  // namespace

std::shared_ptr<Endpoint> EndpointTable::get(const std::string& pod_namespace,
                                             const std::string& pod_name, net::IpAddress ip) {
  std::weak_ptr<Endpoint>& slot = endpoints_[pod_namespace + "/" + pod_name + "@" + ip.to_string()];
  std::shared_ptr<Endpoint> endpoint = slot.lock();
  if (endpoint == nullptr) {
    endpoint = std::make_shared<Endpoint>();
    endpoint->pod_namespace = pod_namespace;
    endpoint->pod_name = pod_name;
    endpoint->ip = ip;
    slot = endpoint;
  }
  return endpoint;
}

void EndpointTable::sweep() {
  std::erase_if(endpoints_, [](const auto& entry) { return entry.second.expired(); });
}

std::shared_ptr<const Snapshot> build_snapshot(const Objects& objects, kube::PodSource source,
                                               EndpointTable& endpoints, std::uint64_t version) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = version;
  for (const ModelServer& object : objects.servers) {
    auto server = build_server(object, objects, source, endpoints);
    snapshot->servers.insert_or_assign(server->key, server);
  }
  add_pod_info(*snapshot, objects.pods);
  std::vector<const ModelRoute*> ordered;
  for (const ModelRoute& object : objects.routes) {
    ordered.push_back(&object);
  }
  std::ranges::sort(ordered, precedes);
  std::set<std::string> names;
  for (const ModelRoute* object : ordered) {
    const auto route = build_route(*object);
    snapshot->routes.insert_or_assign(route->key, route);
    if (!route->model_name.empty()) {
      snapshot->by_model[route->model_name].push_back(route.get());
      names.insert(route->model_name);
    }
    for (const std::string& adapter : route->lora_adapters) {
      snapshot->by_adapter[adapter].push_back(route.get());
      names.insert(adapter);
    }
  }
  snapshot->model_names.assign(names.begin(), names.end());
  endpoints.sweep();
  return snapshot;
}

}  // namespace kthena::router
