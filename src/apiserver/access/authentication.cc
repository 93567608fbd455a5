#include "apiserver/access/authentication.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/forbidden.h"
#include "apiserver/access/service_account_tokens.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/strings.h"
#include "http/message.h"
#include "net/stream.h"

namespace kthena::apiserver {
namespace {

/// Which bytes differ is not told by the time it takes.
bool equal_in_constant_time(const Sha256Digest& a, const Sha256Digest& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(a[i] ^ b[i]);
  }
  return difference == 0;
}

enum class Shown : std::uint8_t { Nothing, Bad, Good };

Shown judge(const net::PeerCertificate* certificate, WallTime now) {
  if (certificate == nullptr) {
    return Shown::Nothing;
  }
  if (!certificate->refusal.empty() || now > certificate->not_after) {
    return Shown::Bad;
  }
  return certificate->common_name.empty() ? Shown::Nothing : Shown::Good;
}

User user_of(const net::PeerCertificate& certificate) {
  return {.name = certificate.common_name,
          .groups = certificate.organizations,
          .extra = {{"authentication.kubernetes.io/credential-id",
                     {"X509SHA256=" + certificate.sha256}}}};
}

}  // namespace

Authenticator::Authenticator(const std::vector<StaticToken>& static_tokens,
                             ServiceAccountTokens* tokens)
    : tokens_(tokens) {
  static_tokens_.reserve(static_tokens.size());
  for (const StaticToken& known : static_tokens) {
    static_tokens_.push_back({.digest = sha256(known.token), .user = known.user});
  }
}

const User* Authenticator::find_static(std::string_view token) const {
  const Sha256Digest digest = sha256(token);
  const User* found = nullptr;
  for (const Known& known : static_tokens_) {
    if (equal_in_constant_time(known.digest, digest)) {
      found = &known.user;
    }
  }
  return found;
}

Result<TokenUser> Authenticator::authenticate_token(std::string_view token,
                                                    const std::vector<std::string>& audiences,
                                                    WallTime now) {
  if (const User* known = find_static(token)) {
    TokenUser user{.user = authenticated(*known), .audiences = audiences};
    if (tokens_ != nullptr) {
      user.audiences = audiences.empty() ? tokens_->audiences()
                                         : common_audiences(tokens_->audiences(), audiences);
    }
    if (user.audiences.empty() && !audiences.empty()) {
      return fail(ErrorCode::Unauthenticated, "invalid bearer token");
    }
    return user;
  }
  if (tokens_ != nullptr) {
    auto verified = tokens_->verify(token, audiences, now);
    if (!verified) {
      return fail(ErrorCode::Unauthenticated,
                  joined_errors({"invalid bearer token", verified.error().message()}));
    }
    if (*verified) {
      TokenUser user = **std::move(verified);
      user.user = authenticated(std::move(user.user));
      return user;
    }
  }
  return fail(ErrorCode::Unauthenticated, "invalid bearer token");
}

Answer<User> Authenticator::authenticate(const http::Request& request, WallTime now) {
  const Shown certificate = judge(request.certificate, now);
  if (certificate == Shown::Good) {
    return authenticated(user_of(*request.certificate));
  }
  const auto token = bearer_token(request.headers.find("Authorization").value_or(""));
  if (!token) {
    return certificate == Shown::Bad ? Answer<User>(std::unexpected(unauthorized()))
                                     : anonymous_user();
  }
  auto known = authenticate_token(*token, {}, now);
  if (!known) {
    return std::unexpected(unauthorized());
  }
  return std::move(known->user);
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  const auto parts = split_once(trim(authorization), ' ');
  if (!parts || !equals_ignore_case(parts->first, "bearer")) {
    return std::nullopt;
  }
  const std::string_view token = parts->second.substr(0, parts->second.find(' '));
  return token.empty() ? std::nullopt : std::optional(token);
}

}  // namespace kthena::apiserver
