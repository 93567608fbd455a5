// The answer of an API server that has no object to give: metav1.Status, and the Error it means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "json/fields.h"
#include "json/type.h"

namespace kthena::kube {

/// One finding of a refusal.
struct StatusCause {
  std::string reason;   ///< "FieldValueInvalid", "FieldManagerConflict", …
  std::string message;  ///< for people
  std::string field;    ///< "spec.containers[0].name", if it is about one

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using C = StatusCause;
    return std::tuple{json::Field{"reason", &C::reason}, json::Field{"message", &C::message},
                      json::Field{"field", &C::field}};
  }
  friend bool operator==(const StatusCause&, const StatusCause&) = default;
};

struct StatusDetails {
  std::string name;
  std::string group;
  std::string kind;  ///< of the object, or its plural
  std::string uid;
  std::vector<StatusCause> causes;
  std::int32_t retry_after_seconds = 0;

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using D = StatusDetails;
    return std::tuple{json::Field{"name", &D::name},
                      json::Field{"group", &D::group},
                      json::Field{"kind", &D::kind},
                      json::Field{"uid", &D::uid},
                      json::Field{"causes", &D::causes},
                      json::Field{"retryAfterSeconds", &D::retry_after_seconds}};
  }
  friend bool operator==(const StatusDetails&, const StatusDetails&) = default;
};

/// Source: Kubernetes API, metav1.Status.
struct Status {
  std::string status;  ///< "Success" or "Failure"
  std::string message;
  std::string reason;  ///< one word for programs: "AlreadyExists"
  std::optional<StatusDetails> details;
  std::int32_t code = 0;  ///< the HTTP status

  static constexpr bool kPartial = true;
  static constexpr auto fields() {
    using S = Status;
    return std::tuple{json::Constant{"apiVersion", "v1"}, json::Constant{"kind", "Status"},
                      json::Field{"status", &S::status},  json::Field{"message", &S::message},
                      json::Field{"reason", &S::reason},  json::Field{"details", &S::details},
                      json::Field{"code", &S::code}};
  }
  friend bool operator==(const Status&, const Status&) = default;
};

/// The code of a failed request: by the reason where that is known, else by the HTTP status. 409 is
/// AlreadyExists or Conflict, 410 Expired, 422 InvalidArgument, 429 RateLimited; what a server
/// could not do now (5xx) is Unavailable.
ErrorCode error_code_of(int http_status, std::string_view reason) noexcept;

/// The error that a Status means. Its message is the server's, and names each cause.
Error to_error(const Status& status);

/// The same for the body of an answer, which may be anything: proxies answer in texts of their own,
/// of which a beginning is shown.
Error error_of_answer(int http_status, std::string_view body);

/// The error as a server answers it.
Status to_status(const Error& error);

}  // namespace kthena::kube

KTHENA_JSON_EXTERN_TYPE(kthena::kube::Status);
