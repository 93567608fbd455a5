// The Kubernetes objects that the router's world is made of.
#pragma once

#include <vector>

#include "api/networking/v1alpha1/model_route.h"
#include "api/networking/v1alpha1/model_server.h"
#include "kube/types/endpoint_slice.h"
#include "kube/types/pod.h"

namespace kthena::router {

struct Objects {
  std::vector<api::networking::ModelRoute> routes;
  std::vector<api::networking::ModelServer> servers;
  std::vector<kube::Pod> pods;
  std::vector<kube::EndpointSlice> slices;
};

}  // namespace kthena::router
