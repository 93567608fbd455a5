// What the API server answers instead of an object: an HTTP status with the words of
// kube-apiserver.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "kube/meta/status.h"

namespace kthena::apiserver {

/// A value, or the Status that the client gets instead. TRY passes it on.
template <class T>
using Answer = std::expected<T, kube::Status>;

/// 400 BadRequest.
std::unexpected<kube::Status> bad_request(std::string message);

/// 422 without a word on what is wrong: what kube-apiserver says of a JSON patch that does not
/// apply.
std::unexpected<kube::Status> unprocessable();

/// 413 RequestEntityTooLarge; the message follows "Request entity is too large: ".
std::unexpected<kube::Status> too_large(std::string_view message);

/// 500 without a reason: errors that kube-apiserver does not translate.
std::unexpected<kube::Status> untranslated(std::string message);

}  // namespace kthena::apiserver
