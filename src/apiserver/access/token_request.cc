#include "apiserver/access/token_request.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/forbidden.h"
#include "apiserver/access/service_account_tokens.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "base/rfc3339.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {
namespace {

using json::Value;

constexpr std::string_view kGroup = "authentication.k8s.io";
constexpr std::string_view kKind = "TokenRequest";
constexpr std::int64_t kDefaultSeconds = 3600;
constexpr std::int64_t kLeastSeconds = 600;
constexpr std::int64_t kMostSeconds = std::int64_t{1} << 32;
/// What the admission of pods asks for: such tokens live for a year, and the server minds who uses
/// one that should have been renewed.
constexpr std::int64_t kWarnOnlySeconds = 3607;
constexpr std::int64_t kExtendedSeconds = 365 * 24 * 3600;

const Value kNull;

const Value& at(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? kNull : *value;
}

std::string text_at(const Value& object, std::string_view name) {
  const Value& value = at(object, name);
  return value.is_string() ? value.as_string() : std::string();
}

std::unexpected<kube::Status> not_found(std::string_view resource, std::string_view name) {
  return std::unexpected(
      kube::Status{.status = "Failure",
                   .message = std::string(resource) + " " + json::quoted(name) + " not found",
                   .reason = "NotFound",
                   .details =
                       kube::StatusDetails{
                           .name = std::string(name), .group = {}, .kind = std::string(resource)},
                   .code = 404});
}

std::unexpected<kube::Status> conflict(std::string_view group, std::string_view kind,
                                       std::string_view name, std::string_view reason) {
  std::string resource(kind);
  if (!group.empty()) {
    resource.append(".").append(group);
  }
  return std::unexpected(kube::Status{
      .status = "Failure",
      .message = "Operation cannot be fulfilled on " + resource + " " + json::quoted(name) + ": " +
                 std::string(reason),
      .reason = "Conflict",
      .details =
          kube::StatusDetails{
              .name = std::string(name), .group = std::string(group), .kind = std::string(kind)},
      .code = 409});
}

Answer<void> check_name(const Value& request, std::string_view field, std::string_view wanted,
                        std::string_view name) {
  const std::string written = text_at(at(request, "metadata"), field);
  if (written.empty() || written == wanted) {
    return {};
  }
  return std::unexpected(
      invalid(kGroup, kKind, name,
              {json::invalid_value(
                  json::FieldPath("metadata").child(field), json::quoted(written),
                  "must match the service account " + std::string(field) + " if specified")}));
}

Answer<std::int64_t> seconds_of(const Value& spec) {
  const Value& written = at(spec, "expirationSeconds");
  const std::int64_t seconds = written.is_null() ? kDefaultSeconds : written.to_int64().value_or(0);
  const json::FieldPath path("spec.expirationSeconds");
  if (seconds < kLeastSeconds || seconds > kMostSeconds) {
    return std::unexpected(invalid(
        kGroup, kKind, {},
        {json::invalid_value(path, std::to_string(seconds),
                             seconds < kLeastSeconds
                                 ? "may not specify a duration less than 10 minutes"
                                 : "may not specify a duration larger than 2^32 seconds")}));
  }
  return seconds;
}

/// "/v1, Kind=ConfigMap"
std::string kind_text(std::string_view api_version, std::string_view kind) {
  const std::string group = api_version.contains('/') ? std::string() : "/";
  return group + std::string(api_version) + ", Kind=" + std::string(kind);
}

struct BoundKind {
  std::string_view kind;
  std::string_view resource;
  std::optional<ObjectName> TokenClaims::* claim;
};
constexpr BoundKind kBoundKinds[] = {{"Pod", "pods", &TokenClaims::pod},
                                     {"Secret", "secrets", &TokenClaims::secret},
                                     {"Node", "nodes", &TokenClaims::node}};

Answer<void> bind_pod_node(const BoundObjects& objects, const BoundObjects::Found& pod,
                           TokenClaims& claims) {
  if (claims.account.name != pod.account) {
    return bad_request("cannot bind token for serviceaccount " + json::quoted(claims.account.name) +
                       " to pod running with different serviceaccount name.");
  }
  if (!pod.node.empty()) {
    const auto node = objects.find_object("nodes", {}, pod.node);
    claims.node = {.name = pod.node, .uid = node ? node->uid : std::string()};
  }
  return {};
}

Answer<void> bind(const BoundObjects& objects, const Value& reference, TokenClaims& claims) {
  const std::string kind = text_at(reference, "kind");
  const std::string api_version = text_at(reference, "apiVersion");
  const std::string name = text_at(reference, "name");
  for (const BoundKind& row : kBoundKinds) {
    if (row.kind != kind || api_version.contains('/')) {
      continue;
    }
    const std::string_view ns = row.resource == "nodes" ? std::string_view() : claims.ns;
    const auto found = objects.find_object(row.resource, ns, name);
    if (!found) {
      return not_found(row.resource, name);
    }
    claims.*row.claim = {.name = name, .uid = found->uid};
    if (row.resource == "pods") {
      TRY(bind_pod_node(objects, *found, claims));
    }
    if (const std::string uid = text_at(reference, "uid"); !uid.empty() && uid != found->uid) {
      return conflict({}, kind, name,
                      "the UID in the bound object reference (" + uid +
                          ") does not match the UID in record. The object might have been deleted "
                          "and then recreated");
    }
    return {};
  }
  return bad_request("cannot bind token to object of type " + kind_text(api_version, kind));
}

std::vector<std::string> audiences_of(const Value& spec, const ServiceAccountTokens& tokens) {
  std::vector<std::string> audiences;
  if (const Value& list = at(spec, "audiences"); list.is_array()) {
    for (const Value& item : list.as_array()) {
      audiences.push_back(item.is_string() ? item.as_string() : std::string());
    }
  }
  return audiences.empty() ? tokens.audiences() : audiences;
}

Value answer(const TokenClaims& claims, std::int64_t seconds, const Value& reference,
             std::string token, WallTime now) {
  const auto time = [](WallTime at) {
    return std::string(print_rfc3339(at, Rfc3339Fraction::None).view());
  };
  return json::Object{
      {"kind", kKind},
      {"apiVersion", "authentication.k8s.io/v1"},
      {"metadata", json::Object{{"name", claims.account.name},
                                {"namespace", claims.ns},
                                {"uid", claims.account.uid},
                                {"creationTimestamp", time(now)}}},
      {"spec",
       json::Object{{"audiences", json::Array(claims.audiences.begin(), claims.audiences.end())},
                    {"expirationSeconds", seconds},
                    {"boundObjectRef", reference}}},
      {"status", json::Object{{"token", std::move(token)},
                              {"expirationTimestamp", time(now + std::chrono::seconds(seconds))}}}};
}

}  // namespace

