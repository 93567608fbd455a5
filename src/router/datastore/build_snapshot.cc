#include "router/datastore/build_snapshot.h"

#include <algorithm>
#include <charconv>
#include <iterator>
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

using Problems = std::set<Problem>;

/// A server and its endpoints as they are found.
struct Building {
  Server& server;
  EndpointTable& table;
  Problems& problems;
};

/// @param source  the kind of `at`, which says the address
void add_endpoint(const Building& to, const kube::ObjectKey& pod, std::string_view address,
                  std::string_view source, const kube::ObjectMeta& at) {
  if (const auto ip = net::parse_ip(address)) {
    to.server.endpoints.push_back(to.table.get(pod.namespace_name, pod.name, *ip));
  } else {
    to.problems.insert({.object = std::string(source) + " " + at.key().to_string(),
                        .what = "its address '" + std::string(address) + "' is no IP address"});
  }
}

void add_slice(const Building& to, const kube::EndpointSlice& slice) {
  for (const kube::Endpoint& endpoint : slice.endpoints) {
    if (endpoint.addresses.empty() || !kube::is_serving(endpoint)) {
      continue;
    }
    // A pod of several slices, or of a slice and a manifest of its own, is one endpoint.
    const std::string& name =
        endpoint.target_ref ? endpoint.target_ref->name : endpoint.addresses.front();
    add_endpoint(to, {.namespace_name = slice.metadata.namespace_name, .name = name},
                 endpoint.addresses.front(), "EndpointSlice", slice.metadata);
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
                                           kube::PodSource source, EndpointTable& table,
                                           Problems& problems) {
  auto server = std::make_shared<Server>();
  const Building to{.server = *server, .table = table, .problems = problems};
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
      add_endpoint(to, pod.metadata.key(), kube::address_of(pod), "Pod", pod.metadata);
    }
  }
  for (const kube::EndpointSlice& slice : objects.slices) {
    if (slice.metadata.namespace_name == object.metadata.namespace_name &&
        selects(labels, slice.metadata.labels)) {
      add_slice(to, slice);
    }
  }
  std::ranges::sort(server->endpoints, {}, [](const auto& endpoint) {
    return std::tie(endpoint->pod_name, endpoint->ip);
  });
  const auto repeated = std::ranges::unique(server->endpoints);
  server->endpoints.erase(repeated.begin(), repeated.end());
  if (server->endpoints.empty()) {
    problems.insert(
        {.object = "ModelServer " + server->key, .what = "no pod that is ready has its labels"});
  }
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

/// Builds the rules of one route.
class RouteBuilder {
 public:
  RouteBuilder(const ModelRoute& object, const Snapshot& snapshot, Problems& problems)
      : object_(object), snapshot_(snapshot), problems_(problems) {}

  std::shared_ptr<const Route> build() {
    auto route = std::make_shared<Route>();
    route->key = object_.metadata.key().to_string();
    route->model_name = object_.spec.model_name;
    route->lora_adapters = object_.spec.lora_adapters;
    route->has_parents = !object_.spec.parent_refs.empty();
    for (std::size_t i = 0; i < object_.spec.rules.size(); ++i) {
      at_ = "spec.rules[" + std::to_string(i) + "]";
      route->rules.push_back(build_rule(object_.spec.rules[i]));
    }
    route->spec = json::encode(object_.spec);
    return route;
  }

 private:
  void add_problem(std::string what) {
    problems_.insert({.object = "ModelRoute " + object_.metadata.key().to_string(),
                      .what = at_ + ": " + std::move(what)});
  }

  Rule build_rule(const api::networking::Rule& object) {
    Rule rule;
    if (const auto& match = object.model_match) {
      rule.body_model = match->body ? match->body->model.value_or("") : "";
      rule.uri = match->uri ? build_match(*match->uri) : nullptr;
      for (const auto& [name, header] : match->headers) {
        if (auto built = build_match(header)) {
          rule.headers.emplace_back(name, std::move(built));
        }
      }
    }
    for (const auto& target : object.target_models) {
      rule.targets.push_back(build_target(target));
      rule.total_weight += rule.targets.back().weight;
    }
    return rule;
  }

  Target build_target(const api::networking::TargetModel& object) {
    // Weights that are missing count what the API server would have filled in.
    Target target{.server = {}, .provider = {}, .weight = object.weight_or_default()};
    const std::string prefix = object_.metadata.namespace_name + "/";
    if (!object.external_model_provider_name.empty()) {
      target.provider = prefix + object.external_model_provider_name;
      add_problem("ExternalModelProvider " + target.provider +
                  " gets no requests: this version serves none of its kind");
      return target;
    }
    target.server = prefix + object.model_server_name;
    if (!snapshot_.servers.contains(target.server)) {
      add_problem("there is no ModelServer " + target.server);
    }
    return target;
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
      if (!regex) {
        add_problem("a regex never matches: " + regex.error().message());
        return match_never();
      }
      return *std::move(regex);
    }
    return nullptr;
  }

  const ModelRoute& object_;
  const Snapshot& snapshot_;
  Problems& problems_;
  std::string at_;  ///< the path of the rule at hand
};

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
  Problems problems;
  for (const ModelServer& object : objects.servers) {
    auto server = build_server(object, objects, source, endpoints, problems);
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
    const auto route = RouteBuilder(*object, *snapshot, problems).build();
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
  snapshot->problems.assign(problems.begin(), problems.end());
  endpoints.sweep();
  return snapshot;
}

std::vector<Problem> new_problems(const Snapshot& before, const Snapshot& after) {
  std::vector<Problem> found;
  std::ranges::set_difference(after.problems, before.problems, std::back_inserter(found));
  return found;
}

}  // namespace kthena::router
