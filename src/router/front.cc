#include "router/front.h"

#include <string>

#include "json/print.h"
#include "json/value.h"
#include "router/observe/metrics_page.h"

namespace kthena::router {
namespace {

bool is_read(http::Method method) {
  return method == http::Method::Get || method == http::Method::Head;
}

}  // namespace

async::Task<http::Response> Front::handle(http::Request& request) {
  const std::string_view path = request.path();
  if (path == "/healthz" || path == "/readyz") {
    co_return health(path);
  }
  if (!readiness_.synced() && path.starts_with("/v1/")) {
    co_return pipeline_.turn_away(request);
  }
  if (is_read(request.method) && (path == "/v1/models" || path.starts_with("/v1/models/"))) {
    co_return pipeline_.list_models(request);
  }
  if (path.starts_with("/v1/")) {
    co_return co_await pipeline_.handle(request);
  }
  if (path == "/metrics" && metrics_ != nullptr) {
    co_return metrics_page(*metrics_, request);
  }
  if (path == "/v1") {
    http::Response response =
        http::text_response(is_read(request.method) ? 301 : 307, "text/plain; charset=utf-8", "");
    response.headers.set("Location", "/v1/");
    co_return response;
  }
  co_return http::text_response(404, "text/plain; charset=utf-8", "404 page not found");
}

http::Response Front::refuse(int status, std::string_view message) {
  return pipeline_.refuse(status, message);
}

http::Response Front::health(std::string_view path) const {
  constexpr std::string_view kJson = "application/json; charset=utf-8";
  if (path == "/healthz") {
    return http::text_response(200, kJson, R"({"message":"ok"})");
  }
  if (readiness_.ready()) {
    return http::text_response(200, kJson, R"({"message":"router is ready"})");
  }
  std::string message = "router is not ready";
  if (readiness_.stopping()) {
    message += ": it stops";
  } else if (const std::string kinds = readiness_.awaited(); !kinds.empty()) {
    message += ": it has not read all objects of these kinds yet: " + kinds;
  }
  return http::text_response(503, kJson, json::print(json::Object{{"message", message}}));
}

}  // namespace kthena::router
