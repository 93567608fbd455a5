// The answers of kube-apiserver to what cannot be done, word by word.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "base/error.h"
#include "json/problem.h"
#include "kube/meta/status.h"

namespace kthena::apiserver::refusals {

/// 404 NotFound: `pods "web" not found`.
std::unexpected<kube::Status> not_found(const Kind& kind, std::string_view name);
/// The same for what is no kind of the catalogue.
std::unexpected<kube::Status> not_found(std::string_view group, std::string_view plural,
                                        std::string_view name);
/// 409 AlreadyExists.
std::unexpected<kube::Status> already_exists(const Kind& kind, std::string_view name);
/// 409 Conflict: `Operation cannot be fulfilled on pods "web": REASON`.
std::unexpected<kube::Status> conflict(const Kind& kind, std::string_view name,
                                       std::string_view reason);
/// 409 Conflict: somebody changed it since the version that the request names.
std::unexpected<kube::Status> modified(const Kind& kind, std::string_view name);
/// 422 Invalid: `Pod "web" is invalid: …`, a cause for each error among the problems.
std::unexpected<kube::Status> invalid(const Kind& kind, std::string_view name,
                                      std::span<const json::Problem> problems);
/// 403 Forbidden: `pods "web" is forbidden: REASON`.
std::unexpected<kube::Status> forbidden(const Kind& kind, std::string_view name,
                                        std::string_view reason);
/// 405 MethodNotAllowed.
std::unexpected<kube::Status> method_not_allowed();
/// 410 Expired.
std::unexpected<kube::Status> expired(std::string message);
/// 415 UnsupportedMediaType.
std::unexpected<kube::Status> unsupported_media_type(std::string_view accepted);
/// 406 NotAcceptable.
std::unexpected<kube::Status> not_acceptable(std::string_view accepted);
/// 500 InternalError: `Internal error occurred: REASON`.
std::unexpected<kube::Status> internal(std::string_view reason);
/// 504 Timeout, 429 TooManyRequests, 503 ServiceUnavailable: what the storage says.
std::unexpected<kube::Status> of(const Error& error);

}  // namespace kthena::apiserver::refusals

namespace kthena::apiserver {

/// A Status as it is answered.
std::string print_status(const kube::Status& status);

/// The answer to a deletion that is done: 200, with what was deleted.
kube::Status deleted_status(const Kind& kind, std::string_view name, std::string_view uid);

}  // namespace kthena::apiserver
