// Expected failures as values: a code that programs act on and a message that people read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace kthena {

/// What kind of failure it was. Few on purpose: code branches on these, people read the message.
enum class ErrorCode : std::uint8_t {
  InvalidArgument,   ///< the input is wrong and stays wrong; names the field or the line
  NotFound,          ///< the thing asked for does not exist
  AlreadyExists,     ///< a thing of that name is there
  Conflict,          ///< somebody else changed it first: read again and retry
  Expired,           ///< the version asked for is gone: list again
  Unauthenticated,   ///< who is asking is not known
  PermissionDenied,  ///< who is asking is known and may not
  RateLimited,       ///< too much at once; later it will work
  TooLarge,          ///< over a size limit
  Unsupported,       ///< valid, but not implemented or not offered here
  Unavailable,       ///< nobody answers there now (refused, unreachable, overloaded)
  Disconnected,      ///< the peer closed or reset a connection that was open
  Malformed,         ///< a peer broke its protocol
  Cancelled,         ///< the caller no longer wants the answer
  DeadlineExceeded,  ///< the answer came too late
  Internal,          ///< a bug or a broken environment (disk, descriptors)
};

/// The code's name, for example "NotFound".
std::string_view to_string(ErrorCode code) noexcept;

/// The HTTP status that tells a client of this failure, for example 404.
int http_status(ErrorCode code) noexcept;

/// The `reason` of a Kubernetes Status object, for example "NotFound"; "InternalError" where there
/// is none. Source: Kubernetes API, metav1.StatusReason.
std::string_view kubernetes_reason(ErrorCode code) noexcept;

/// A failure that was to be expected: of the network, the cluster, the disk or the user.
class Error {
 public:
  Error(ErrorCode code, std::string message) : message_(std::move(message)), code_(code) {}

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }

  /// The same failure as seen one level up: "reading kubeconfig: no such file".
  Error with_context(std::string_view context) &&;
  Error with_context(std::string_view context) const&;

  /// "NotFound: no such file".
  std::string to_string() const;

  friend bool operator==(const Error&, const Error&) = default;

 private:
  std::string message_;
  ErrorCode code_;
};

}  // namespace kthena
