// CustomResourceDefinitions out of our types: what is installed in a cluster cannot differ from
// what the program reads and checks.
#pragma once

#include <span>

#include "json/type.h"
#include "json/value.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// One version of a kind: the words of its Kind::kResource and the table of its type.
struct CrdVersion {
  const ResourceType* resource;
  json::TypeRef type;
  bool served = true;
};

template <class Kind>
constexpr CrdVersion crd_version() {
  return {.resource = &Kind::kResource, .type = &json::type_of<Kind>};
}

/// The document (apiextensions.k8s.io/v1) of a kind, its members sorted by name. Names and scope
/// are those of the first version, which is also the one that is stored.
/// Source: Kubernetes API reference, CustomResourceDefinition v1.
json::Value custom_resource_definition(std::span<const CrdVersion> versions);

/// The same for a kind with one version.
template <class Kind>
json::Value custom_resource_definition() {
  const CrdVersion version = crd_version<Kind>();
  return custom_resource_definition({&version, 1});
}

}  // namespace kthena::kube
