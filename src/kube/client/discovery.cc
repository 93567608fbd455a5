#include "kube/client/discovery.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "json/fields.h"
#include "json/read.h"
#include "kube/client/request.h"

namespace kthena::kube {
namespace {

// Only what is read of apidiscovery.k8s.io/v2 and metav1.

struct Kind {
  std::string kind;
  static constexpr bool kPartial = true;
  static constexpr auto fields() { return std::tuple{json::Field{"kind", &Kind::kind}}; }
};

struct Subresource {
  std::string name;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"subresource", &Subresource::name}};
  }
};

struct DiscoveredResource {
  std::string resource;
  Kind response_kind;
  std::string scope;
  std::string singular;
  std::vector<std::string> verbs;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  std::vector<Subresource> subresources;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using R = DiscoveredResource;
    return std::tuple{
        json::Field{"resource", &R::resource},     json::Field{"responseKind", &R::response_kind},
        json::Field{"scope", &R::scope},           json::Field{"singularResource", &R::singular},
        json::Field{"verbs", &R::verbs},           json::Field{"shortNames", &R::short_names},
        json::Field{"categories", &R::categories}, json::Field{"subresources", &R::subresources}};
  }
};

struct DiscoveredVersion {
  std::string version;
  std::string freshness;  // "Stale": the group's own server does not answer
  std::vector<DiscoveredResource> resources;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using V = DiscoveredVersion;
    return std::tuple{json::Field{"version", &V::version}, json::Field{"freshness", &V::freshness},
                      json::Field{"resources", &V::resources}};
  }
};

struct GroupName {
  std::string name;  // empty: the core group
  static constexpr bool kPartial = true;
  static constexpr auto fields() { return std::tuple{json::Field{"name", &GroupName::name}}; }
};

struct DiscoveredGroup {
  GroupName metadata;
  std::vector<DiscoveredVersion> versions;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using G = DiscoveredGroup;
    return std::tuple{json::Field{"metadata", &G::metadata}, json::Field{"versions", &G::versions}};
  }
};

struct GroupDiscoveryList {
  std::string kind;
  std::vector<DiscoveredGroup> items;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using L = GroupDiscoveryList;
    return std::tuple{json::Field{"kind", &L::kind}, json::Field{"items", &L::items}};
  }
};

struct ListedResource {
  std::string name;  // "pods", or "pods/status"
  std::string singular;
  bool namespaced = false;
  std::string kind;
  std::vector<std::string> verbs;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using R = ListedResource;
    return std::tuple{json::Field{"name", &R::name},
                      json::Field{"singularName", &R::singular},
                      json::Field{"namespaced", &R::namespaced},
                      json::Field{"kind", &R::kind},
                      json::Field{"verbs", &R::verbs},
                      json::Field{"shortNames", &R::short_names},
                      json::Field{"categories", &R::categories}};
  }
};

struct ResourceList {
  std::string group_version;
  std::vector<ListedResource> resources;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using L = ResourceList;
    return std::tuple{json::Field{"groupVersion", &L::group_version},
                      json::Field{"resources", &L::resources}};
  }
};

struct GroupVersion {
  std::string group_version;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"groupVersion", &GroupVersion::group_version}};
  }
};

struct Group {
  std::vector<GroupVersion> versions;
  GroupVersion preferred;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"versions", &Group::versions},
                      json::Field{"preferredVersion", &Group::preferred}};
  }
};

struct GroupList {
  std::vector<Group> groups;
  static constexpr bool kPartial = true;
  static constexpr auto fields() { return std::tuple{json::Field{"groups", &GroupList::groups}}; }
};

struct VersionInfo {
  std::string git_version;
  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    return std::tuple{json::Field{"gitVersion", &VersionInfo::git_version}};
  }
};

template <class T>
Result<T> read(std::string_view text) {
  auto answer = json::read_object<T>(text);
  if (!answer) {
    return fail(ErrorCode::Malformed, "discovery: " + answer.error().message());
  }
  return answer;
}

DynamicResource resource_of(const std::string& api_version, DiscoveredResource& found) {
  DynamicResource resource{.api_version = api_version,
                           .kind = std::move(found.response_kind.kind),
                           .plural = std::move(found.resource),
                           .singular = std::move(found.singular),
                           .scope = found.scope == "Cluster" ? Scope::Cluster : Scope::Namespaced,
                           .short_names = std::move(found.short_names),
                           .categories = std::move(found.categories),
                           .verbs = std::move(found.verbs)};
  for (Subresource& subresource : found.subresources) {
    resource.subresources.push_back(std::move(subresource.name));
  }
  return resource;
}

