#include "router/observe/debug_page.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "base/rfc3339.h"
#include "json/codec.h"
#include "json/print.h"
#include "kube/types/pod.h"

namespace kthena::router {
namespace {

constexpr std::string_view kDump = "/debug/config_dump/";
constexpr std::string_view kProfiles = "/debug/pprof/";
constexpr std::string_view kText = "text/plain; charset=utf-8";

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
    object.set("spec", json::encode(route->object->spec));
    all.emplace(key, std::move(object));
  }
  return all;
}

std::map<std::string, json::Value> list_servers(const Snapshot& world, Instant /*now*/,
                                                Detail /*detail*/) {
  std::map<std::string, json::Value> all;
  for (const auto& [key, server] : world.servers) {
    json::Object object = named(key);
    object.set("spec", json::encode(server->object->spec));
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
  const auto* const found = world.pods.find(key);
  if (found == nullptr) {
    return info;  // an address of a slice
  }
  const kube::Pod& pod = **found;
  info.set("nodeName", pod.spec.node_name);
  info.set("phase", pod.status.phase);
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

http::Response not_found() { return http::text_response(404, kText, "404 page not found"); }

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

/// A profile that tools ask Go programs for, and what shows the same of this one.
struct Profile {
  std::string_view name;
  std::string_view meaning;
  std::string_view instead;  ///< to be followed by the process id
  std::string_view instead_end;
};

constexpr std::array kInstead = {
    Profile{"profile", "where CPU time goes", "perf record -g -p ", " -- sleep 30"},
    Profile{"goroutine", "what each thread does", "gdb -batch -ex 'thread apply all bt' -p ", ""},
    Profile{"heap", "who holds memory", "heaptrack -p ", ""},
    Profile{"allocs", "who asks for memory", "heaptrack -p ", ""},
    Profile{"block", "where threads wait", "perf trace -s -p ", " -- sleep 30"},
    Profile{"mutex", "which locks are waited for", "perf lock contention -b -p ", " -- sleep 30"},
};

std::string instead_of(const Profile& profile) {
  return std::string(profile.instead) + std::to_string(::getpid()) +
         std::string(profile.instead_end);
}

http::Response profile_page(std::string_view name) {
  if (name.empty()) {
    std::string text = "Profiles are not served yet; each answers 501. On the machine itself:\n\n";
    for (const Profile& profile : kInstead) {
      text += std::string(profile.name) + ", " + std::string(profile.meaning) + ":\n    " +
              instead_of(profile) + "\n";
    }
    return http::text_response(200, kText, std::move(text));
  }
  const auto* found = std::ranges::find(kInstead, name, &Profile::name);
  if (found == kInstead.end()) {
    return not_found();
  }
  return http::text_response(
      501, kText,
      std::string(name) + ": not served by this router. On the machine itself, this shows " +
          std::string(found->meaning) + ":\n\n    " + instead_of(*found) + "\n");
}

/// The pages of this port: links for a browser, lines for all else.
http::Response index_page(bool html) {
  std::string text = html ? "<!doctype html>\n<title>kthena-router</title>\n<ul>\n" : "";
  const auto add = [&](std::string path) {
    text += html ? "<li><a href=\"" + path + "\">" + path + "</a>\n" : path + "\n";
  };
  for (const Collection& collection : kCollections) {
    add(std::string(kDump) + std::string(collection.plural));
  }
  add(std::string(kProfiles));
  const std::string one = std::string(kDump) + "namespaces/{namespace}/{list}/{name}";
  text += html ? "</ul>\n<p>One object: " + one + "\n" : one + "\n";
  return http::text_response(200, html ? "text/html; charset=utf-8" : kText, std::move(text));
}

}  // namespace

async::Task<http::Response> DebugFront::handle(http::Request& request) {
  std::string_view path = request.path();
  if (request.method != http::Method::Get && request.method != http::Method::Head) {
    co_return not_found();
  }
  if (path == "/") {
    co_return index_page(request.headers.find("Accept").value_or("").contains("text/html"));
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
