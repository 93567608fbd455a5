// A reader that does not read, for tests of what happens to writers.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include "base/check.h"

namespace kthena::telemetry::testing {

/// A named pipe that nobody empties until told to.
class BlockedPipe {
 public:
  explicit BlockedPipe(const std::string& path) {
    CHECK_EQ(::mkfifo(path.c_str(), 0600), 0);
    reader_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CHECK_EQ(::fcntl(reader_, F_SETPIPE_SZ, 4096), 4096);
  }
  ~BlockedPipe() { ::close(reader_); }
  BlockedPipe(const BlockedPipe&) = delete;
  BlockedPipe& operator=(const BlockedPipe&) = delete;

  /// All that is in the pipe now.
  std::string read() const {
    std::string all;
    std::array<char, 8192> piece{};
    while (true) {
      const ssize_t got = ::read(reader_, piece.data(), piece.size());
      if (got <= 0) {
        return all;
      }
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  int reader_;
};

}  // namespace kthena::telemetry::testing
