// From a ModelRoute to what requests are matched with.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/networking/v1alpha1/model_route.h"
#include "router/datastore/snapshot.h"

namespace kthena::router {

struct BuiltRoute {
  std::shared_ptr<const Route> route;
  std::set<std::string> problems;  ///< of the route alone

  /// A ModelServer that a rule names.
  struct Wanted {
    std::string at;      ///< "spec.rules[0]"
    std::string server;  ///< key
  };
  std::vector<Wanted> wanted;
};

/// Bad regular expressions never match, and are a problem.
BuiltRoute build_route(std::shared_ptr<const api::networking::ModelRoute> object);

/// Whether the first one goes before the second when both serve a model: the older one; of one
/// second the one of the smaller resource version, numbers before other texts; then by name.
bool precedes(const api::networking::ModelRoute& a, const api::networking::ModelRoute& b);

}  // namespace kthena::router
