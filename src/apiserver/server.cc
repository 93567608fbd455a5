#include "apiserver/server.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "apiserver/apply/managers.h"
#include "apiserver/custom/custom_schema.h"
#include "apiserver/request/options.h"
#include "apiserver/request/refusals.h"
#include "async/combine.h"
#include "base/strings.h"
#include "http/fields.h"
#include "json/problem.h"

namespace kthena::apiserver {

namespace {

/// As kube-apiserver: objects of 1.5 MiB and a patch of them.
constexpr std::size_t kMostBody = 3UL << 20;

std::string field_of(const http::Request& request, std::string_view name) {
  return std::string(request.headers.find(name).value_or(""));
}

std::optional<http::Response> answer_health(std::string_view path, bool ready) {
  if (path == "/healthz" || path == "/livez" || path.starts_with("/livez/") ||
      path.starts_with("/healthz/")) {
    return http::text_response(200, "text/plain; charset=utf-8", "ok");
  }
  if (path == "/readyz" || path.starts_with("/readyz/")) {
    return http::text_response(ready ? 200 : 500, "text/plain; charset=utf-8",
                               ready ? "ok" : "not ready");
  }
  return std::nullopt;
}

http::Response page_not_found() {
  return http::text_response(404, "text/plain; charset=utf-8", "404 page not found\n");
}

/// A `Warning` field. Source: RFC 9111 section 5.5 as the API server uses it.
void add_warnings(http::Response& response, const Warnings& warnings) {
  constexpr std::size_t kMost = 50;
  for (std::size_t i = 0; i < warnings.size() && i < kMost; ++i) {
    response.headers.add("Warning", fmt::format("299 - {}", json::quoted(warnings[i])));
  }
}

http::Response document_answer(const Document& document) {
  http::Response response{.status = document.status,
                          .headers = {},
                          .body = http::Body(document.text ? *document.text : std::string()),
                          .observer = {}};
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      response.headers.add(name, value);
    }
  };
  // Clients keep what an answer without news (304) says over what they have: it says little.
  add("Content-Type", document.content_type);
  add("ETag", document.etag);
  add("Vary", document.vary);
  add("Cache-Control", document.cache_control);
  add("Location", document.location);
  return response;
}

}  // namespace

std::optional<kube::PatchType> patch_type_of(std::string_view content_type) {
  constexpr std::array<std::pair<std::string_view, kube::PatchType>, 4> kTypes{{
      {"application/json-patch+json", kube::PatchType::Json},
      {"application/merge-patch+json", kube::PatchType::Merge},
      {"application/strategic-merge-patch+json", kube::PatchType::StrategicMerge},
      {"application/apply-patch+yaml", kube::PatchType::Apply},
  }};
  for (const auto& [name, type] : kTypes) {
    if (http::is_media_type(content_type, name)) {
      return type;
    }
  }
  return std::nullopt;
}

namespace {

std::string_view patch_types_of(const Kind& kind) {
  return kind.is_custom() ? "application/json-patch+json, application/merge-patch+json, "
                            "application/apply-patch+yaml"
                          : "application/json-patch+json, application/merge-patch+json, "
                            "application/strategic-merge-patch+json, application/apply-patch+yaml";
}

/// As OpenAPI documents show a custom kind.
const json::Value* schema_of(const Kind& kind) {
  return kind.custom_schema == nullptr ? nullptr : &kind.custom_schema->openapi();
}

bool has_subresource(const Kind& kind, std::string_view name) {
  return name.empty() || (name == "status" && kind.has_status) ||
         (name == "scale" && kind.has_scale) ||
         (name == "finalize" && kind.resource == "namespaces");
}

}  // namespace

ApiServer::ApiServer(async::Loop& loop, ObjectStore& store, const Rules& rules,
                     AccessControl& access, Random random)
    : loop_(loop),
      store_(store),
      rules_(rules),
      access_(access),
      reader_(loop, store),
      objects_(loop, store, rules, random) {}

void ApiServer::set_catalog(CatalogPtr catalog) {
  catalog_ = std::move(catalog);
  documents_ = std::make_shared<const Documents>(
      catalog_, DocumentOptions{.server_address = address_, .schema_of = schema_of},
      documents_.get());
}