Answer<Value> answer_token_request(const ServiceAccountTokens& tokens, const BoundObjects& objects,
                                   std::string_view ns, std::string_view name, const Value& request,
                                   WallTime now) {
  TRY(check_name(request, "name", name, name));
  TRY(check_name(request, "namespace", ns, name));
  const auto account = objects.find_object("serviceaccounts", ns, name);
  if (!account) {
    return not_found("serviceaccounts", name);
  }
  const std::string uid = text_at(at(request, "metadata"), "uid");
  if (!uid.empty() && uid != account->uid) {
    return conflict(kGroup, kKind, name,
                    "the UID in the token request (" + uid +
                        ") does not match the UID of the service account (" + account->uid + ")");
  }
  const Value& spec = at(request, "spec");
  const std::int64_t seconds = TRY(seconds_of(spec));
  TokenClaims claims{.ns = std::string(ns),
                     .account = {.name = std::string(name), .uid = account->uid},
                     .audiences = audiences_of(spec, tokens),
                     .issued_at = now,
                     .not_before = now,
                     .expires_at = now + std::chrono::seconds(seconds)};
  const Value& reference = at(spec, "boundObjectRef");
  if (!reference.is_null()) {
    TRY(bind(objects, reference, claims));
  }
  if (claims.pod && seconds == kWarnOnlySeconds && claims.audiences == tokens.audiences()) {
    claims.warn_after = claims.expires_at;
    claims.expires_at = now + std::chrono::seconds(kExtendedSeconds);
  }
  std::string token = tokens.issue(claims);
  return answer(claims, seconds, reference, std::move(token), now);
}

}  // namespace kthena::apiserver
