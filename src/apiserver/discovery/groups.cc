#include "apiserver/discovery/groups.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/discovery/subresources.h"
#include "apiserver/kinds/catalog.h"
#include "apiserver/kinds/kind.h"
#include "base/hash.h"
#include "json/base64.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::array kVerbs{Verb::Create, Verb::Delete, Verb::DeleteCollection, Verb::Get,
                            Verb::List,   Verb::Patch,  Verb::Update,           Verb::Watch};
/// Custom resources have an order of their own.
constexpr std::array kCustomVerbs{Verb::Delete, Verb::DeleteCollection, Verb::Get,    Verb::List,
                                  Verb::Patch,  Verb::Create,           Verb::Update, Verb::Watch};

std::string text_of(const Value& value) { return json::print(value) + "\n"; }

Value verb_names(Verbs verbs, bool custom) {
  Array names;
  for (const Verb verb : custom ? kCustomVerbs : kVerbs) {
    if (verbs.has(verb)) {
      names.emplace_back(to_string(verb));
    }
  }
  return names;
}

void add_names(Object& to, std::string_view key, const std::vector<std::string>& names) {
  if (!names.empty()) {
    Array items(names.begin(), names.end());
    to.append_new(std::string(key), std::move(items));
  }
}

/// Tells clients whether two resources are one in the storage.
/// Source: kube-apiserver, endpoints/discovery/storageversionhash.go.
std::string storage_version_hash(const Kind& kind) {
  // Events are stored as those of the core group. Which version of several a custom resource is
  // stored in is not known here; the hash may be missing.
  const bool event = kind.group == "events.k8s.io";
  if (kind.verbs == Verbs::create_only() || (kind.is_custom() && kind.api_versions.size() > 1)) {
    return {};
  }
  const Sha256Digest digest =
      sha256(fmt::format("{}/{}/{}", event ? "" : kind.group, kind.version, kind.kind));
  return json::encode_base64({reinterpret_cast<const char*>(digest.data()), 8});
}

Value group_version(std::string_view group, std::string_view version) {
  return Object{{"groupVersion", fmt::format("{}/{}", group, version)}, {"version", version}};
}

/// Adds what is said of a group in lists and alone.
void add_group(Object& to, const Catalog::Group& group) {
  to.append_new("name", group.name);
  Array versions;
  for (const std::string& version : group.versions) {
    versions.push_back(group_version(group.name, version));
  }
  to.append_new("versions", std::move(versions));
  to.append_new("preferredVersion", group_version(group.name, group.versions.front()));
}

Value resource(const Kind& kind) {
  Object resource{{"name", kind.plural},
                  {"singularName", kind.singular},
                  {"namespaced", kind.is_namespaced()},
                  {"kind", kind.kind},
                  {"verbs", verb_names(kind.verbs, kind.is_custom())}};
  add_names(resource, "shortNames", kind.short_names);
  add_names(resource, "categories", kind.categories);
  if (std::string hash = storage_version_hash(kind); !hash.empty()) {
    resource.append_new("storageVersionHash", std::move(hash));
  }
  return resource;
}

Value resource(const Kind& kind, const Subresource& subresource) {
  Object resource{{"name", fmt::format("{}/{}", kind.plural, subresource.name)},
                  {"singularName", ""},
                  {"namespaced", kind.is_namespaced()}};
  if (!subresource.version.empty()) {
    resource.append_new("group", subresource.group);
    resource.append_new("version", subresource.version);
  }
  resource.append_new("kind", subresource.kind);
  resource.append_new("verbs", verb_names(subresource.verbs, false));
  return resource;
}

/// Of built-in kinds the group and version are left out where they are the resource's own.
Value response_kind(const Kind& kind, std::string_view name) {
  return Object{{"group", kind.is_custom() ? kind.group : ""},
                {"version", kind.is_custom() ? kind.version : ""},
                {"kind", name}};
}

Value aggregated(const Kind& kind, const Subresource& subresource) {
  Value answered = response_kind(kind, subresource.kind);
  if (!subresource.version.empty()) {
    answered.set("group", subresource.group);
    answered.set("version", subresource.version);
  }
  return Object{{"subresource", subresource.name},
                {"responseKind", std::move(answered)},
                {"verbs", verb_names(subresource.verbs, false)}};
}

