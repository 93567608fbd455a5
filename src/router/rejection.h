// Why the router answered a call itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "http/message.h"

namespace kthena::router {

/// A call that ends with an answer of ours. `reason` is the error_type of
/// kthena_router_requests_total, `log_type` the error.type of the access log.
struct Rejection {
  int status = 500;
  std::string_view reason;
  std::string_view log_type;
  std::string message;
  std::optional<std::chrono::seconds> retry_after;
};

template <class T = void>
using Stage = std::expected<T, Rejection>;

[[nodiscard]] inline std::unexpected<Rejection> reject(int status, std::string_view reason,
                                                       std::string_view log_type,
                                                       std::string message) {
  return std::unexpected(Rejection{.status = status,
                                   .reason = reason,
                                   .log_type = log_type,
                                   .message = std::move(message),
                                   .retry_after = {}});
}

/// The `type` of an OpenAI error object for a status: invalid_request_error, authentication_error,
/// rate_limit_error or server_error.
std::string_view openai_error_type(int status) noexcept;

/// The body of an error as clients of `path` read it: OpenAI's object, or Anthropic's for
/// /v1/messages.
std::string error_body(std::string_view path, int status, std::string_view code,
                       std::string_view message);

/// The whole answer.
http::Response error_response(std::string_view path, const Rejection& rejection);

}  // namespace kthena::router
