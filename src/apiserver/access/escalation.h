// Nobody may give rights that he does not have: what is asked of writes of roles and bindings.
#pragma once

#include <expected>
#include <string_view>

#include "apiserver/access/authorization.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "json/value.h"

namespace kthena::apiserver {

struct PolicyWrite {
  PolicyKind kind = PolicyKind::Role;
  std::string_view ns{};         ///< of the request; empty for cluster roles and their bindings
  std::string_view path_name{};  ///< as the path names it: empty for a create
  const json::Value* before{};   ///< null: it is new
  const json::Value* after{};    ///< as it would be stored
};

/// Asked after the request itself was allowed, before the object is stored: whoever may not
/// `escalate` (roles) or `bind` (the role of a binding) must have all rights that it gives.
/// Errors: 403 that lists the missing rights; 404 if a binding's role is not there.
Answer<void> check_escalation(const Authorizer& authorizer, const User& user,
                              const PolicyWrite& write);

}  // namespace kthena::apiserver