Value aggregated(const Kind& kind) {
  Object resource{{"resource", kind.plural},
                  {"responseKind", response_kind(kind, kind.kind)},
                  {"scope", kind.is_namespaced() ? "Namespaced" : "Cluster"},
                  {"singularResource", kind.singular},
                  {"verbs", verb_names(kind.verbs, kind.is_custom())}};
  add_names(resource, "shortNames", kind.short_names);
  add_names(resource, "categories", kind.categories);
  Array subresources;
  for (const Subresource& subresource : subresources_of(kind)) {
    subresources.push_back(aggregated(kind, subresource));
  }
  if (!subresources.empty()) {
    resource.append_new("subresources", std::move(subresources));
  }
  return resource;
}

Value aggregated_group(const Catalog& catalog, std::string_view group,
                       std::span<const std::string> versions) {
  Array items;
  for (const std::string& version : versions) {
    Array resources;
    for (const KindPtr& kind : catalog.kinds_of(group, version)) {
      resources.push_back(aggregated(*kind));
    }
    items.push_back(Object{
        {"version", version}, {"resources", std::move(resources)}, {"freshness", "Current"}});
  }
  Object metadata;
  if (!group.empty()) {
    metadata.append_new("name", group);
  }
  return Object{{"metadata", std::move(metadata)}, {"versions", std::move(items)}};
}

std::string aggregated_text(Array groups) {
  return text_of(Object{{"kind", "APIGroupDiscoveryList"},
                        {"apiVersion", "apidiscovery.k8s.io/v2"},
                        {"metadata", Object{}},
                        {"items", std::move(groups)}});
}

}  // namespace

std::string version_text() {
  // No build date and no commit: the text is the same for the same version of Kubernetes. kubectl
  // reads major, minor and gitVersion, whose first three numbers it compares with its own.
  return json::print_pretty(Object{{"major", "1"},
                                   {"minor", "34"},
                                   {"emulationMajor", "1"},
                                   {"emulationMinor", "34"},
                                   {"minCompatibilityMajor", "1"},
                                   {"minCompatibilityMinor", "33"},
                                   {"gitVersion", "v1.34.2+kthena"},
                                   {"gitCommit", ""},
                                   {"gitTreeState", ""},
                                   {"buildDate", "1970-01-01T00:00:00Z"},
                                   {"goVersion", ""},
                                   {"compiler", "clang"},
                                   {"platform", "linux/amd64"}});
}

std::string api_versions_text(std::string_view server_address) {
  return text_of(
      Object{{"kind", "APIVersions"},
             {"versions", Array{"v1"}},
             {"serverAddressByClientCIDRs",
              Array{Object{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", server_address}}}}});
}

std::string group_list_text(const Catalog& catalog) {
  Array groups;
  for (const Catalog::Group& group : catalog.groups()) {
    Object item;
    add_group(item, group);
    groups.emplace_back(std::move(item));
  }
  return text_of(
      Object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}});
}

std::string group_text(const Catalog::Group& group) {
  Object text{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
  add_group(text, group);
  return text_of(text);
}

std::string resource_list_text(const Catalog& catalog, std::string_view group,
                               std::string_view version) {
  Array resources;
  for (const KindPtr& kind : catalog.kinds_of(group, version)) {
    resources.push_back(resource(*kind));
    for (const Subresource& subresource : subresources_of(*kind)) {
      resources.push_back(resource(*kind, subresource));
    }
  }
  Object list{{"kind", "APIResourceList"}};
  if (!group.empty()) {
    list.append_new("apiVersion", "v1");  // the core group's list has none
  }
  list.append_new("groupVersion",
                  group.empty() ? std::string(version) : fmt::format("{}/{}", group, version));
  list.append_new("resources", std::move(resources));
  return text_of(list);
}

std::string aggregated_core_text(const Catalog& catalog) {
  const std::string version = "v1";
  return aggregated_text(Array{aggregated_group(catalog, "", {&version, 1})});
}

std::string aggregated_groups_text(const Catalog& catalog) {
  Array groups;
  for (const Catalog::Group& group : catalog.groups()) {
    groups.push_back(aggregated_group(catalog, group.name, group.versions));
  }
  return aggregated_text(std::move(groups));
}

}  // namespace kthena::apiserver
