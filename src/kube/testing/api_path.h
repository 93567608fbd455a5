// What a request to the in-memory API server is about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/meta/object.h"
#include "kube/meta/resource.h"
#include "kube/testing/collection.h"

namespace kthena::kube::testing {

struct ApiPath {
  std::string collection;  ///< "/apis/apps/v1/deployments": without the namespace
  ObjectKey key;           ///< without a name: the collection
  std::string subresource;

  // The query.
  Filter filter;
  std::size_t limit = 0;
  std::string continue_token;
  std::uint64_t resource_version = 0;
  bool watches = false;
  bool bookmarks = false;
  bool initial_events = false;
  std::int64_t timeout_seconds = 0;
};

/// Nothing if it is no path of the API.
std::optional<ApiPath> parse_api_path(std::string_view target);

/// Where the objects of a kind stand.
std::string collection_path(const ResourceType& type);

}  // namespace kthena::kube::testing
