#include "apiserver/access/service_account_tokens.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/forbidden.h"
#include "apiserver/access/signing_key.h"
#include "apiserver/access/user.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/result.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

constexpr std::size_t kMaxTokenSize = 64 << 10;
/// How far clocks may differ, and how long an object that is being deleted still counts.
constexpr Duration kLeeway = std::chrono::minutes(1);
constexpr std::string_view kCredentialId = "authentication.kubernetes.io/credential-id";
constexpr std::string_view kPrivateClaims = "kubernetes.io";

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::Unauthenticated, std::move(message));
}

std::int64_t to_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string_view text_at(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view();
}

/// Within what a WallTime can hold.
std::optional<WallTime> time_at(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  constexpr double kMost = 9e9;
  return WallTime(std::chrono::seconds(
      static_cast<std::int64_t>(std::clamp(value->as_double(), -kMost, kMost))));
}

std::optional<ObjectName> name_at(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  if (value == nullptr || !value->is_object()) {
    return std::nullopt;
  }
  return ObjectName{.name = std::string(text_at(*value, "name")),
                    .uid = std::string(text_at(*value, "uid"))};
}

std::vector<std::string> audiences_of(const json::Value& payload) {
  std::vector<std::string> audiences;
  const json::Value* value = payload.find("aud");
  if (value != nullptr && value->is_string()) {
    audiences.push_back(value->as_string());
  } else if (value != nullptr && value->is_array()) {
    for (const json::Value& item : value->as_array()) {
      if (item.is_string()) {
        audiences.push_back(item.as_string());
      }
    }
  }
  return audiences;
}

json::Value to_json(const ObjectName& object) {
  json::Object value{{"name", object.name}};
  if (!object.uid.empty()) {
    value.append_new("uid", object.uid);
  }
  return value;
}

/// Members in the order of their names, as kube-apiserver writes them.
json::Value payload_of(const TokenClaims& claims, const std::string& issuer) {
  json::Object about{{"namespace", claims.ns}};
  if (claims.node) {
    about.append_new("node", to_json(*claims.node));
  }
  if (claims.pod) {
    about.append_new("pod", to_json(*claims.pod));
  }
  if (claims.secret) {
    about.append_new("secret", to_json(*claims.secret));
  }
  about.append_new("serviceaccount", to_json(claims.account));
  if (claims.warn_after) {
    about.append_new("warnafter", to_seconds(*claims.warn_after));
  }
  json::Array audiences(claims.audiences.begin(), claims.audiences.end());
  return json::Object{{"aud", std::move(audiences)},
                      {"exp", to_seconds(claims.expires_at)},
                      {"iat", to_seconds(claims.issued_at)},
                      {"iss", issuer},
                      {"jti", claims.id},
                      {std::string(kPrivateClaims), std::move(about)},
                      {"nbf", to_seconds(claims.not_before)},
                      {"sub", service_account_user_name(claims.ns, claims.account.name)}};
}

struct TokenParts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

std::optional<TokenParts> split_token(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  if (first == std::string_view::npos || first == second || token.find('.', first + 1) != second ||
      token.size() > kMaxTokenSize) {
    return std::nullopt;
  }
  return TokenParts{.header = token.substr(0, first),
                    .payload = token.substr(first + 1, second - first - 1),
                    .signature = token.substr(second + 1),
                    .signed_text = token.substr(0, second)};
}

std::optional<json::Value> decode_part(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) {
    return std::nullopt;
  }
  auto value = json::parse(*text, {.max_depth = 16});
  if (!value || !value->is_object()) {
    return std::nullopt;
  }
  return *std::move(value);
}

Result<> check_times(const TokenClaims& claims, WallTime now) {
  if (now - kLeeway > claims.expires_at) {
    return refuse("service account token has expired");
  }
  if (now + kLeeway < claims.not_before) {
    return refuse("service account token is not valid yet");
  }
  if (now + kLeeway < claims.issued_at) {
    return refuse("service account token is issued in the future");
  }
  return {};
}

