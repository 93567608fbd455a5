// What the router knows, as one immutable value. A call keeps the one it began with.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/shared_map.h"
#include "net/address.h"
#include "router/datastore/endpoint.h"

namespace kthena::api::networking {
struct ModelRoute;
struct ModelServer;
}  // namespace kthena::api::networking
namespace kthena::kube {
struct Pod;
}  // namespace kthena::kube

namespace kthena::router {

/// A ModelServer and its ready endpoints.
struct Server {
  std::string key;             ///< "namespace/name", as logs and metrics show it
  std::string upstream_model;  ///< spec.model; empty: the client's model is kept
  EngineKind engine = EngineKind::Vllm;
  std::uint16_t port = 0;
  std::optional<Duration> timeout;  ///< trafficPolicy.timeout, to the response head, per attempt
  std::optional<std::uint32_t> retry_attempts;  ///< trafficPolicy.retry.attempts
  Duration retry_interval = std::chrono::milliseconds(100);
  std::vector<std::shared_ptr<Endpoint>> endpoints;            ///< by pod name
  std::shared_ptr<const api::networking::ModelServer> object;  ///< for the debug port
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
  bool has_parents = false;                                   ///< parentRefs: for Gateways only
  std::shared_ptr<const api::networking::ModelRoute> object;  ///< for the debug port
};

/// Candidates for a model name, the oldest first.
using Candidates = std::vector<std::shared_ptr<const Route>>;

/// The next version shares with this one what did not change.
struct Snapshot {
  std::uint64_t version = 0;
  /// Grows when a model, a route, a server or a server's upstream model is gone: what was found
  /// under such names before may be there no more.
  std::uint64_t retirements = 0;
  SharedMap<std::shared_ptr<const Server>> servers;  ///< by key
  SharedMap<std::shared_ptr<const Route>> routes;    ///< by key
  /// Base names win over adapters of the same name.
  SharedMap<Candidates> by_model;
  SharedMap<Candidates> by_adapter;
  /// The endpoints' pods, by key; for the debug port.
  SharedMap<std::shared_ptr<const kube::Pod>> pods;

  /// Some route registers the name, so it may be a metric label.
  bool knows_model(std::string_view name) const {
    return by_model.contains(name) || by_adapter.contains(name);
  }
  /// All base and adapter names, sorted, each once. Views of this snapshot.
  std::vector<std::string_view> model_names() const;
};

/// What the next snapshot has no longer, so that what is kept for it can be let go without a look
/// through everything.
struct Gone {
  std::vector<std::string> models;   ///< base and adapter names that no route registers any more
  std::vector<std::string> routes;   ///< keys
  std::vector<std::string> servers;  ///< keys; also where the upstream model has another name now
  std::vector<net::SocketAddress> addresses;  ///< of endpoints of no server any more

  bool names() const noexcept { return !models.empty() || !routes.empty() || !servers.empty(); }
};

/// A step from one snapshot to the next.
struct Change {
  std::shared_ptr<const Snapshot> after;
  Gone gone;
};

}  // namespace kthena::router
