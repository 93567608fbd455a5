// Tokens of service accounts: made, and checked when one is shown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/access/signing_key.h"
#include "apiserver/access/user.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/string_map.h"

namespace kthena::apiserver {

inline constexpr std::string_view kDefaultIssuer = "https://kubernetes.default.svc.cluster.local";

/// An object that a token speaks of: good as long as that very object is there.
struct ObjectName {
  std::string name;
  std::string uid;

  friend bool operator==(const ObjectName&, const ObjectName&) = default;
};

/// What a token says. Times are whole seconds.
struct TokenClaims {
  std::string ns;
  ObjectName account;
  std::optional<ObjectName> pod{};
  std::optional<ObjectName> secret{};
  std::optional<ObjectName> node{};  ///< of the pod, or what the token is bound to
  std::vector<std::string> audiences{};
  WallTime issued_at{};
  WallTime not_before{};
  WallTime expires_at{};
  std::optional<WallTime> warn_after{};
  std::string id{};

  friend bool operator==(const TokenClaims&, const TokenClaims&) = default;
};

/// Where the objects are that tokens are bound to.
class BoundObjects {
 public:
  struct Found {
    std::string uid;
    std::optional<WallTime> deleted_at{};  ///< metadata.deletionTimestamp
    std::string account{};                 ///< of a pod: spec.serviceAccountName
    std::string node{};                    ///< of a pod: spec.nodeName
  };

  virtual ~BoundObjects() = default;
  /// @param resource  "serviceaccounts", "pods", "secrets" or "nodes", which have no namespace
  virtual std::optional<Found> find_object(std::string_view resource, std::string_view ns,
                                           std::string_view name) const = 0;
};

/// Who a token is for, and where it may be used.
struct TokenUser {
  User user;
  std::vector<std::string> audiences;  ///< those that were asked for and that it has
};

/// Those of `own` that are among `wanted`.
std::vector<std::string> common_audiences(const std::vector<std::string>& own,
                                          const std::vector<std::string>& wanted);

struct ServiceAccountTokensOptions {
  std::string issuer{kDefaultIssuer};
  std::vector<std::string> audiences{};  ///< what this server answers to; empty: the issuer
};

/// One thread.
class ServiceAccountTokens {
 public:
  /// @param keys  at least one: the first signs, all are believed
  ServiceAccountTokens(std::vector<SigningKey> keys, const BoundObjects& objects,
                       ServiceAccountTokensOptions options = {});

  /// A signed token (a JWT). Claims without an id get one.
  std::string issue(TokenClaims claims) const;

  /// Who shows this token. Nothing if it is none of this issuer's: another sort of token.
  /// Errors: Unauthenticated, in the words of kube-apiserver.
  /// @param audiences  of whom one must be the token's; empty: those of this server
  /// Cost: some 0.1 ms the first time; a token that is remembered costs a microsecond.
  Result<std::optional<TokenUser>> verify(std::string_view token,
                                          const std::vector<std::string>& audiences, WallTime now);

  const std::string& issuer() const noexcept { return options_.issuer; }
  const std::vector<std::string>& audiences() const noexcept { return options_.audiences; }
  /// The document at /openid/v1/jwks.
  std::string key_set() const;
  /// The document at /.well-known/openid-configuration. @param jwks_uri  where key_set() is
  std::string discovery_document(std::string_view jwks_uri) const;

 private:
  static constexpr std::size_t kMaxRemembered = 4096;

  Result<TokenClaims> read(std::string_view token) const;
  Result<> check_bound(std::string_view resource, std::string_view kind, std::string_view ns,
                       const std::optional<ObjectName>& object, WallTime now) const;
  Result<> check_objects(const TokenClaims& claims, WallTime now) const;

  std::vector<SigningKey> keys_;
  const BoundObjects& objects_;
  ServiceAccountTokensOptions options_;
  StringMap<TokenClaims> remembered_;  ///< whose signature is good, by the token's hash
};

}  // namespace kthena::apiserver
