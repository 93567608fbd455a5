// TokenRequest, the `token` subresource of a ServiceAccount: `kubectl create token`, and the tokens
// that pods get.
#pragma once

#include <string_view>

#include "apiserver/access/service_account_tokens.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "json/value.h"

namespace kthena::apiserver {

/// Makes a token. The answer is the request with its defaults and its status.
/// @param request  an object that its schema accepts
/// @param ns, name  of the account, from the path
/// Errors: 400, 404 (the account, or what the token is to be bound to), 409 (another uid), 422.
Answer<json::Value> answer_token_request(const ServiceAccountTokens& tokens,
                                         const BoundObjects& objects, std::string_view ns,
                                         std::string_view name, const json::Value& request,
                                         WallTime now);

}  // namespace kthena::apiserver
