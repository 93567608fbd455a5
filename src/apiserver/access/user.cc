#include "apiserver/access/user.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "json/value.h"
#include "kube/meta/names.h"

namespace kthena::apiserver {
namespace {

json::Array text_array(const std::vector<std::string>& texts) {
  json::Array array;
  array.reserve(texts.size());
  for (const std::string& text : texts) {
    array.emplace_back(text);
  }
  return array;
}

}  // namespace

json::Value User::to_json() const {
  json::Object object;
  if (!name.empty()) {
    object.append_new("username", name);
  }
  if (!uid.empty()) {
    object.append_new("uid", uid);
  }
  if (!groups.empty()) {
    object.append_new("groups", text_array(groups));
  }
  if (!extra.empty()) {
    json::Object texts;
    for (const auto& [key, values] : extra) {
      texts.append_new(key, text_array(values));
    }
    object.append_new("extra", std::move(texts));
  }
  return object;
}

User anonymous_user() {
  return {.name = std::string(kAnonymousUser), .groups = {std::string(kAllUnauthenticated)}};
}

User authenticated(User user) {
  if (user.name != kAnonymousUser && !user.in_group(kAllAuthenticated) &&
      !user.in_group(kAllUnauthenticated)) {
    user.groups.emplace_back(kAllAuthenticated);
  }
  return user;
}

std::string service_account_user_name(std::string_view ns, std::string_view name) {
  std::string text(kServiceAccountPrefix);
  text.append(ns).append(":").append(name);
  return text;
}

std::optional<std::pair<std::string_view, std::string_view>> split_service_account_user_name(
    std::string_view user_name) {
  if (!user_name.starts_with(kServiceAccountPrefix)) {
    return std::nullopt;
  }
  const auto parts = split_once(user_name.substr(kServiceAccountPrefix.size()), ':');
  if (!parts || !kube::dns_label_problems(parts->first).empty() ||
      !kube::dns_subdomain_problems(parts->second).empty()) {
    return std::nullopt;
  }
  return parts;
}

std::vector<std::string> service_account_groups(std::string_view ns) {
  return {"system:serviceaccounts", "system:serviceaccounts:" + std::string(ns)};
}

}  // namespace kthena::apiserver
