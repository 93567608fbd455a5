#include "apiserver/access/forbidden.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/access/authorization.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "base/strings.h"
#include "json/problem.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {
namespace {

/// What a browser could take for HTML.
std::string without_markup(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string qualified(std::string_view resource, std::string_view group) {
  std::string text(resource);
  if (!group.empty()) {
    text.append(".").append(group);
  }
  return text;
}

std::string request_text(const User& user, const Attributes& wanted) {
  std::string text = "User " + json::quoted(user.name) + " cannot ";
  text += wanted.verb;
  if (!wanted.is_resource) {
    return text + " path " + json::quoted(wanted.path);
  }
  std::string resource(wanted.resource);
  if (!wanted.subresource.empty()) {
    resource.append("/").append(wanted.subresource);
  }
  text += " resource " + json::quoted(resource) + " in API group " + json::quoted(wanted.group);
  return text + (wanted.ns.empty() ? std::string(" at the cluster scope")
                                   : " in the namespace " + json::quoted(wanted.ns));
}

}  // namespace

kube::Status unauthorized() {
  return {.status = "Failure",
          .message = "Unauthorized",
          .reason = "Unauthorized",
          .details = {},
          .code = 401};
}

kube::Status forbidden(std::string_view group, std::string_view resource, std::string_view name,
                       std::string_view reason) {
  std::string message;
  if (!group.empty() || !resource.empty()) {
    message = qualified(resource, group);
    message += name.empty() ? std::string(" is ") : " " + json::quoted(name) + " is ";
  }
  message.append("forbidden: ").append(reason);
  return {.status = "Failure",
          .message = std::move(message),
          .reason = "Forbidden",
          .details = kube::StatusDetails{.name = std::string(name),
                                         .group = std::string(group),
                                         .kind = std::string(resource)},
          .code = 403};
}

kube::Status forbidden_request(const User& user, const Attributes& wanted,
                               std::string_view reason) {
  std::string text = without_markup(request_text(user, wanted));
  if (!reason.empty()) {
    text.append(": ").append(reason);
  }
  if (!wanted.is_resource) {
    return forbidden({}, {}, {}, text);
  }
  return forbidden(wanted.group, wanted.resource, wanted.name, text);
}

kube::Status role_not_found(const RoleRef& role, std::string_view called) {
  std::string kind = !called.empty()                 ? std::string(called)
                     : role.kind == PolicyKind::Role ? "role"
                                                     : "clusterrole";
  return {.status = "Failure",
          .message = qualified(kind, kRbacGroup) + " " + json::quoted(role.name) + " not found",
          .reason = "NotFound",
          .details =
              kube::StatusDetails{
                  .name = role.name, .group = std::string(kRbacGroup), .kind = std::move(kind)},
          .code = 404};
}

kube::Status invalid(std::string_view group, std::string_view kind, std::string_view name,
                     const std::vector<json::Problem>& problems) {
  std::vector<std::string> texts;
  kube::StatusDetails details{
      .name = std::string(name), .group = std::string(group), .kind = std::string(kind)};
  for (const json::Problem& problem : problems) {
    texts.push_back(problem.to_string());
    const bool required = problem.kind == json::Problem::Kind::Required;
    details.causes.push_back({.reason = required ? "FieldValueRequired" : "FieldValueInvalid",
                              .message = problem.message,
                              .field = problem.path});
  }
  return {.status = "Failure",
          .message = qualified(kind, group) + " " + json::quoted(name) +
                     " is invalid: " + joined_errors(texts),
          .reason = "Invalid",
          .details = std::move(details),
          .code = 422};
}

std::string joined_errors(const std::vector<std::string>& errors) {
  std::vector<std::string> different;
  for (const std::string& error : errors) {
    if (std::ranges::find(different, error) == different.end()) {
      different.push_back(error);
    }
  }
  return different.size() == 1 ? different.front() : "[" + join(different, ", ") + "]";
}

std::string go_quoted_list(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) {
    quoted.push_back(json::quoted(text));
  }
  return "[" + join(quoted, " ") + "]";
}

}  // namespace kthena::apiserver
