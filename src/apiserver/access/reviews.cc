#include "apiserver/access/reviews.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/authentication.h"
#include "apiserver/access/authorization.h"
#include "apiserver/access/forbidden.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/selector_attributes.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/rfc3339.h"
#include "base/strings.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

using json::FieldPath;
using json::Value;

const Value kNull;

const Value& at(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? kNull : *value;
}

std::string_view text_at(const Value& object, std::string_view name) {
  const Value& value = at(object, name);
  return value.is_string() ? std::string_view(value.as_string()) : std::string_view();
}

std::vector<std::string> texts_at(const Value& object, std::string_view name) {
  std::vector<std::string> texts;
  if (const Value& value = at(object, name); value.is_array()) {
    for (const Value& item : value.as_array()) {
      texts.push_back(item.is_string() ? item.as_string() : std::string());
    }
  }
  return texts;
}

json::Array text_array(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

/// Non-resource attributes as messages show them.
std::string shown_path(const Value& attributes) {
  return attributes.is_null() ? "null"
                              : R"({"Path":)" + json::quote(text_at(attributes, "path")) +
                                    R"(,"Verb":)" + json::quote(text_at(attributes, "verb")) + "}";
}

/// Whether metadata says something. @param may_have  a field that it may
bool has_metadata(const Value& review, std::string_view may_have) {
  const Value& metadata = at(review, "metadata");
  if (!metadata.is_object()) {
    return false;
  }
  for (const auto& [name, value] : metadata.as_object()) {
    if (name != may_have && name != "managedFields" && !value.is_null()) {
      return true;
    }
  }
  return false;
}

enum class Whose : std::uint8_t { Anybody, Own, Local };

void check_attributes(const Value& spec, Whose whose, std::vector<json::Problem>& problems) {
  const FieldPath path("spec");
  const Value& resource = at(spec, "resourceAttributes");
  const Value& url = at(spec, "nonResourceAttributes");
  if (!resource.is_null() && !url.is_null()) {
    problems.push_back(
        json::invalid_value(path.child("nonResourceAttributes"), shown_path(url),
                            "cannot be specified in combination with resourceAttributes"));
  }
  if (resource.is_null() && url.is_null()) {
    problems.push_back(json::invalid_value(
        path.child("resourceAttributes"), "null",
        "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  }
  if (whose != Whose::Own && text_at(spec, "user").empty() && texts_at(spec, "groups").empty()) {
    problems.push_back(json::invalid_value(path.child("user"), "\"\"",
                                           "at least one of user or group must be specified"));
  }
  check_selectors(resource, path.child("resourceAttributes"), problems);
}

std::vector<json::Problem> check_access_review(const Value& review, Whose whose) {
  std::vector<json::Problem> problems;
  const Value& spec = at(review, "spec");
  check_attributes(spec, whose, problems);
  const bool local = whose == Whose::Local;
  if (has_metadata(review, local ? "namespace" : "")) {
    problems.push_back(
        json::invalid_value(FieldPath("metadata"), json::print(at(review, "metadata")),
                            local ? "must be empty except for namespace" : "must be empty"));
  }
  if (!local) {
    return problems;
  }
  const Value& resource = at(spec, "resourceAttributes");
  const std::string_view ns = text_at(resource, "namespace");
  if (!resource.is_null() && ns != text_at(at(review, "metadata"), "namespace")) {
    problems.push_back(json::invalid_value(FieldPath("spec.resourceAttributes.namespace"),
                                           json::quoted(ns), "must match metadata.namespace"));
  }
  if (const Value& url = at(spec, "nonResourceAttributes"); !url.is_null()) {
    problems.push_back(json::invalid_value(FieldPath("spec.nonResourceAttributes"), shown_path(url),
                                           "disallowed on this kind of request"));
  }
  return problems;
}

User user_of(const Value& spec) {
  return {.name = std::string(text_at(spec, "user")), .groups = texts_at(spec, "groups")};
}

Value access_status(const Authorizer& authorizer, const User& user, const Value& spec) {
  const Value& resource = at(spec, "resourceAttributes");
  Attributes wanted;
  if (!resource.is_null()) {
    wanted = {.verb = text_at(resource, "verb"),
              .group = text_at(resource, "group"),
              .resource = text_at(resource, "resource"),
              .subresource = text_at(resource, "subresource"),
              .ns = text_at(resource, "namespace"),
              .name = text_at(resource, "name")};
  } else {
    const Value& url = at(spec, "nonResourceAttributes");
    wanted = {.verb = text_at(url, "verb"), .is_resource = false, .path = text_at(url, "path")};
  }
  Decision decision = authorizer.decide(user, wanted);
  json::Object status{{"allowed", decision.allowed}};
  if (!decision.reason.empty()) {
    status.append_new("reason", std::move(decision.reason));
  }
  if (std::string error = selector_errors(resource); !error.empty()) {
    status.append_new("evaluationError", std::move(error));
  }
  return status;
}

Answer<Value> answer_access(const ReviewContext& context, Whose whose, Value review) {
  if (whose == Whose::Local && at(review, "metadata").find("namespace") == nullptr) {
    review.set("metadata", json::Object{{"namespace", context.ns}});
  }
  if (const auto problems = check_access_review(review, whose); !problems.empty()) {
    // The kind is lost on the way in kube-apiserver.
    return std::unexpected(invalid("authorization.k8s.io", {}, {}, problems));
  }
  const Value& spec = at(review, "spec");
  Value status =
      access_status(context.authorizer, whose == Whose::Own ? context.user : user_of(spec), spec);
  review.set("status", std::move(status));
  return review;
}

Value rule_of(const PolicyRule& rule) {
  json::Object object{{"verbs", text_array(rule.verbs)}};
  if (!rule.api_groups.empty()) {
    object.append_new("apiGroups", text_array(rule.api_groups));
  }
  object.append_new("resources", text_array(rule.resources));
  if (!rule.resource_names.empty()) {
    object.append_new("resourceNames", text_array(rule.resource_names));
  }
  return object;
}

Answer<Value> answer_rules(const ReviewContext& context, Value review) {
  const std::string_view ns = text_at(at(review, "spec"), "namespace");
  if (ns.empty()) {
    return bad_request("no namespace on request");
  }
  std::vector<std::string> problems;
  json::Array resources;
  json::Array urls;
  for (const PolicyRule& rule : context.authorizer.rules_for(context.user, ns, &problems)) {
    if (!rule.resources.empty()) {
      resources.push_back(rule_of(rule));
    }
    if (!rule.non_resource_urls.empty()) {
      urls.emplace_back(json::Object{{"verbs", text_array(rule.verbs)},
                                     {"nonResourceURLs", text_array(rule.non_resource_urls)}});
    }
  }
  json::Object status{{"resourceRules", std::move(resources)},
                      {"nonResourceRules", std::move(urls)},
                      {"incomplete", false}};
  if (!problems.empty()) {
    status.append_new("evaluationError", joined_errors(problems));
  }
  return json::Object{{"kind", "SelfSubjectRulesReview"},
                      {"apiVersion", "authorization.k8s.io/v1"},
                      {"metadata", json::Object{}},
                      {"spec", json::Object{}},
                      {"status", std::move(status)}};
}

Answer<Value> answer_token(const ReviewContext& context, Value review) {
  const Value& spec = at(review, "spec");
  const std::string_view token = text_at(spec, "token");
  if (token.empty()) {
    return bad_request("token is required for TokenReview in authentication");
  }
  json::Object status;
  const std::string field = "Bearer " + std::string(token);
  const auto shown = bearer_token(field);
  Result<TokenUser> known = fail(ErrorCode::Unauthenticated, "");
  if (shown) {
    known =
        context.authenticator.authenticate_token(*shown, texts_at(spec, "audiences"), context.now);
  }
  if (known) {
    status.append_new("authenticated", true);
    status.append_new("user", known->user.to_json());
    if (!known->audiences.empty()) {
      status.append_new("audiences", text_array(known->audiences));
    }
  } else {
    status.append_new("user", json::Object{});
    if (!known.error().message().empty()) {
      status.append_new("error", known.error().message());
    }
  }
  review.set("status", std::move(status));
  return review;
}

Answer<Value> answer_self(const ReviewContext& context, Value /*review*/) {
  return json::Object{
      {"kind", "SelfSubjectReview"},
      {"apiVersion", "authentication.k8s.io/v1"},
      {"metadata", json::Object{{"creationTimestamp",
                                 print_rfc3339(context.now, Rfc3339Fraction::None).view()}}},
      {"status", json::Object{{"userInfo", context.user.to_json()}}}};
}

template <Whose whose>
Answer<Value> answer_access_of(const ReviewContext& context, Value review) {
  return answer_access(context, whose, std::move(review));
}

struct Row {
  std::string_view kind;
  Answer<Value> (*answer)(const ReviewContext& context, Value review);
};
constexpr std::array kReviews = {
    Row{"SelfSubjectReview", answer_self},
    Row{"TokenReview", answer_token},
    Row{"SubjectAccessReview", answer_access_of<Whose::Anybody>},
    Row{"SelfSubjectAccessReview", answer_access_of<Whose::Own>},
    Row{"LocalSubjectAccessReview", answer_access_of<Whose::Local>},
    Row{"SelfSubjectRulesReview", answer_rules},
};

}  // namespace

bool is_review(std::string_view kind) noexcept {
  return std::ranges::any_of(kReviews, [kind](const Row& row) { return row.kind == kind; });
}

Answer<Value> answer_review(const ReviewContext& context, std::string_view kind, Value review) {
  for (const Row& row : kReviews) {
    if (row.kind == kind) {
      return row.answer(context, std::move(review));
    }
  }
  return bad_request("not a review: " + std::string(kind));
}

}  // namespace kthena::apiserver
