#include "router/routing/match.h"

#include <algorithm>

#include "router/routing/string_match.h"

namespace kthena::router::routing {
namespace {

bool rule_matches(const Rule& rule, const Call& call) {
  if (!rule.body_model.empty() && rule.body_model != call.model) {
    return false;
  }
  if (rule.uri != nullptr && !rule.uri->matches(call.request.path())) {
    return false;
  }
  return std::ranges::all_of(rule.headers, [&](const auto& wanted) {
    return wanted.second->matches(call.request.headers.find(wanted.first).value_or(""));
  });
}

/// By weight; null if the rule can choose nothing.
const Target* pick_target(const Rule& rule, Random& random) {
  if (rule.total_weight == 0) {
    return nullptr;
  }
  std::uint64_t draw = rule.targets.size() == 1 ? 0 : random.uniform(rule.total_weight);
  for (const Target& target : rule.targets) {
    if (draw < target.weight) {
      return &target;
    }
    draw -= target.weight;
  }
  return nullptr;
}

struct Found {
  const Route* route = nullptr;
  const Target* target = nullptr;
  bool adapter = false;
};

Found find(const Call& call, Random& random) {
  const Snapshot& world = *call.world;
  const Candidates* candidates = world.by_model.find(call.model);
  const bool adapter = candidates == nullptr;
  if (adapter) {
    candidates = world.by_adapter.find(call.model);
  }
  if (candidates == nullptr) {
    return {};
  }
  for (const auto& route : *candidates) {
    if (route->has_parents) {
      continue;  // bound to Gateways, of which there are none here
    }
    // The first matching rule decides for its route, even if it can choose nothing.
    const auto rule = std::ranges::find_if(
        route->rules, [&](const Rule& each) { return rule_matches(each, call); });
    if (rule == route->rules.end()) {
      continue;
    }
    if (const Target* target = pick_target(*rule, random); target != nullptr) {
      return {.route = route.get(), .target = target, .adapter = adapter};
    }
  }
  return {};
}

}  // namespace

Stage<> match(Call& call, Random& random) {
  const Found found = find(call, random);
  if (found.route == nullptr) {
    return reject(404, "route_not_found", "route_not_found",
                  "route not found: no ModelRoute serves model '" + call.model + "'");
  }
  call.route = found.route;
  call.adapter = found.adapter;
  if (!found.target->provider.empty()) {
    return reject(404, "provider_discovery", "provider_discovery",
                  "can't find external model provider: " + found.target->provider +
                      " (this version serves no ExternalModelProvider)");
  }
  const auto* const server = call.world->servers.find(found.target->server);
  if (server == nullptr) {
    return reject(404, "pod_discovery", "pod_discovery",
                  "can't find model server: " + found.target->server);
  }
  call.server = server->get();
  const bool rewritten = !call.adapter && !call.server->upstream_model.empty();
  call.upstream_model =
      rewritten ? std::string_view(call.server->upstream_model) : std::string_view(call.model);
  if (call.server->endpoints.empty()) {
    auto rejection = reject(503, "pod_discovery", "pod_discovery",
                            "no available pods for model server: " + call.server->key);
    rejection.error().retry_after = std::chrono::seconds(1);
    return rejection;
  }
  return {};
}

}  // namespace kthena::router::routing
