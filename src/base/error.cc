#include "base/error.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace kthena {
namespace {

struct CodeRow {
  std::string_view name;
  int http_status;
  std::string_view kubernetes_reason;
};

// In the order of ErrorCode.
constexpr std::array kCodes = {
    CodeRow{"InvalidArgument", 400, "BadRequest"},
    CodeRow{"NotFound", 404, "NotFound"},
    CodeRow{"AlreadyExists", 409, "AlreadyExists"},
    CodeRow{"Conflict", 409, "Conflict"},
    CodeRow{"Expired", 410, "Expired"},
    CodeRow{"Unauthenticated", 401, "Unauthorized"},
    CodeRow{"PermissionDenied", 403, "Forbidden"},
    CodeRow{"RateLimited", 429, "TooManyRequests"},
    CodeRow{"TooLarge", 413, "RequestEntityTooLarge"},
    CodeRow{"Unsupported", 501, "InternalError"},
    CodeRow{"Unavailable", 503, "ServiceUnavailable"},
    CodeRow{"Disconnected", 502, "InternalError"},
    CodeRow{"Malformed", 502, "InternalError"},
    CodeRow{"Cancelled", 499, "InternalError"},
    CodeRow{"DeadlineExceeded", 504, "Timeout"},
    CodeRow{"Internal", 500, "InternalError"},
};
static_assert(kCodes.size() == static_cast<std::size_t>(ErrorCode::Internal) + 1);

const CodeRow& row_of(ErrorCode code) noexcept { return kCodes[static_cast<std::size_t>(code)]; }

}  // namespace

std::string_view to_string(ErrorCode code) noexcept { return row_of(code).name; }
int http_status(ErrorCode code) noexcept { return row_of(code).http_status; }
std::string_view kubernetes_reason(ErrorCode code) noexcept {
  return row_of(code).kubernetes_reason;
}

Error Error::with_context(std::string_view context) && {
  message_.insert(0, std::string(context) + ": ");
  return std::move(*this);
}

Error Error::with_context(std::string_view context) const& {
  return Error(*this).with_context(context);
}

std::string Error::to_string() const {
  return std::string(kthena::to_string(code_)) + ": " + message_;
}

}  // namespace kthena
