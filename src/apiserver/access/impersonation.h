// `kubectl --as`: somebody asks in another one's name.
#pragma once

#include <optional>

#include "apiserver/access/authorization.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "http/headers.h"

namespace kthena::apiserver {

/// Whom the headers Impersonate-User, -Group, -Uid and -Extra-* name; nothing if there are none.
/// Errors: 403 if `user` may not `impersonate` each of those, 500 without Impersonate-User.
Answer<std::optional<User>> impersonated_user(const Authorizer& authorizer, const User& user,
                                              const http::Headers& headers);

}  // namespace kthena::apiserver