bool is_gone(const BoundObjects::Found& found, WallTime now) {
  return found.deleted_at && *found.deleted_at < now - kLeeway;
}

User user_of(const TokenClaims& claims) {
  User user{.name = service_account_user_name(claims.ns, claims.account.name),
            .uid = claims.account.uid,
            .groups = service_account_groups(claims.ns)};
  const auto set = [&user](std::string_view key, std::string value) {
    user.extra.insert_or_assign(std::string(key), std::vector{std::move(value)});
  };
  if (claims.pod && !claims.pod->name.empty() && !claims.pod->uid.empty()) {
    set("authentication.kubernetes.io/pod-name", claims.pod->name);
    set("authentication.kubernetes.io/pod-uid", claims.pod->uid);
  }
  if (!claims.id.empty()) {
    set(kCredentialId, "JTI=" + claims.id);
  }
  if (claims.node && !claims.node->name.empty()) {
    set("authentication.kubernetes.io/node-name", claims.node->name);
    if (!claims.node->uid.empty()) {
      set("authentication.kubernetes.io/node-uid", claims.node->uid);
    }
  }
  return user;
}

}  // namespace

std::vector<std::string> common_audiences(const std::vector<std::string>& own,
                                          const std::vector<std::string>& wanted) {
  std::vector<std::string> both;
  std::ranges::copy_if(own, std::back_inserter(both), [&wanted](const std::string& audience) {
    return std::ranges::find(wanted, audience) != wanted.end();
  });
  return both;
}

ServiceAccountTokens::ServiceAccountTokens(std::vector<SigningKey> keys,
                                           const BoundObjects& objects,
                                           ServiceAccountTokensOptions options)
    : keys_(std::move(keys)), objects_(objects), options_(std::move(options)) {
  CHECK(!keys_.empty());
  if (options_.audiences.empty()) {
    options_.audiences = {options_.issuer};
  }
}

std::string ServiceAccountTokens::issue(TokenClaims claims) const {
  if (claims.id.empty()) {
    claims.id = uuid_v4();
  }
  const SigningKey& key = keys_.front();
  std::string token = base64url(R"({"alg":"ES256","kid":")" + key.id() + R"("})");
  token += '.';
  token += base64url(json::print(payload_of(claims, options_.issuer)));
  const std::string signature = key.sign(token);
  return token + "." + base64url(signature);
}

/// The claims of a token of this issuer with a good signature. NotFound: it is another sort of
/// token.
Result<TokenClaims> ServiceAccountTokens::read(std::string_view token) const {
  const auto parts = split_token(token);
  const auto header = parts ? decode_part(parts->header) : std::nullopt;
  const auto payload = parts ? decode_part(parts->payload) : std::nullopt;
  if (!header || !payload || text_at(*payload, "iss") != options_.issuer) {
    return fail(ErrorCode::NotFound, "not a token of this issuer");
  }
  const std::string_view wanted = text_at(*header, "kid");
  const auto signature = from_base64url(parts->signature);
  bool known = false;
  const bool good = signature && text_at(*header, "alg") == "ES256" &&
                    std::ranges::any_of(keys_, [&](const SigningKey& key) {
                      if (!wanted.empty() && wanted != key.id()) {
                        return false;
                      }
                      known = true;
                      return key.verifies(parts->signed_text, *signature);
                    });
  if (!good) {
    return refuse(signature && !known ? "invalid signature, no keys found"
                                      : "square/go-jose: error in cryptographic primitive");
  }
  TokenClaims claims{.audiences = audiences_of(*payload),
                     .issued_at = time_at(*payload, "iat").value_or(WallTime{}),
                     .not_before = time_at(*payload, "nbf").value_or(WallTime{}),
                     .expires_at = time_at(*payload, "exp").value_or(WallTime{}),
                     .id = std::string(text_at(*payload, "jti"))};
  if (const json::Value* about = payload->find(kPrivateClaims)) {
    claims.ns = text_at(*about, "namespace");
    claims.account = name_at(*about, "serviceaccount").value_or(ObjectName{});
    claims.pod = name_at(*about, "pod");
    claims.secret = name_at(*about, "secret");
    claims.node = name_at(*about, "node");
    claims.warn_after = time_at(*about, "warnafter");
  }
  return claims;
}

