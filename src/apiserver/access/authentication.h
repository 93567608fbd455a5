// Who sends a request, by the certificate or the token that came with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/service_account_tokens.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/result.h"
#include "http/message.h"

namespace kthena::apiserver {

/// Somebody who shows this token. Kept as a hash, and compared in constant time.
struct StaticToken {
  std::string token;  ///< never log it
  User user;
};

/// One thread.
class Authenticator {
 public:
  /// @param tokens  may be null: no service accounts
  Authenticator(const std::vector<StaticToken>& static_tokens, ServiceAccountTokens* tokens);

  /// The user of a request: of its client certificate (common name and organisations), else of its
  /// bearer token. Who shows nothing is system:anonymous; what he may do is the authorizer's
  /// business. Errors: 401 if he shows something that is not good.
  Answer<User> authenticate(const http::Request& request, WallTime now);

  /// The user of a token. Errors: Unauthenticated, in the words of a TokenReview.
  /// @param audiences  see ServiceAccountTokens::verify
  Result<TokenUser> authenticate_token(std::string_view token,
                                       const std::vector<std::string>& audiences, WallTime now);

 private:
  struct Known {
    Sha256Digest digest;
    User user;
  };
  const User* find_static(std::string_view token) const;

  std::vector<Known> static_tokens_;
  ServiceAccountTokens* tokens_;
};

/// The token of an Authorization field; nothing if it is of another scheme.
std::optional<std::string_view> bearer_token(std::string_view authorization);

}  // namespace kthena::apiserver
