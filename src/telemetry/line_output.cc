#include "telemetry/line_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::telemetry {
namespace {

constexpr int kPollMilliseconds = 50;

bool is_stream(std::string_view destination) {
  return destination == "stdout" || destination == "stderr";
}

/// Non-blocking, which matters for a named pipe only: to open it does not wait for a reader.
Result<int> open_for_appending(const std::string& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor >= 0) {
    return descriptor;
  }
  const int error = errno;
  const ErrorCode code = error == ENOENT                     ? ErrorCode::NotFound
                         : error == EACCES || error == EPERM ? ErrorCode::PermissionDenied
                                                             : ErrorCode::Unavailable;
  return fail(code, "opening " + path + ": " + std::generic_category().message(error));
}

bool is_regular_file(int descriptor) {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/// What a pipe that is ready takes without waiting, and in one piece among other writers: whole
/// lines of up to PIPE_BUF bytes, or that much of a longer line.
std::string_view piece_for_stream(std::string_view lines) {
  if (lines.size() <= PIPE_BUF) {
    return lines;
  }
  const std::size_t end = lines.substr(0, PIPE_BUF).rfind('\n');
  return lines.substr(0, end == std::string_view::npos ? PIPE_BUF : end + 1);
}

}  // namespace

Result<LineOutput> LineOutput::open(std::string destination) {
  int descriptor = destination == "stdout" ? STDOUT_FILENO : STDERR_FILENO;
  if (!is_stream(destination)) {
    descriptor = TRY(open_for_appending(destination));
  }
  return LineOutput(std::move(destination), descriptor, is_regular_file(descriptor));
}

LineOutput::LineOutput(LineOutput&& other) noexcept
    : destination_(std::move(other.destination_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      is_file_(other.is_file_),
      is_mid_line_(other.is_mid_line_) {}

LineOutput::~LineOutput() {
  if (descriptor_ > STDERR_FILENO) {
    ::close(descriptor_);
  }
}

void LineOutput::reopen() {
  if (is_stream(destination_)) {
    return;
  }
  const Result<int> opened = open_for_appending(destination_);
  if (opened) {
    ::close(std::exchange(descriptor_, *opened));
    is_file_ = is_regular_file(descriptor_);
    is_mid_line_ = false;
  }
}

bool LineOutput::wait_until_writable(const std::atomic<Instant>& give_up_at) const {
  while (true) {
    const bool is_late =
        std::chrono::steady_clock::now() >= give_up_at.load(std::memory_order_relaxed);
    pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, is_late ? 0 : kPollMilliseconds) > 0) {
      return true;  // or broken, which the write will tell
    }
    if (is_late) {
      return false;
    }
  }
}

std::size_t LineOutput::write(std::string_view lines, const std::atomic<Instant>& give_up_at) {
  std::size_t taken = 0;
  while (taken < lines.size()) {
    std::string_view piece = lines.substr(taken);
    if (!is_file_) {
      piece = piece_for_stream(piece);
      if (!wait_until_writable(give_up_at)) {
        break;
      }
    }
    if (is_mid_line_) {
      piece = "\n";
    }
    const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
    if (written < 0) {
      if (errno == EINTR || (errno == EAGAIN && !is_file_)) {
        continue;
      }
      break;
    }
    if (is_mid_line_) {
      is_mid_line_ = written == 0;
    } else {
      taken += static_cast<std::size_t>(written);
    }
  }
  if (taken != lines.size() && taken != 0) {
    is_mid_line_ = lines[taken - 1] != '\n';
  }
  return taken;
}

}  // namespace kthena::telemetry
