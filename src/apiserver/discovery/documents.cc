#include "apiserver/discovery/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/discovery/accept.h"
#include "apiserver/discovery/groups.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "json/yaml.h"

namespace kthena::apiserver {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kYaml = "application/yaml";
constexpr std::string_view kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string to_yaml(const std::string& text) {
  const auto value = json::parse(text);
  CHECK(value.has_value());  // our own text
  return json::print_yaml(*value);
}

bool wants_aggregated(const std::vector<MediaRange>& ranges) {
  return std::ranges::any_of(ranges, [](const MediaRange& range) {
    return range.covers("application", "json") &&
           range.asks_for("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2");
  });
}

/// The form in which a list is sent; empty if the client takes none.
std::string_view form_of_list(const std::vector<MediaRange>& ranges) {
  for (const MediaRange& range : ranges) {
    if (range.asks_for_conversion()) {
      continue;
    }
    if (range.covers("application", "json")) {
      return kJson;
    }
    if (range.covers("application", "yaml")) {
      return kYaml;
    }
  }
  return {};
}

Document not_acceptable() {
  return {.status = 406,
          .content_type = std::string(kJson),
          .text = shared(json::print(json::Object{
              {"kind", "Status"},
              {"apiVersion", "v1"},
              {"metadata", json::Object{}},
              {"status", "Failure"},
              {"message",
               fmt::format("only the following media types are accepted: {}, {}", kJson, kYaml)},
              {"reason", "NotAcceptable"},
              {"code", 406}}))};
}

Document aggregated(const LazyText& text, const DocumentRequest& request) {
  Document document{.text = text.text(), .etag = text.etag(), .vary = "Accept"};
  document.cache_control = "public";
  if (request.if_none_match == document.etag) {
    document.status = 304;
    document.text = shared({});
  } else {
    document.content_type = kAggregated;
  }
  return document;
}

}  // namespace

Documents::Documents(CatalogPtr catalog, std::string server_address)
    : catalog_(std::move(catalog)) {
  const Catalog& kinds = *catalog_;  // lives as long as the writers below
  lists_.try_emplace("/version", version_text);
  lists_.try_emplace("/api",
                     [address = std::move(server_address)] { return api_versions_text(address); });
  lists_.try_emplace("/apis", [&kinds] { return group_list_text(kinds); });
  lists_.try_emplace("/api/v1", [&kinds] { return resource_list_text(kinds, "", "v1"); });
  for (const Catalog::Group& group : kinds.groups()) {
    lists_.try_emplace(fmt::format("/apis/{}", group.name), [&group] { return group_text(group); });
    for (const std::string& version : group.versions) {
      lists_.try_emplace(fmt::format("/apis/{}/{}", group.name, version),
                         [&] { return resource_list_text(kinds, group.name, version); });
    }
  }
  aggregated_.try_emplace("/api", [&kinds] { return aggregated_core_text(kinds); });
  aggregated_.try_emplace("/apis", [&kinds] { return aggregated_groups_text(kinds); });
}

std::optional<Document> Documents::find(const DocumentRequest& request) const {
  std::string_view path = request.path;
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const auto found = lists_.find(path);
  if (found == lists_.end()) {
    return std::nullopt;
  }
  const std::vector<MediaRange> ranges = parse_accept(request.accept);
  if (const auto all = aggregated_.find(path);
      all != aggregated_.end() && wants_aggregated(ranges)) {
    return aggregated(all->second, request);
  }
  const LazyText& text = found->second;
  const std::string_view form = request.accept.empty() ? kJson : form_of_list(ranges);
  if (form.empty()) {
    return not_acceptable();
  }
  return Document{
      .content_type = std::string(form),
      .text = form == kYaml ? shared(to_yaml(*text.text())) : text.text(),
  };
}

}  // namespace kthena::apiserver
