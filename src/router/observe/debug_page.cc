#include "router/observe/debug_page.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "json/print.h"

namespace kthena::router {
namespace {

constexpr std::string_view kDump = "/debug/config_dump/";
constexpr std::string_view kProfiles = "/debug/pprof/";

enum class Detail : std::uint8_t { List, Single };

/// One kind of object: its word in paths, its kind in messages, and its objects by key.
struct Collection {
  std::string_view plural;
  std::string_view kind;
  std::map<std::string, json::Value> (*list)(const Snapshot& world, Instant now, Detail detail);
};

struct Name {
  std::string_view namespace_name;
  std::string_view name;
};

Name split(std::string_view key) {
  const std::size_t slash = key.find('/');
  return {.namespace_name = key.substr(0, slash), .name = key.substr(slash + 1)};
}

json::Object named(std::string_view key) {
  const Name name = split(key);
  return {{"name", name.name}, {"namespace", name.namespace_name}};
}

std::string pod_key(const Endpoint& endpoint) {
  return endpoint.pod_namespace + "/" + endpoint.pod_name;
}

std::string_view engine_name(EngineKind engine) {
  switch (engine) {
    case EngineKind::Vllm:
      return "vLLM";
    case EngineKind::Sglang:
      return "SGLang";
    case EngineKind::LlamaCpp:
      break;
  }
  return "LlamaCpp";
}

std::map<std::string, json::Value> list_routes(const Snapshot& world, Instant /*now*/,
                                               Detail /*detail*/) {
  std::map<std::string, json::Value> all;
  for (const auto& [key, route] : world.routes) {
    json::Object object = named(key);
    object.set("spec", route->spec);
    all.emplace(key, std::move(object));
  }
  return all;
}

std::map<std::string, json::Value> list_servers(const Snapshot& world, Instant /*now*/,
                                                Detail /*detail*/) {
  std::map<std::string, json::Value> all;
  for (const auto& [key, server] : world.servers) {
    json::Object object = named(key);
    object.set("spec", server->spec);
    json::Array pods;
    for (const auto& endpoint : server->endpoints) {
      pods.emplace_back(pod_key(*endpoint));
    }
    if (!pods.empty()) {
      object.set("associatedPods", std::move(pods));
    }
    all.emplace(key, std::move(object));
  }
  return all;
}

json::Value pod_info(const Snapshot& world, const std::string& key, const Endpoint& endpoint) {
  json::Object info{{"podIP", endpoint.ip.to_string()}};
  if (const auto known = world.pod_info.find(key); known != world.pod_info.end()) {
    for (const auto& [name, value] : known->second.as_object()) {
      info.set(name, value);
    }
  }
  return info;
}

/// How it stands with an endpoint at this moment, over all shards.
void add_live_state(json::Object& object, const Endpoint& endpoint, Instant now) {
  // Engines are not asked for their metrics yet: unknown is not 0.
  object.set("metrics", json::Object{{"gpuCacheUsage", nullptr},
                                     {"requestWaitingNum", nullptr},
                                     {"requestRunningNum", nullptr},
                                     {"tpot", nullptr},
                                     {"ttft", nullptr}});
  object.set("inFlight", endpoint.in_flight.load(std::memory_order_relaxed));
  const std::int64_t left_ns =
      endpoint.ejected_until.load(std::memory_order_relaxed) - now.time_since_epoch().count();
  object.set("failuresInRow", endpoint.failures_in_row.load(std::memory_order_relaxed));
  object.set("ejectedForMs", std::max<std::int64_t>(left_ns, 0) / 1'000'000);
}

std::map<std::string, json::Value> list_pods(const Snapshot& world, Instant now, Detail detail) {
  std::map<std::string, json::Value> all;
  for (const auto& [server_key, server] : world.servers) {
    for (const auto& endpoint : server->endpoints) {
      const std::string key = pod_key(*endpoint);
      json::Value& pod = all[key];
      if (pod.is_null()) {
        json::Object object = named(key);
        object.set("engine", engine_name(server->engine));
        object.set("models", nullptr);
        object.set("modelServers", json::Array{});
        add_live_state(object, *endpoint, now);
        if (detail == Detail::Single) {
          object.set("podInfo", pod_info(world, key, *endpoint));
        }
        pod = std::move(object);
      }
      json::Array& servers = pod.find("modelServers")->as_array();
      if (servers.empty() || servers.back() != json::Value(server_key)) {
        servers.emplace_back(server_key);
      }
    }
  }
  return all;
}

std::map<std::string, json::Value> list_none(const Snapshot& /*world*/, Instant /*now*/,
                                             Detail /*detail*/) {
  return {};
}

constexpr std::array kCollections = {
    Collection{.plural = "modelroutes", .kind = "ModelRoute", .list = list_routes},
    Collection{.plural = "modelservers", .kind = "ModelServer", .list = list_servers},
    Collection{.plural = "pods", .kind = "Pod", .list = list_pods},
    Collection{.plural = "gateways", .kind = "Gateway", .list = list_none},
    Collection{.plural = "httproutes", .kind = "HTTPRoute", .list = list_none},
    Collection{.plural = "inferencepools", .kind = "InferencePool", .list = list_none},
    Collection{
        .plural = "externalmodelproviders", .kind = "ExternalModelProvider", .list = list_none},
};

const Collection* find_collection(std::string_view plural) {
  const auto* found = std::ranges::find(kCollections, plural, &Collection::plural);
  return found == kCollections.end() ? nullptr : found;
}

http::Response json_response(int status, const json::Value& value) {
  return http::text_response(status, "application/json; charset=utf-8", json::print(value));
}

http::Response error(int status, std::string message) {
  return json_response(status, json::Object{{"error", std::move(message)}});
}

http::Response not_found() {
  return http::text_response(404, "text/plain; charset=utf-8", "404 page not found");
}

http::Response list_page(const Collection& collection, const Snapshot& world, Instant now) {
  json::Array items;
  for (auto& [key, value] : collection.list(world, now, Detail::List)) {
    items.push_back(std::move(value));
  }
  return json_response(200, json::Object{{std::string(collection.plural), std::move(items)}});
}

/// `path` is {namespace}/{plural}/{name}.
http::Response single_page(std::string_view path, const Snapshot& world, Instant now) {
  const std::size_t first = path.find('/');
  const std::size_t last = path.rfind('/');
  if (first == std::string_view::npos || first == last) {
    return not_found();
  }
  const Collection* collection = find_collection(path.substr(first + 1, last - first - 1));
  if (collection == nullptr) {
    return not_found();
  }
  const std::string_view namespace_name = path.substr(0, first);
  const std::string_view name = path.substr(last + 1);
  if (namespace_name.empty() || name.empty()) {
    return error(400, "namespace and name parameters are required");
  }
  auto all = collection->list(world, now, Detail::Single);
  const auto found = all.find(std::string(namespace_name) + "/" + std::string(name));
  if (found == all.end()) {
    return error(404, std::string(collection->kind) + " not found");
  }
  return json_response(200, found->second);
}

http::Response profile_page(std::string_view profile) {
  constexpr std::array<std::string_view, 6> kNames = {"profile", "goroutine", "heap",
                                                      "allocs",  "block",     "mutex"};
  constexpr std::string_view kText = "text/plain; charset=utf-8";
  if (profile.empty()) {
    return http::text_response(200, kText,
                               "/debug/pprof/\n\n"
                               "Profiles that other tools ask for here: profile, goroutine, heap, "
                               "allocs, block, mutex.\n"
                               "None is served yet: each answers 501. On the machine itself, "
                               "`perf record -g -p PID` does the same.\n");
  }
  if (std::ranges::find(kNames, profile) == kNames.end()) {
    return not_found();
  }
  return http::text_response(
      501, kText,
      std::string(profile) + ": not served by this router; use `perf record -g -p PID`\n");
}

}  // namespace

async::Task<http::Response> DebugFront::handle(http::Request& request) {
  std::string_view path = request.path();
  if (request.method != http::Method::Get && request.method != http::Method::Head) {
    co_return not_found();
  }
  if (path.starts_with(kProfiles)) {
    co_return profile_page(path.substr(kProfiles.size()));
  }
  if (!path.starts_with(kDump)) {
    co_return not_found();
  }
  path.remove_prefix(kDump.size());
  const Snapshot& world = *world_.get();
  if (const Collection* collection = find_collection(path)) {
    co_return list_page(*collection, world, loop_.now());
  }
  constexpr std::string_view kSingle = "namespaces/";
  if (path.starts_with(kSingle)) {
    co_return single_page(path.substr(kSingle.size()), world, loop_.now());
  }
  co_return not_found();
}

}  // namespace kthena::router
