// The documents by which clients find out what is served: groups, versions, resources.
//
// Each is a text of its own for old clients, and all are one text in aggregated discovery
// (apidiscovery.k8s.io/v2), which kubectl asks for. Source: Kubernetes API, metav1.APIGroupList and
// its like, apidiscovery v2.
#pragma once

#include <string>
#include <string_view>

#include "apiserver/kinds/catalog.h"

namespace kthena::apiserver {

/// What `/version` answers.
std::string version_text();

/// `/api`.
/// @param server_address  "127.0.0.1:6443"
std::string api_versions_text(std::string_view server_address);
/// `/apis`.
std::string group_list_text(const Catalog& catalog);
/// `/apis/G`.
std::string group_text(const Catalog::Group& group);
/// `/api/v1`, `/apis/G/V`.
std::string resource_list_text(const Catalog& catalog, std::string_view group,
                               std::string_view version);

/// `/api` of aggregated discovery.
std::string aggregated_core_text(const Catalog& catalog);
/// `/apis` of aggregated discovery.
std::string aggregated_groups_text(const Catalog& catalog);

}  // namespace kthena::apiserver
