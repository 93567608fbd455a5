// The embedded API server as a handler of HTTP requests: the journey of a request on one page.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "apiserver/access_control.h"
#include "apiserver/discovery/documents.h"
#include "apiserver/kinds/catalog.h"
#include "apiserver/read/reader.h"
#include "apiserver/request/negotiation.h"
#include "apiserver/request/resource_path.h"
#include "apiserver/storage/object_store.h"
#include "apiserver/verbs/objects.h"
#include "async/loop.h"
#include "base/random.h"
#include "http/server.h"

namespace kthena::apiserver {

class PodStreams;

/// Answers what a Kubernetes API server answers. One loop; the store outlives it.
class ApiServer final : public http::Handler {
 public:
  /// @param random  for names and uids
  ApiServer(async::Loop& loop, ObjectStore& store, const Rules& rules, AccessControl& access,
            Random random);

  async::Task<http::Response> handle(http::Request& request) override;
  http::Response refuse(int status, std::string_view message) override;

  /// What is served from now on.
  void set_catalog(CatalogPtr catalog);
  /// Where clients reach the server, for discovery: "127.0.0.1:6443". Before set_catalog().
  void set_address(std::string address) { address_ = std::move(address); }
  const CatalogPtr& catalog() const noexcept { return catalog_; }
  Objects& objects() noexcept { return objects_; }
  async::Loop& loop() noexcept { return loop_; }

  /// Who runs the pods; null: nobody. Outlives the server.
  void set_streams(PodStreams* streams) noexcept { streams_ = streams; }

  bool ready() const noexcept { return catalog_ != nullptr; }

 private:
  /// A request to a resource, once it is known which.
  struct Call {
    ResourcePath path;
    Query query;
    KindPtr kind;
    Form form;
    std::string user_agent;
    std::string content_type;
    http::Method method;
    User user;
  };

  async::Task<Answer<http::Response>> answer(http::Request& request);
  async::Task<Answer<http::Response>> answer_resource(Call call, http::Request& request);
  Answer<http::Response> answer_read(const Call& call) const;
  async::Task<Answer<http::Response>> answer_write(const Call& call, std::string body);
  /// What a pod's node does: logs, exec, attach, port-forward.
  static bool is_stream(const Call& call);
  async::Task<Answer<http::Response>> answer_stream(const Call& call, http::Request& request);
  /// Whether it is no plain write: reviews, tokens, bindings, evictions.
  bool is_special(const Call& call) const;
  Answer<http::Response> read_scale(const Call& call) const;
  async::Task<Answer<http::Response>> write_scale(const Call& call, std::string body);
  async::Task<Answer<http::Response>> answer_special(const Call& call, std::string body);
  Answer<http::Response> answer_review_request(const Call& call, json::Value body);
  async::Task<Answer<http::Response>> bind(const Call& call, json::Value binding);
  async::Task<Answer<http::Response>> evict(const Call& call, json::Value eviction);
  async::Task<Answer<http::Response>> remove_all(const Call& call, const json::Value* body);
  Answer<WriteRequest> write_request(const Call& call) const;

  async::Loop& loop_;
  ObjectStore& store_;
  const Rules& rules_;
  AccessControl& access_;
  Reader reader_;
  Objects objects_;
  CatalogPtr catalog_;
  std::shared_ptr<const Documents> documents_;
  std::string address_;
  PodStreams* streams_ = nullptr;
};

/// Of a Content-Type; nothing if it is none of a patch.
std::optional<kube::PatchType> patch_type_of(std::string_view content_type);

}  // namespace kthena::apiserver
