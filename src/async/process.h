// Programs that are run for what they print, without blocking the loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/epoll_loop.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"

namespace kthena::async {

struct Command {
  std::vector<std::string> arguments;  ///< the program first; looked for in PATH if it has no '/'
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to our own
  Duration timeout = std::chrono::minutes(1);
  std::size_t max_output = 1 << 20;  ///< of each of the two streams
};

struct CommandOutput {
  int exit_status = 0;  ///< 128 and more: ended by the signal above that
  std::string output;
  std::string error_output;
};

/// Runs programs. An interface, since simulations have none.
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  /// Runs a program to its end; it reads nothing. Whatever its status, that is no error.
  /// Errors: NotFound (no such program), PermissionDenied, TooLarge, DeadlineExceeded, Cancelled,
  /// Internal. It and what it started in its process group are killed then.
  virtual Task<Result<CommandOutput>> run(const Command& command) = 0;
};

/// Processes of the machine.
class ProcessRunner final : public CommandRunner {
 public:
  explicit ProcessRunner(EpollLoop& loop) noexcept : loop_(loop) {}
  Task<Result<CommandOutput>> run(const Command& command) override;

 private:
  EpollLoop& loop_;
};

}  // namespace kthena::async
