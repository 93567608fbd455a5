#include "apiserver/access_control.h"

#include <fmt/format.h>

#include <utility>

#include "apiserver/access/impersonation.h"
#include "apiserver/verbs/metadata.h"
#include "base/rfc3339.h"

namespace kthena::apiserver {

namespace {

std::string_view lower_case(http::Method method) {
  switch (method) {
    case http::Method::Head:
      return "head";
    case http::Method::Post:
      return "post";
    case http::Method::Put:
      return "put";
    case http::Method::Patch:
      return "patch";
    case http::Method::Delete:
      return "delete";
    case http::Method::Options:
      return "options";
    default:
      return "get";
  }
}

/// What RBAC calls it. Source: kube-apiserver, RequestInfo.
std::string_view verb_of(const http::Request& request, const ResourcePath& path,
                         const Query& query) {
  switch (request.method) {
    case http::Method::Get:
    case http::Method::Head:
      if (path.watches ||
          (query.find("watch") && query.get("watch") != "false" && query.get("watch") != "0")) {
        return "watch";
      }
      return path.name.empty() ? "list" : "get";
    case http::Method::Post:
      return "create";
    case http::Method::Put:
      return "update";
    case http::Method::Patch:
      return "patch";
    case http::Method::Delete:
      return path.name.empty() ? "deletecollection" : "delete";
    default:
      return lower_case(request.method);
  }
}

std::vector<SigningKey> one(SigningKey key) {
  std::vector<SigningKey> keys;
  keys.push_back(std::move(key));
  return keys;
}

std::string resource_of(PolicyKind kind) {
  return fmt::format("{}/{}", kRbacGroup, to_string(kind));
}

Mirror::Apply into(Authorizer& authorizer, ObjectStore& store, PolicyKind kind) {
  return [&authorizer, &store, kind](const ObjectPtr& before, const ObjectPtr& after) {
    if (after == nullptr) {
      authorizer.remove(kind, before->path().namespace_name, before->path().name);
    } else if (const auto value = store.value(after)) {
      authorizer.update(kind, **value);
    }
  };
}

}  // namespace

Attributes attributes_of(const http::Request& request, std::string_view path,
                         const std::optional<ResourcePath>& resource, const Query& query) {
  if (!resource) {
    return {.verb = request.method == http::Method::Get ? "get" : lower_case(request.method),
            .is_resource = false,
            .path = path};
  }
  // A list of what has one name is about that one.
  constexpr std::string_view kByName = "metadata.name=";
  const std::string_view fields = query.get("fieldSelector");
  const bool by_name = resource->name.empty() && fields.starts_with(kByName) &&
                       fields.find(',') == std::string_view::npos;
  return {.verb = verb_of(request, *resource, query),
          .group = resource->group,
          .resource = resource->plural,
          .subresource = resource->subresource,
          .ns = resource->plural == "namespaces" && resource->group.empty()
                    ? std::string_view(resource->name)
                    : std::string_view(resource->namespace_name),
          .name = by_name ? fields.substr(kByName.size()) : std::string_view(resource->name)};
}

AccessControl::AccessControl(ObjectStore& store, const std::vector<StaticToken>& tokens,
                             SigningKey key)
    : store_(store),
      tokens_(one(std::move(key)), *this),
      authenticator_(tokens, &tokens_),
      roles_(store, resource_of(PolicyKind::Role), into(authorizer_, store, PolicyKind::Role)),
      cluster_roles_(store, resource_of(PolicyKind::ClusterRole),
                     into(authorizer_, store, PolicyKind::ClusterRole)),
      role_bindings_(store, resource_of(PolicyKind::RoleBinding),
                     into(authorizer_, store, PolicyKind::RoleBinding)),
      cluster_role_bindings_(store, resource_of(PolicyKind::ClusterRoleBinding),
                             into(authorizer_, store, PolicyKind::ClusterRoleBinding)) {}

Answer<User> AccessControl::identify(const http::Request& request, WallTime now) {
  User user = TRY(authenticator_.authenticate(request, now));
  if (auto other = TRY(impersonated_user(authorizer_, user, request.headers))) {
    return *std::move(other);
  }
  return user;
}

std::optional<BoundObjects::Found> AccessControl::find_object(std::string_view resource,
                                                              std::string_view ns,
                                                              std::string_view name) const {
  const ObjectPtr object = store_.find({.resource = std::string(resource),
                                        .namespace_name = std::string(ns),
                                        .name = std::string(name)});
  if (object == nullptr) {
    return std::nullopt;
  }
  Found found{.uid = object->uid()};
  if (const auto value = store_.value(object)) {
    const auto deleted = parse_rfc3339(metadata_text_of(**value, "deletionTimestamp"));
    if (deleted) {
      found.deleted_at = *deleted;
    }
  }
  return found;
}

}  // namespace kthena::apiserver
