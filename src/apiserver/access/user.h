// Who asks.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"

namespace kthena::apiserver {

inline constexpr std::string_view kAllAuthenticated = "system:authenticated";
inline constexpr std::string_view kAllUnauthenticated = "system:unauthenticated";
inline constexpr std::string_view kAnonymousUser = "system:anonymous";
inline constexpr std::string_view kPrivilegedGroup = "system:masters";  ///< may do anything
inline constexpr std::string_view kServiceAccountPrefix = "system:serviceaccount:";

/// What else is known of a user: "authentication.kubernetes.io/pod-name" and the like.
using UserExtra = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Source: Kubernetes API, authentication/v1 UserInfo.
struct User {
  std::string name;
  std::string uid{};
  std::vector<std::string> groups{};
  UserExtra extra{};

  bool in_group(std::string_view group) const {
    return std::ranges::find(groups, group) != groups.end();
  }
  bool is_privileged() const { return in_group(kPrivilegedGroup); }
  /// As reviews and webhooks show it; what is empty is left out.
  json::Value to_json() const;

  friend bool operator==(const User&, const User&) = default;
};

/// Nobody in particular: who shows nothing.
User anonymous_user();

/// With system:authenticated among its groups, as every user has it who is somebody.
User authenticated(User user);

/// "system:serviceaccount:team:builder".
std::string service_account_user_name(std::string_view ns, std::string_view name);
/// Namespace and name of such a text; nothing if it is none.
std::optional<std::pair<std::string_view, std::string_view>> split_service_account_user_name(
    std::string_view user_name);
/// Those of all accounts of a namespace.
std::vector<std::string> service_account_groups(std::string_view ns);

}  // namespace kthena::apiserver
