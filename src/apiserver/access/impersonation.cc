#include "apiserver/access/impersonation.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/access/authorization.h"
#include "apiserver/access/policy_rule.h"
#include "apiserver/access/user.h"
#include "apiserver/patch/failure.h"
#include "base/strings.h"
#include "http/headers.h"

namespace kthena::apiserver {
namespace {

constexpr std::string_view kUser = "Impersonate-User";
constexpr std::string_view kGroup = "Impersonate-Group";
constexpr std::string_view kUid = "Impersonate-Uid";
constexpr std::string_view kExtra = "Impersonate-Extra-";
constexpr std::string_view kAuthenticationGroup = "authentication.k8s.io";

/// Who is meant by the headers, before anybody was asked whether that is allowed.
struct Wanted {
  User user;
  bool any = false;
  bool groups = false;
};

Wanted read(const http::Headers& headers) {
  Wanted wanted;
  for (const auto [name, value] : headers) {
    if (http::equals_ignore_case(name, kUser)) {
      if (wanted.user.name.empty()) {
        wanted.user.name = value;
      }
    } else if (http::equals_ignore_case(name, kGroup)) {
      wanted.groups = true;
      wanted.user.groups.emplace_back(value);
    } else if (http::equals_ignore_case(name, kUid)) {
      if (wanted.user.uid.empty()) {
        wanted.user.uid = value;
      }
    } else if (starts_with_ignore_case(name, kExtra)) {
      const std::string written = to_lower(name.substr(kExtra.size()));
      wanted.user.extra[percent_decode(written).value_or(written)].emplace_back(value);
    }
  }
  wanted.any = !wanted.user.name.empty() || wanted.groups || !wanted.user.uid.empty() ||
               !wanted.user.extra.empty();
  return wanted;
}

Answer<void> ask(const Authorizer& authorizer, const User& user, Attributes attributes) {
  attributes.verb = "impersonate";
  if (auto refused = authorizer.refusal(user, attributes)) {
    return std::unexpected(*std::move(refused));
  }
  return {};
}

Answer<void> ask_for_all(const Authorizer& authorizer, const User& user, const User& wanted) {
  if (const auto account = split_service_account_user_name(wanted.name)) {
    TRY(ask(authorizer, user,
            {.verb = {},
             .resource = "serviceaccounts",
             .ns = account->first,
             .name = account->second}));
  } else {
    TRY(ask(authorizer, user, {.verb = {}, .resource = "users", .name = wanted.name}));
  }
  for (const std::string& group : wanted.groups) {
    TRY(ask(authorizer, user, {.verb = {}, .resource = "groups", .name = group}));
  }
  for (const auto& [key, values] : wanted.extra) {
    for (const std::string& value : values) {
      TRY(ask(authorizer, user,
              {.verb = {},
               .group = kAuthenticationGroup,
               .resource = "userextras",
               .subresource = key,
               .name = value}));
    }
  }
  if (!wanted.uid.empty()) {
    TRY(ask(authorizer, user,
            {.verb = {}, .group = kAuthenticationGroup, .resource = "uids", .name = wanted.uid}));
  }
  return {};
}

/// The groups that come by themselves.
void add_groups(User& user, bool groups_given) {
  const auto account = split_service_account_user_name(user.name);
  if (account && !groups_given) {
    user.groups = service_account_groups(account->first);
  }
  if (user.name == kAnonymousUser) {
    if (!user.in_group(kAllUnauthenticated)) {
      user.groups.emplace_back(kAllUnauthenticated);
    }
  } else {
    user = authenticated(std::move(user));
  }
}

}  // namespace

Answer<std::optional<User>> impersonated_user(const Authorizer& authorizer, const User& user,
                                              const http::Headers& headers) {
  Wanted wanted = read(headers);
  if (!wanted.any) {
    return std::nullopt;
  }
  if (wanted.user.name.empty()) {
    return untranslated("requested groups, a uid or extra fields without impersonating a user");
  }
  TRY(ask_for_all(authorizer, user, wanted.user));
  add_groups(wanted.user, wanted.groups);
  return std::move(wanted.user);
}

}  // namespace kthena::apiserver