http::Response ApiServer::refuse(int status, std::string_view message) {
  return status_answer({.status = "Failure",
                        .message = std::string(message),
                        .reason = status == 413   ? "RequestEntityTooLarge"
                                  : status == 400 ? "BadRequest"
                                                  : "",
                        .details = {},
                        .code = status});
}

async::Task<http::Response> ApiServer::handle(http::Request& request) {
  auto response = co_await answer(request);
  co_return response ? *std::move(response) : status_answer(response.error());
}

async::Task<Answer<http::Response>> ApiServer::answer(http::Request& request) {
  const std::string_view path = request.path();
  if (auto health = answer_health(path, ready())) {
    co_return *std::move(health);
  }
  User user = CO_TRY(access_.identify(request, loop_.wall_now()));
  auto resource = parse_resource_path(path);
  Query query(request.query());
  if (auto refused =
          access_.authorizer().refusal(user, attributes_of(request, path, resource, query))) {
    co_return std::unexpected(*std::move(refused));
  }
  const bool is_read = request.method == http::Method::Get || request.method == http::Method::Head;
  if (is_read) {
    const auto document =
        documents_->find({.path = path,
                          .query = request.query(),
                          .accept = request.headers.find("Accept").value_or(""),
                          .if_none_match = request.headers.find("If-None-Match").value_or("")});
    if (document) {
      co_return document_answer(*document);
    }
  }
  if (!resource) {
    co_return page_not_found();
  }
  KindPtr kind = catalog_->find(resource->group, resource->version, resource->plural);
  if (kind == nullptr) {
    co_return page_not_found();
  }
  Form form = CO_TRY(negotiate(request.headers.find("Accept").value_or("")));
  form.pretty |= query.find("pretty") && query.get("pretty") != "false";
  co_return co_await answer_resource(Call{.path = *std::move(resource),
                                          .query = std::move(query),
                                          .kind = std::move(kind),
                                          .form = form,
                                          .user_agent = field_of(request, "User-Agent"),
                                          .content_type = field_of(request, "Content-Type"),
                                          .method = request.method,
                                          .user = std::move(user)},
                                     request);
}

async::Task<Answer<http::Response>> ApiServer::answer_resource(Call call, http::Request& request) {
  if (is_stream(call)) {
    co_return co_await answer_stream(call, request);
  }
  const bool special = is_special(call);
  if (!special && !has_subresource(*call.kind, call.path.subresource)) {
    co_return page_not_found();
  }
  if (!special && (call.method == http::Method::Get || call.method == http::Method::Head)) {
    co_return answer_read(call);
  }
  auto body = co_await http::read_all(request.body, kMostBody);
  if (!body) {
    if (body.error().code() == ErrorCode::TooLarge) {
      co_return too_large(fmt::format("limit is {}", kMostBody));
    }
    co_return refusals::of(body.error());
  }
  if (call.path.subresource == "scale") {
    co_return co_await write_scale(call, *std::move(body));
  }
  if (special) {
    co_return co_await answer_special(call, *std::move(body));
  }
  co_return co_await answer_write(call, *std::move(body));
}

Answer<http::Response> ApiServer::answer_read(const Call& call) const {
  const ResourcePath& path = call.path;
  const Kind& kind = *call.kind;
  if (path.subresource == "scale") {
    return read_scale(call);
  }
  if (!kind.is_namespaced() && !path.namespace_name.empty()) {
    return page_not_found();
  }
  if (!path.name.empty() && !call.path.watches) {
    if (!kind.verbs.has(Verb::Get)) {
      return refusals::method_not_allowed();
    }
    if (kind.is_namespaced() && path.namespace_name.empty()) {
      return page_not_found();
    }
    return reader_.get(kind, path.namespace_name, path.name, TRY(read_options(call.query)),
                       call.form);
  }
  ReadOptions options = TRY(read_options(call.query));
  options.watch |= path.watches;
  if (!path.name.empty()) {
    options.field_selector = "metadata.name=" + path.name;
  }
  if (!kind.verbs.has(options.watch ? Verb::Watch : Verb::List)) {
    return refusals::method_not_allowed();
  }
  return options.watch ? reader_.watch(call.kind, path.namespace_name, options, call.form)
                       : reader_.list(call.kind, path.namespace_name, options, call.form);
}