/// Whether the object that a token is bound to is still there.
/// @param kind  "pod": as messages call it
Result<> ServiceAccountTokens::check_bound(std::string_view resource, std::string_view kind,
                                           std::string_view ns,
                                           const std::optional<ObjectName>& object,
                                           WallTime now) const {
  if (!object) {
    return {};
  }
  const auto found = objects_.find_object(resource, ns, object->name);
  if (found && found->uid != object->uid) {
    const std::string name(kind);
    return refuse(name + " UID (" + found->uid + ") does not match service account " + name +
                  " ref claim (" + object->uid + ")");
  }
  if (!found || is_gone(*found, now)) {
    return refuse("service account token has been invalidated");
  }
  return {};
}

Result<> ServiceAccountTokens::check_objects(const TokenClaims& claims, WallTime now) const {
  const auto account = objects_.find_object("serviceaccounts", claims.ns, claims.account.name);
  if (!account) {
    return refuse("serviceaccounts \"" + claims.account.name + "\" not found");
  }
  if (account->uid != claims.account.uid) {
    return refuse("service account UID (" + account->uid + ") does not match claim (" +
                  claims.account.uid + ")");
  }
  if (is_gone(*account, now)) {
    return refuse("service account " + claims.ns + "/" + claims.account.name + " has been deleted");
  }
  TRY(check_bound("secrets", "secret", claims.ns, claims.secret, now));
  TRY(check_bound("pods", "pod", claims.ns, claims.pod, now));
  if (!claims.pod) {  // a pod's token only tells on which node it was
    TRY(check_bound("nodes", "node", {}, claims.node, now));
  }
  return {};
}

Result<std::optional<TokenUser>> ServiceAccountTokens::verify(
    std::string_view token, const std::vector<std::string>& audiences, WallTime now) {
  const Sha256Digest digest = sha256(token);
  const std::string_view key(reinterpret_cast<const char*>(digest.data()), digest.size());
  auto remembered = remembered_.find(key);
  if (remembered == remembered_.end()) {
    auto claims = read(token);
    if (!claims && claims.error().code() == ErrorCode::NotFound) {
      return std::nullopt;
    }
    if (remembered_.size() >= kMaxRemembered) {
      remembered_.clear();  // seldom; each comes back at the price of a signature
    }
    remembered = remembered_.emplace(std::string(key), TRY(std::move(claims))).first;
  }
  const TokenClaims& claims = remembered->second;
  const std::vector<std::string>& wanted = audiences.empty() ? options_.audiences : audiences;
  const std::vector<std::string>& own =
      claims.audiences.empty() ? options_.audiences : claims.audiences;
  TokenUser result;
  result.audiences = common_audiences(own, wanted);
  if (result.audiences.empty()) {
    return refuse("token audiences " + go_quoted_list(own) +
                  " is invalid for the target audiences " + go_quoted_list(wanted));
  }
  TRY(check_times(claims, now));
  TRY(check_objects(claims, now));
  result.user = user_of(claims);
  return result;
}

std::string ServiceAccountTokens::key_set() const {
  std::string text = R"({"keys":[)";
  for (const SigningKey& key : keys_) {
    text += text.ends_with('[') ? "" : ",";
    text += key.jwk();
  }
  return text + "]}";
}

std::string ServiceAccountTokens::discovery_document(std::string_view jwks_uri) const {
  return R"({"issuer":)" + json::quote(options_.issuer) + R"(,"jwks_uri":)" +
         json::quote(jwks_uri) +
         R"(,"response_types_supported":["id_token"],"subject_types_supported":["public"],)"
         R"("id_token_signing_alg_values_supported":["ES256"]})";
}

}  // namespace kthena::apiserver
