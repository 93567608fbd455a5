#include "kube/meta/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "json/read.h"
#include "json/type.h"

namespace kthena::kube {
namespace {

struct ReasonRow {
  std::string_view reason;
  ErrorCode code;
};

/// Those whose HTTP status does not say the same. Source: metav1.StatusReason.
constexpr std::array kReasons = {
    ReasonRow{"AlreadyExists", ErrorCode::AlreadyExists},
    ReasonRow{"Expired", ErrorCode::Expired},
    ReasonRow{"Gone", ErrorCode::Expired},
    ReasonRow{"StoreReadError", ErrorCode::Unavailable},
    ReasonRow{"TooManyRequests", ErrorCode::RateLimited},
};

constexpr std::size_t kMaxShown = 200;

/// The beginning of a body that is no Status, on one line.
std::string excerpt(std::string_view body) {
  std::string text;
  for (body = trim(body); !body.empty() && text.size() < kMaxShown;) {
    const std::size_t size = utf8_sequence_length(body);
    const bool shown = size > 1 || (size == 1 && static_cast<unsigned char>(body[0]) >= ' ');
    text += shown ? body.substr(0, size) : std::string_view(" ");
    body.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return body.empty() ? text : text + "…";
}

}  // namespace

ErrorCode error_code_of(int http_status, std::string_view reason) noexcept {
  for (const ReasonRow& row : kReasons) {
    if (row.reason == reason) {
      return row.code;
    }
  }
  switch (http_status) {
    case 401:
      return ErrorCode::Unauthenticated;
    case 403:
      return ErrorCode::PermissionDenied;
    case 404:
      return ErrorCode::NotFound;
    case 405:
    case 406:
    case 415:
    case 501:
      return ErrorCode::Unsupported;
    case 409:
      return ErrorCode::Conflict;
    case 410:
      return ErrorCode::Expired;
    case 413:
      return ErrorCode::TooLarge;
    case 429:
      return ErrorCode::RateLimited;
    default:
      break;
  }
  if (http_status >= 500) {
    return ErrorCode::Unavailable;
  }
  return http_status >= 400 ? ErrorCode::InvalidArgument : ErrorCode::Malformed;
}

Error to_error(const Status& status) {
  std::string message = status.message;
  if (message.empty()) {
    message = fmt::format("the server answered {}{}{}", status.code,
                          status.reason.empty() ? "" : " ", status.reason);
  }
  if (status.details) {
    for (const StatusCause& cause : status.details->causes) {
      // Servers mostly name the fields in the message already.
      if (!cause.field.empty() && !message.contains(cause.field)) {
        message += fmt::format("; {}: {}", cause.field, cause.message);
      }
    }
  }
  return {error_code_of(status.code, status.reason), std::move(message)};
}

Error error_of_answer(int http_status, std::string_view body) {
  if (auto status = json::read_object<Status>(body); status && !status->status.empty()) {
    status->code = http_status;
    return to_error(*status);
  }
  std::string message = fmt::format("the server answered {}", http_status);
  if (const std::string shown = excerpt(body); !shown.empty()) {
    message += ": " + shown;
  }
  return {error_code_of(http_status, {}), std::move(message)};
}

Status to_status(const Error& error) {
  return {.status = "Failure",
          .message = error.message(),
          .reason = std::string(kubernetes_reason(error.code())),
          .code = http_status(error.code())};
}

}  // namespace kthena::kube

KTHENA_JSON_TYPE(kthena::kube::Status);
