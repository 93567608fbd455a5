#include "kube/testing/api_path.h"

#include <utility>
#include <vector>

#include "base/strings.h"

namespace kthena::kube::testing {

namespace {

template <class Number>
Number number(std::string_view text) {
  return parse_int<Number>(text).value_or(Number{});
}

void read_query(std::string_view query, ApiPath& path) {
  for (const std::string_view pair : split(query, '&')) {
    const auto [name, escaped] =
        split_once(pair, '=').value_or(std::pair{pair, std::string_view()});
    const std::string value = percent_decode(escaped, PlusIsBlank::Yes).value_or("");
    const bool yes = value == "true" || value == "1";
    if (name == "limit") {
      path.limit = number<std::size_t>(value);
    } else if (name == "continue") {
      path.continue_token = value;
    } else if (name == "resourceVersion") {
      path.resource_version = number<std::uint64_t>(value);
    } else if (name == "watch") {
      path.watches = yes;
    } else if (name == "allowWatchBookmarks") {
      path.bookmarks = yes;
    } else if (name == "sendInitialEvents") {
      path.initial_events = yes;
    } else if (name == "timeoutSeconds") {
      path.timeout_seconds = number<std::int64_t>(value);
    } else if (name == "fieldSelector" && value.starts_with("metadata.name=")) {
      path.filter.name = value.substr(std::string_view("metadata.name=").size());
    } else if (name == "labelSelector") {
      for (const std::string_view label : split(value, ',')) {
        if (const auto pair_of = split_once(label, '=')) {
          path.filter.labels[std::string(pair_of->first)] = pair_of->second;
        }
      }
    }
  }
}

}  // namespace

std::optional<ApiPath> parse_api_path(std::string_view target) {
  const auto [text, query] =
      split_once(target, '?').value_or(std::pair{target, std::string_view()});
  std::vector<std::string_view> parts = split(text, '/');
  const std::size_t root = parts.size() > 1 && parts[1] == "apis" ? 4 : 3;
  if (parts.size() <= root || !parts[0].empty() || (root == 3 && parts[1] != "api")) {
    return std::nullopt;
  }
  ApiPath path;
  for (std::size_t i = 1; i < root; ++i) {
    path.collection.append("/").append(parts[i]);
  }
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(root));
  if (parts.size() > 2 && parts[0] == "namespaces") {
    path.key.namespace_name = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  path.collection.append("/").append(parts[0]);
  if (parts.size() > 1) {
    path.key.name = percent_decode(parts[1]).value_or("");
  }
  if (parts.size() > 2) {
    path.subresource = parts[2];
  }
  read_query(query, path);
  path.filter.namespace_name = path.key.namespace_name;
  return path;
}

std::string collection_path(const ResourceType& type) {
  std::string path = type.group().empty() ? "/api/" : "/apis/";
  return path.append(type.api_version).append("/").append(type.plural);
}

}  // namespace kthena::kube::testing
