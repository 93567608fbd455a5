#include "router/rejection.h"

#include "json/print.h"
#include "json/value.h"

namespace kthena::router {

std::string_view openai_error_type(int status) noexcept {
  switch (status) {
    case 401:
    case 403:
      return "authentication_error";
    case 429:
      return "rate_limit_error";
    default:
      return status >= 500 ? "server_error" : "invalid_request_error";
  }
}

namespace {

/// Anthropic's names for the same. Source: Anthropic API reference, errors.
std::string_view anthropic_error_type(int status) noexcept {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

}  // namespace

std::string error_body(std::string_view path, int status, std::string_view code,
                       std::string_view message) {
  if (path == "/v1/messages") {
    return json::print(json::Object{
        {"type", "error"},
        {"error", json::Object{{"type", anthropic_error_type(status)}, {"message", message}}}});
  }
  return json::print(json::Object{
      {"error", json::Object{{"message", message},
                             {"type", openai_error_type(status)},
                             {"param", nullptr},
                             {"code", code.empty() ? json::Value() : json::Value(code)}}}});
}

http::Response error_response(std::string_view path, const Rejection& rejection) {
  http::Response response =
      http::text_response(rejection.status, "application/json; charset=utf-8",
                          error_body(path, rejection.status, rejection.reason, rejection.message));
  if (rejection.retry_after) {
    response.headers.set("Retry-After", std::to_string(rejection.retry_after->count()));
  }
  return response;
}

}  // namespace kthena::router
