// Requests that are no plain writes of an object: reviews, tokens, bindings, evictions.
#include <utility>

#include "apiserver/access/reviews.h"
#include "apiserver/access/token_request.h"
#include "apiserver/pod_placement.h"
#include "apiserver/request/refusals.h"
#include "apiserver/server.h"
#include "json/print.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

kube::Status created() {
  return {.status = "Success", .message = {}, .reason = {}, .details = {}, .code = 201};
}

}  // namespace

bool ApiServer::is_special(const Call& call) const {
  if (is_review(call.kind->kind)) {
    return true;
  }
  const std::string& resource = call.kind->resource;
  const std::string& part = call.path.subresource;
  return (resource == "serviceaccounts" && part == "token") ||
         (resource == "pods" && (part == "binding" || part == "eviction"));
}

async::Task<Answer<http::Response>> ApiServer::answer_special(const Call& call, std::string text) {
  if (call.method != http::Method::Post || call.path.name.empty() != is_review(call.kind->kind)) {
    co_return refusals::method_not_allowed();
  }
  json::Value body = CO_TRY(read_body(call.content_type, text));
  if (is_review(call.kind->kind)) {
    co_return answer_review_request(call, std::move(body));
  }
  if (call.path.subresource == "token") {
    const json::Value answer = CO_TRY(
        answer_token_request(access_.tokens(), access_.bound_objects(), call.path.namespace_name,
                             call.path.name, body, loop_.wall_now()));
    co_return text_answer(201, json::print(answer), call.form);
  }
  if (call.path.subresource == "binding") {
    co_return co_await bind(call, std::move(body));
  }
  co_return co_await evict(call, std::move(body));
}

Answer<http::Response> ApiServer::answer_review_request(const Call& call, json::Value body) {
  Warnings warnings;
  TRY(rules_.decode(*call.kind, body, FieldValidation::Warn, warnings));
  const json::Value answer = TRY(answer_review({.user = call.user,
                                                .authorizer = access_.authorizer(),
                                                .authenticator = access_.authenticator(),
                                                .now = loop_.wall_now(),
                                                .ns = call.path.namespace_name},
                                               call.kind->kind, std::move(body)));
  return text_answer(201, json::print(answer), call.form);
}

async::Task<Answer<http::Response>> ApiServer::bind(const Call& call, json::Value binding) {
  WriteRequest request = CO_TRY(write_request(call));
  const WallTime now = loop_.wall_now();
  const Kind& kind = *call.kind;
  CO_TRY(co_await objects_.change(std::move(request), [&](const json::Value& pod) {
    return bound_pod(kind, pod, binding, now);
  }));
  co_return status_answer(created(), call.form);
}

async::Task<Answer<http::Response>> ApiServer::evict(const Call& call, json::Value eviction) {
  const json::Value* options = eviction.find("deleteOptions");
  RemoveOptions remove = CO_TRY(remove_options(call.query, options));
  WriteRequest request = CO_TRY(write_request(call));
  request.subresource.clear();
  const ObjectPtr pod = store_.find(Objects::path_of(request));
  if (pod == nullptr) {
    co_return refusals::not_found(*call.kind, call.path.name);
  }
  const auto value = store_.value(pod);
  if (!value) {
    co_return refusals::of(value.error());
  }
  CO_TRY(check_eviction(store_, **value));
  CO_TRY(co_await objects_.remove(std::move(request), std::move(remove)));
  co_return status_answer(created(), call.form);
}

}  // namespace kthena::apiserver
