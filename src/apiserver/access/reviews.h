// Reviews: objects that are asked and not kept. `kubectl auth can-i`, `auth whoami`, and services
// that let the API server judge a token.
#pragma once

#include <string_view>

#include "apiserver/access/authentication.h"
#include "apiserver/access/authorization.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "json/value.h"

namespace kthena::apiserver {

struct ReviewContext {
  const User& user;  ///< who asks
  const Authorizer& authorizer;
  Authenticator& authenticator;
  WallTime now;
  std::string_view ns{};  ///< of the path
};

/// Whether `kind` is one of those of answer_review().
bool is_review(std::string_view kind) noexcept;

/// The answer to a review: itself with its status. SelfSubjectReview, SelfSubjectRulesReview and
/// TokenReview (authentication.k8s.io and authorization.k8s.io), SubjectAccessReview,
/// SelfSubjectAccessReview, LocalSubjectAccessReview.
/// @param review  an object that its schema accepts
/// Errors: 400, 422.
Answer<json::Value> answer_review(const ReviewContext& context, std::string_view kind,
                                  json::Value review);

}  // namespace kthena::apiserver
