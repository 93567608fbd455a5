// Which route, rule and server a call goes to.
#pragma once

#include "base/random.h"
#include "router/call.h"
#include "router/rejection.h"

namespace kthena::router::routing {

/// Fills route, server, adapter and upstream_model of the call from its world.
/// The oldest route of the model's name that has a matching rule with a usable target wins; base
/// names come before adapters. The target is drawn by weight. Rejects: 404 route_not_found; 404 and
/// 503 pod_discovery (no such ModelServer; no ready pods); 404 provider_discovery. Source:
/// docs/reference/modelroute.md#matching
Stage<> match(Call& call, Random& random);

}  // namespace kthena::router::routing
