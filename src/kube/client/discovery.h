// Which kinds a server has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "kube/client/client.h"
#include "kube/meta/resource.h"

namespace kthena::kube {

/// A kind that is known only at run time: owns what a ResourceType looks at.
struct DynamicResource {
  std::string api_version;  ///< "v1", "apps/v1"
  std::string kind;
  std::string plural;
  std::string singular;  ///< empty where a server does not say
  Scope scope = Scope::Namespaced;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  std::vector<std::string> verbs;         ///< "get", "list", …
  std::vector<std::string> subresources;  ///< "status", "scale"

  bool has_status() const;
  /// A view; this object must outlive it. Without short names and categories.
  ResourceType type() const;

  friend bool operator==(const DynamicResource&, const DynamicResource&) = default;
};

/// The resources in an answer to requests::aggregated_discovery() (APIGroupDiscoveryList, v2);
/// the preferred version of each group first. Errors: Malformed.
Result<std::vector<DynamicResource>> read_aggregated_discovery(std::string_view text);
/// The same of an answer to requests::api_resources() (APIResourceList). Errors: Malformed.
Result<std::vector<DynamicResource>> read_resource_list(std::string_view text);

/// All resources of the server, core group first; of each group all versions, the preferred one
/// first. Two requests to servers from 1.30 on, one for each version of a group to older ones.
/// A group whose own server does not answer is left out.
async::Task<Result<std::vector<DynamicResource>>> discover(Client& client);

/// What `kubectl` would take `name` for: plural, singular, kind in any case, short name, or
/// "plural.group". Null if it is nothing.
const DynamicResource* find_resource(const std::vector<DynamicResource>& resources,
                                     std::string_view name);

/// "v1.34.2". Errors: those of the client.
async::Task<Result<std::string>> server_version(Client& client);

}  // namespace kthena::kube
