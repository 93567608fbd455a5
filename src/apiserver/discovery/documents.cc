#include "apiserver/discovery/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/discovery/accept.h"
#include "apiserver/discovery/gnostic.h"
#include "apiserver/discovery/groups.h"
#include "apiserver/discovery/lazy_text.h"
#include "apiserver/discovery/openapi.h"
#include "apiserver/discovery/openapi_schemas.h"
#include "apiserver/kinds/catalog.h"
#include "apiserver/kinds/kind.h"
#include "base/check.h"
#include "base/strings.h"
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

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

/// The value of `hash` in a query.
std::string_view hash_in(std::string_view query) {
  for (std::string_view part : split(query, '&')) {
    if (take_prefix(part, "hash=")) {
      return part;
    }
  }
  return {};
}

bool has_etag(std::string_view if_none_match, std::string_view etag) {
  return trim(if_none_match) == "*" ||
         std::ranges::any_of(split(if_none_match, ','),
                             [&](std::string_view one) { return trim(one) == etag; });
}

/// Both forms have one hash, so `protobuf` is not written for who has it, or wants JSON.
Document openapi(OpenApiVersion version, const LazyText& text, const LazyText& protobuf,
                 const DocumentRequest& request) {
  const std::string_view number = version == OpenApiVersion::V2 ? "v2" : "v3";
  const std::string subtype = fmt::format("com.github.proto-openapi.spec.{}.v1.0+protobuf", number);
  const std::string old = fmt::format("com.github.proto-openapi.spec.{}@v1.0+protobuf", number);
  Document document{.text = shared({}), .etag = text.etag(), .vary = "Accept"};
  for (const MediaRange& range : parse_accept(request.accept.empty() ? "*/*" : request.accept)) {
    const bool json = range.covers("application", "json");
    if (!json && !range.covers("application", subtype) && !range.covers("application", old)) {
      continue;
    }
    if (has_etag(request.if_none_match, document.etag)) {
      document.status = 304;
    } else {
      document.content_type = json ? std::string(kJson) : fmt::format("application/{}", subtype);
      document.text = json ? text.text() : protobuf.text();
    }
    return document;
  }
  return {.status = 406, .text = document.text, .vary = "Accept"};
}

}  // namespace

Documents::OpenApi::OpenApi(OpenApiVersion version, std::vector<KindPtr> of,
                            const SchemaOfCustom& schema_of)
    : kinds(std::move(of)),
      text([version, schema_of, this] {
        return json::print(openapi_document(version, kinds, schema_of));
      }),
      protobuf([version, schema_of, this] {
        return gnostic_bytes(version, openapi_document(version, kinds, schema_of));
      }) {}

Documents::Documents(CatalogPtr catalog, const DocumentOptions& options, const Documents* previous)
    : catalog_(std::move(catalog)), openapi_index_([this] { return openapi_index(); }) {
  add_lists(options.server_address);
  const auto kinds = catalog_->kinds();
  openapi_v2_ = std::make_shared<const OpenApi>(
      OpenApiVersion::V2, std::vector<KindPtr>(kinds.begin(), kinds.end()), options.schema_of);
  add_openapi("api/v1", catalog_->kinds_of("", "v1"), options.schema_of, previous);
  for (const Catalog::Group& group : catalog_->groups()) {
    for (const std::string& version : group.versions) {
      add_openapi(fmt::format("apis/{}/{}", group.name, version),
                  catalog_->kinds_of(group.name, version), options.schema_of, previous);
    }
  }
}

void Documents::add_lists(const std::string& server_address) {
  const Catalog& kinds = *catalog_;  // lives as long as the writers below
  lists_.try_emplace("/version", version_text);
  lists_.try_emplace("/api", [server_address] { return api_versions_text(server_address); });
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

void Documents::add_openapi(const std::string& name, std::vector<KindPtr> kinds,
                            const SchemaOfCustom& schema_of, const Documents* previous) {
  if (previous != nullptr) {
    const auto same = previous->openapi_v3_.find(name);
    if (same != previous->openapi_v3_.end() && same->second->kinds == kinds) {
      openapi_v3_.emplace(name, same->second);
      return;
    }
  }
  openapi_v3_.emplace(
      name, std::make_shared<const OpenApi>(OpenApiVersion::V3, std::move(kinds), schema_of));
}

std::string Documents::openapi_index() const {
  json::Object paths;
  for (const auto& [name, document] : openapi_v3_) {
    paths.append_new(
        name, json::Object{{"serverRelativeURL",
                            fmt::format("/openapi/v3/{}?hash={}", name, document->text.hash())}});
  }
  return json::print(json::Object{{"paths", std::move(paths)}});
}

std::optional<Document> Documents::find_openapi(const DocumentRequest& request) const {
  std::string_view name = request.path;
  if (!take_prefix(name, "/openapi/")) {
    return std::nullopt;
  }
  if (name == "v2") {
    return openapi(OpenApiVersion::V2, openapi_v2_->text, openapi_v2_->protobuf, request);
  }
  if (name == "v3") {
    return Document{.content_type = "text/plain; charset=utf-8", .text = openapi_index_.text()};
  }
  if (!take_prefix(name, "v3/")) {
    return std::nullopt;
  }
  const auto found = openapi_v3_.find(name);
  if (found == openapi_v3_.end()) {
    return Document{.status = 404, .text = shared({})};
  }
  const std::string_view wanted = hash_in(request.query);
  const LazyText& text = found->second->text;
  if (!wanted.empty() && wanted != text.hash()) {
    Document elsewhere{.status = 301, .text = shared({}), .etag = text.etag(), .vary = "Accept"};
    elsewhere.location = fmt::format("{}?hash={}", request.path, text.hash());
    return elsewhere;
  }
  Document document = openapi(OpenApiVersion::V3, text, found->second->protobuf, request);
  if (!wanted.empty() && document.status == 200) {
    document.cache_control = "public, immutable";
  }
  return document;
}

std::optional<Document> Documents::find(const DocumentRequest& request) const {
  std::string_view path = request.path;
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const auto found = lists_.find(path);
  if (found == lists_.end()) {
    return find_openapi(request);
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