Answer<WriteRequest> ApiServer::write_request(const Call& call) const {
  WriteRequest request{.kind = call.kind,
                       .namespace_name = call.path.namespace_name,
                       .name = call.path.name,
                       .subresource = call.path.subresource,
                       .manager = {},
                       .options = TRY(change_options(call.query)),
                       .user = &call.user};
  request.manager = manager_name(request.options.field_manager, call.user_agent);
  return request;
}

async::Task<Answer<http::Response>> ApiServer::answer_write(const Call& call, std::string text) {
  const Kind& kind = *call.kind;
  const bool of_object = !call.path.name.empty();
  if (kind.is_namespaced() == call.path.namespace_name.empty() &&
      !(call.method == http::Method::Delete && !of_object)) {
    co_return refusals::method_not_allowed();
  }
  const auto done = [&](Answer<WriteReply> reply) -> Answer<http::Response> {
    if (!reply) {
      return std::unexpected(std::move(reply).error());
    }
    http::Response response = text_answer(reply->status, std::move(reply->text), call.form);
    add_warnings(response, reply->warnings);
    return response;
  };
  const auto may = [&](Verb verb) { return kind.verbs.has(verb); };
  switch (call.method) {
    case http::Method::Post: {
      if (of_object || !may(Verb::Create)) {
        co_return refusals::method_not_allowed();
      }
      json::Value body = CO_TRY(read_body(call.content_type, text));
      co_return done(co_await objects_.create(CO_TRY(write_request(call)), std::move(body)));
    }
    case http::Method::Put: {
      if (!of_object || !may(Verb::Update)) {
        co_return refusals::method_not_allowed();
      }
      json::Value body = CO_TRY(read_body(call.content_type, text));
      co_return done(co_await objects_.update(CO_TRY(write_request(call)), std::move(body)));
    }
    case http::Method::Patch: {
      if (!of_object || !may(Verb::Patch)) {
        co_return refusals::method_not_allowed();
      }
      const auto type = patch_type_of(call.content_type);
      if (!type || (*type == kube::PatchType::StrategicMerge && kind.is_custom())) {
        co_return refusals::unsupported_media_type(patch_types_of(kind));
      }
      WriteRequest request = CO_TRY(write_request(call));
      if (*type == kube::PatchType::Apply && call.query.get("fieldManager").empty()) {
        co_return bad_request(
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required "
            "for apply patch");
      }
      json::Value patch = CO_TRY(read_body(
          *type == kube::PatchType::Apply ? call.content_type : "application/json", text));
      co_return done(co_await objects_.patch(std::move(request), *type, std::move(patch)));
    }
    case http::Method::Delete: {
      std::optional<json::Value> body;
      if (!trim(text).empty()) {
        body = CO_TRY(read_body(call.content_type, text));
      }
      if (!of_object) {
        co_return co_await remove_all(call, body ? &*body : nullptr);
      }
      if (!may(Verb::Delete) || !call.path.subresource.empty()) {
        co_return refusals::method_not_allowed();
      }
      RemoveOptions options = CO_TRY(remove_options(call.query, body ? &*body : nullptr));
      co_return done(co_await objects_.remove(CO_TRY(write_request(call)), std::move(options)));
    }
    default:
      co_return refusals::method_not_allowed();
  }
}

async::Task<Answer<http::Response>> ApiServer::remove_all(const Call& call,
                                                          const json::Value* body) {
  if (!call.kind->verbs.has(Verb::DeleteCollection)) {
    co_return refusals::method_not_allowed();
  }
  const ReadOptions options = CO_TRY(read_options(call.query));
  const RemoveOptions remove = CO_TRY(remove_options(call.query, body));
  Reader::Page page = CO_TRY(reader_.select(*call.kind, call.path.namespace_name, options));
  // All at once: they share commits.
  std::vector<async::Task<Answer<WriteReply>>> removals;
  for (const ObjectPtr& object : page.objects) {
    WriteRequest request = CO_TRY(write_request(call));
    request.namespace_name = object->path().namespace_name;
    request.name = object->path().name;
    removals.push_back(objects_.remove(std::move(request), remove));
  }
  for (auto& reply : co_await async::when_all(std::move(removals))) {
    if (!reply && reply.error().reason != "NotFound") {
      co_return std::unexpected(std::move(reply).error());
    }
  }
  co_return reader_.list_of(call.kind, std::move(page), options, call.form);
}

}  // namespace kthena::apiserver
