#include "api/crds.h"

#include <vector>

#include "api/registry.h"
#include "json/value.h"
#include "kube/crd/custom_resource_definition.h"

namespace kthena::api {

std::vector<json::Value> custom_resource_definitions() {
  std::vector<json::Value> documents;
  for (const KindDoor& kind : our_kinds()) {
    const kube::CrdVersion version{.resource = kind.resource, .type = kind.type};
    documents.push_back(kube::custom_resource_definition({&version, 1}));
  }
  return documents;
}

}  // namespace kthena::api
