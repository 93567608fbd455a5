#include "apiserver/patch/failure.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "kube/meta/status.h"

namespace kthena::apiserver {

namespace {

std::unexpected<kube::Status> failure(int code, std::string_view reason, std::string message) {
  return std::unexpected(kube::Status{.status = "Failure",
                                      .message = std::move(message),
                                      .reason = std::string(reason),
                                      .details = {},
                                      .code = code});
}

}  // namespace

std::unexpected<kube::Status> bad_request(std::string message) {
  return failure(400, "BadRequest", std::move(message));
}

std::unexpected<kube::Status> unprocessable() {
  auto status =
      failure(422, "Invalid", "the server rejected our request due to an error in our request");
  status.error().details.emplace();
  return status;
}

std::unexpected<kube::Status> too_large(std::string_view message) {
  return failure(413, "RequestEntityTooLarge",
                 "Request entity is too large: " + std::string(message));
}

std::unexpected<kube::Status> untranslated(std::string message) {
  return failure(500, "", std::move(message));
}

}  // namespace kthena::apiserver