/// The way of servers before 1.30.
async::Task<Result<std::vector<DynamicResource>>> discover_one_by_one(Client& client) {
  std::vector<std::string> versions{"v1"};
  const ApiRequest groups_request = requests::api_groups();
  const ApiResponse groups_answer = CO_TRY(co_await client.execute(groups_request));
  const GroupList groups = CO_TRY(read<GroupList>(groups_answer.body));
  for (const Group& group : groups.groups) {
    versions.push_back(group.preferred.group_version);
    for (const GroupVersion& version : group.versions) {
      if (version.group_version != group.preferred.group_version) {
        versions.push_back(version.group_version);
      }
    }
  }
  std::vector<DynamicResource> all;
  for (const std::string& version : versions) {
    const ApiRequest request = CO_TRY(requests::api_resources(version));
    const auto answer = co_await client.execute(request);
    if (!answer && (answer.error().code() == ErrorCode::Unavailable ||
                    answer.error().code() == ErrorCode::NotFound)) {
      continue;
    }
    if (!answer) {
      co_return fail(answer.error());
    }
    for (DynamicResource& resource : CO_TRY(read_resource_list(answer->body))) {
      all.push_back(std::move(resource));
    }
  }
  co_return all;
}

}  // namespace

bool DynamicResource::has_status() const {
  return std::ranges::find(subresources, "status") != subresources.end();
}

ResourceType DynamicResource::type() const {
  return {.api_version = api_version,
          .kind = kind,
          .plural = plural,
          .singular = singular,
          .scope = scope,
          .has_status = has_status()};
}

Result<std::vector<DynamicResource>> read_aggregated_discovery(std::string_view text) {
  GroupDiscoveryList list = TRY(read<GroupDiscoveryList>(text));
  if (list.kind != "APIGroupDiscoveryList") {
    return fail(ErrorCode::Malformed, "discovery: not an APIGroupDiscoveryList");
  }
  std::vector<DynamicResource> all;
  for (DiscoveredGroup& group : list.items) {
    for (DiscoveredVersion& version : group.versions) {
      const std::string api_version = group.metadata.name.empty()
                                          ? version.version
                                          : group.metadata.name + "/" + version.version;
      for (DiscoveredResource& found : version.resources) {
        all.push_back(resource_of(api_version, found));
      }
    }
  }
  return all;
}

Result<std::vector<DynamicResource>> read_resource_list(std::string_view text) {
  ResourceList list = TRY(read<ResourceList>(text));
  std::vector<DynamicResource> all;
  for (ListedResource& listed : list.resources) {
    if (listed.name.contains('/')) {
      continue;
    }
    DynamicResource resource{.api_version = list.group_version,
                             .kind = std::move(listed.kind),
                             .plural = listed.name,
                             .singular = std::move(listed.singular),
                             .scope = listed.namespaced ? Scope::Namespaced : Scope::Cluster,
                             .short_names = std::move(listed.short_names),
                             .categories = std::move(listed.categories),
                             .verbs = std::move(listed.verbs)};
    for (const ListedResource& other : list.resources) {
      const std::string_view name = other.name;
      if (name.size() > resource.plural.size() && name.starts_with(resource.plural) &&
          name[resource.plural.size()] == '/') {
        resource.subresources.emplace_back(name.substr(resource.plural.size() + 1));
      }
    }
    all.push_back(std::move(resource));
  }
  return all;
}

async::Task<Result<std::vector<DynamicResource>>> discover(Client& client) {
  std::vector<DynamicResource> all;
  for (const std::string_view root : {"/api", "/apis"}) {
    const ApiRequest request = requests::aggregated_discovery(root);
    const ApiResponse answer = CO_TRY(co_await client.execute(request));
    auto resources = read_aggregated_discovery(answer.body);
    if (!resources) {
      co_return co_await discover_one_by_one(client);
    }
    std::ranges::move(*resources, std::back_inserter(all));
  }
  co_return all;
}

const DynamicResource* find_resource(const std::vector<DynamicResource>& resources,
                                     std::string_view name) {
  const auto dot = name.find('.');
  const std::string_view group = dot == std::string_view::npos ? "" : name.substr(dot + 1);
  const std::string lower = to_lower(name.substr(0, dot));
  const auto fits = [&](const DynamicResource& resource) {
    if (dot != std::string_view::npos && resource.type().group() != group) {
      return false;
    }
    return resource.plural == lower || resource.singular == lower ||
           equals_ignore_case(resource.kind, lower) ||
           std::ranges::find(resource.short_names, lower) != resource.short_names.end();
  };
  const auto found = std::ranges::find_if(resources, fits);
  return found == resources.end() ? nullptr : &*found;
}

async::Task<Result<std::string>> server_version(Client& client) {
  const ApiRequest request = requests::server_version();
  const ApiResponse answer = CO_TRY(co_await client.execute(request));
  VersionInfo info = CO_TRY(read<VersionInfo>(answer.body));
  co_return std::move(info.git_version);
}

}  // namespace kthena::kube
