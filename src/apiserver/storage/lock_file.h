// One process a database.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace kthena::apiserver {

/// Holds a file locked for as long as it lives; the kernel lets go of it when the process ends,
/// however that happens. The file stays and names the last owner.
class LockFile {
 public:
  /// Errors: AlreadyExists, naming the process that holds it; Internal if it cannot be made.
  static Result<LockFile> take(const std::string& path);
  LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace kthena::apiserver
