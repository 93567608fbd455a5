// Who asks and whether they may, by what stands in the store: accounts, roles and bindings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apiserver/access/authentication.h"
#include "apiserver/access/authorization.h"
#include "apiserver/access/service_account_tokens.h"
#include "apiserver/access/signing_key.h"
#include "apiserver/patch/failure.h"
#include "apiserver/request/resource_path.h"
#include "apiserver/storage/mirror.h"
#include "apiserver/storage/object_store.h"
#include "base/clock.h"
#include "http/message.h"

namespace kthena::apiserver {

/// What a request wants to do. Refers to all of its arguments. Source: kube-apiserver, RequestInfo.
/// @param resource  nothing: the path is of no resource
Attributes attributes_of(const http::Request& request, std::string_view path,
                         const std::optional<ResourcePath>& resource, const Query& query);

/// One loop; the store outlives it.
class AccessControl final : private BoundObjects {
 public:
  AccessControl(ObjectStore& store, const std::vector<StaticToken>& tokens, SigningKey key);

  /// The user, or the one in whose name he asks (`kubectl --as`). Errors: 401, 403, 500.
  Answer<User> identify(const http::Request& request, WallTime now);

  const Authorizer& authorizer() const noexcept { return authorizer_; }
  Authenticator& authenticator() noexcept { return authenticator_; }
  ServiceAccountTokens& tokens() noexcept { return tokens_; }
  const BoundObjects& bound_objects() const noexcept { return *this; }

 private:
  std::optional<Found> find_object(std::string_view resource, std::string_view ns,
                                   std::string_view name) const override;

  ObjectStore& store_;
  ServiceAccountTokens tokens_;
  Authenticator authenticator_;
  Authorizer authorizer_;
  Mirror roles_;
  Mirror cluster_roles_;
  Mirror role_bindings_;
  Mirror cluster_role_bindings_;
};

}  // namespace kthena::apiserver
