// What the router knows, as one immutable value. A call keeps the one it began with.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "json/value.h"
#include "router/datastore/endpoint.h"

namespace kthena::router {

/// Hashing of strings that also takes views, so that a look-up allocates nothing.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};
template <class T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

/// A ModelServer and its ready endpoints.
struct Server {
  std::string key;             ///< "namespace/name", as logs and metrics show it
  std::string upstream_model;  ///< spec.model; empty: the client's model is kept
  EngineKind engine = EngineKind::Vllm;
  std::uint16_t port = 0;
  std::optional<Duration> timeout;  ///< trafficPolicy.timeout, to the response head, per attempt
  std::optional<std::uint32_t> retry_attempts;  ///< trafficPolicy.retry.attempts
  Duration retry_interval = std::chrono::milliseconds(100);
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  json::Value spec;  ///< as stored, defaults included; for the debug port
};

/// One of exact, prefix, regex; none: anything matches.
class StringMatch;

struct Target {
  std::string server;    ///< "namespace/name"; the server may not exist (yet)
  std::string provider;  ///< likewise, of an ExternalModelProvider; then there is no server
  std::uint32_t weight = 1;
};

struct Rule {
  std::string body_model;  ///< empty: any
  std::vector<std::pair<std::string, std::shared_ptr<const StringMatch>>>
      headers;                             ///< all must match
  std::shared_ptr<const StringMatch> uri;  ///< null: any path
  std::vector<Target> targets;
  std::uint64_t total_weight = 0;  ///< 0: the rule can choose nothing
};

/// A ModelRoute.
struct Route {
  std::string key;  ///< "namespace/name"
  std::string model_name;
  std::vector<std::string> lora_adapters;
  std::vector<Rule> rules;
  bool has_parents = false;  ///< parentRefs: for Gateways only
  json::Value spec;
};

/// What keeps an object from serving as it is meant to.
struct Problem {
  std::string object;  ///< kind and key: "ModelServer default/s"
  std::string what;
  friend auto operator<=>(const Problem&, const Problem&) = default;
};

struct Snapshot {
  std::uint64_t version = 0;
  std::map<std::string, std::shared_ptr<const Server>, std::less<>> servers;  ///< by key
  std::map<std::string, std::shared_ptr<const Route>, std::less<>> routes;    ///< by key
  /// Candidates for a model name, the oldest first. Base names win over adapters of the same name.
  StringMap<std::vector<const Route*>> by_model;
  StringMap<std::vector<const Route*>> by_adapter;
  /// Of the endpoints' pods, by key: what only the debug port shows (nodeName, phase, labels, ...).
  StringMap<json::Value> pod_info;
  std::vector<Problem> problems;         ///< sorted, each once
  std::vector<std::string> model_names;  ///< all base and adapter names, sorted, each once

  /// Some route registers the name, so it may be a metric label.
  bool knows_model(std::string_view name) const {
    return by_model.contains(name) || by_adapter.contains(name);
  }
};

}  // namespace kthena::router
