// All documents that tell clients what is served: versions, groups, resources, OpenAPI.
//
//   const auto found = documents.find({.path = "/apis/apps/v1", .accept = accept});
//   if (found) { return respond(*found); }  // else it is a request for something else, or a 404
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/discovery/lazy_text.h"
#include "apiserver/discovery/openapi.h"
#include "apiserver/kinds/catalog.h"

namespace kthena::apiserver {

/// What of a GET counts here.
struct DocumentRequest {
  std::string_view path;
  std::string_view query = {};  ///< without '?'
  std::string_view accept = {};
  std::string_view if_none_match = {};
};

/// An answer. Header fields that are empty are not sent.
struct Document {
  int status = 200;
  std::string content_type{};
  std::shared_ptr<const std::string> text;  ///< never null
  std::string etag{};                       ///< with its quotes
  std::string vary{};
  std::string cache_control = "no-cache, private";
  std::string location{};  ///< of a redirect (301)
};

struct DocumentOptions {
  std::string server_address;  ///< where clients reach the server: "127.0.0.1:6443"
  SchemaOfCustom schema_of = [](const Kind&) { return nullptr; };
};

/// The documents of one catalogue. Each is written when it is first asked for, and kept. A server
/// makes a new one with each new catalogue; requests keep the one they began with.
/// Thread-safe.
class Documents {
 public:
  /// @param previous  of the catalogue before, or null: what is the same is not written again
  Documents(CatalogPtr catalog, const DocumentOptions& options,
            const Documents* previous = nullptr);

  /// The answer to a GET, which may be an error (406; 404 of OpenAPI). Nullopt if there is no
  /// document of that path, so also for groups and versions that are not served.
  std::optional<Document> find(const DocumentRequest& request) const;

 private:
  /// One OpenAPI document in both forms.
  struct OpenApi {
    OpenApi(OpenApiVersion version, std::vector<KindPtr> of, const SchemaOfCustom& schema_of);
    std::vector<KindPtr> kinds;
    LazyText text;
    LazyText protobuf;
  };

  void add_lists(const std::string& server_address);
  void add_openapi(const std::string& name, std::vector<KindPtr> kinds,
                   const SchemaOfCustom& schema_of, const Documents* previous);
  std::string openapi_index() const;
  std::optional<Document> find_openapi(const DocumentRequest& request) const;

  CatalogPtr catalog_;
  std::map<std::string, LazyText, std::less<>> lists_;       ///< by path
  std::map<std::string, LazyText, std::less<>> aggregated_;  ///< "/api" and "/apis"
  std::shared_ptr<const OpenApi> openapi_v2_;
  std::map<std::string, std::shared_ptr<const OpenApi>, std::less<>>
      openapi_v3_;  ///< "apis/apps/v1"
  LazyText openapi_index_;
};

}  // namespace kthena::apiserver
