#include "async/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/io_source.h"
#include "async/task.h"
#include "async/time.h"
#include "base/error.h"
#include "base/result.h"

// What the process inherits; POSIX leaves its declaration to the program.
extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace kthena::async {
namespace {

std::unexpected<Error> system_error(std::string_view what, int error) {
  const ErrorCode code = error == ENOENT                     ? ErrorCode::NotFound
                         : error == EACCES || error == EPERM ? ErrorCode::PermissionDenied
                                                             : ErrorCode::Internal;
  return fail(code, std::string(what) + ": " + std::system_category().message(error));
}

/// A descriptor that the loop watches.
class Watched {
 public:
  Watched(EpollLoop& loop, int fd) : loop_(loop), fd_(fd), source_(loop) {}
  ~Watched() {
    if (watched_) {
      loop_.unwatch(fd_);
    }
    ::close(fd_);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  Result<> watch() {
    TRY(loop_.watch(fd_, source_));
    watched_ = true;
    return {};
  }
  int fd() const noexcept { return fd_; }
  IoSource& source() noexcept { return source_; }

 private:
  EpollLoop& loop_;
  int fd_;
  IoSource source_;
  bool watched_ = false;
};

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() = default;
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  Result<> open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      return system_error("pipe", errno);
    }
    read_end = ends[0];
    write_end = ends[1];
    ::fcntl(read_end, F_SETFL, O_NONBLOCK);
    return {};
  }
  static void close_end(int& end) {
    if (end >= 0) {
      ::close(std::exchange(end, -1));
    }
  }
};

/// Our environment with what is added in place.
std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> all;
  all.reserve(command.environment.size());
  for (const auto& [name, value] : command.environment) {
    all.push_back(name);
    all.back().append("=").append(value);
  }
  const std::size_t added = all.size();
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    bool replaced = false;
    for (std::size_t i = 0; i < added; ++i) {
      const std::size_t name = all[i].find('=') + 1;
      replaced = replaced || text.starts_with(std::string_view(all[i]).substr(0, name));
    }
    if (!replaced) {
      all.emplace_back(text);
    }
  }
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

/// Starts it in a process group of its own, with the signals as a program expects them.
Result<pid_t> spawn(const Command& command, int output, int error_output) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = environment_of(command);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, error_output, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0].c_str(), &actions, &attributes,
                                   pointers_to(arguments).data(), pointers_to(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return system_error(arguments[0], error);
  }
  return pid;
}

/// A started process: killed with its group if it has not been waited for.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) {
      kill();
      int status = 0;
      while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
      }
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const noexcept { return pid_; }
  void kill() const noexcept { ::kill(-pid_, SIGKILL); }
  /// Its exit status if it has ended.
  std::optional<int> try_wait() noexcept {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) {
      return std::nullopt;
    }
    pid_ = -1;
    constexpr int kBySignal = 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

Task<Result<std::string>> read_to_end(const Child& child, Watched& pipe, std::size_t limit) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = ::read(pipe.fd(), buffer.data(), buffer.size());
    if (count > 0) {
      if (text.size() + static_cast<std::size_t>(count) > limit) {
        child.kill();  // ends the other stream too
        co_return fail(ErrorCode::TooLarge,
                       "it printed more than " + std::to_string(limit) + " bytes");
      }
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      co_return text;
    } else if (errno == EAGAIN) {
      pipe.source().clear_readable();
      CO_TRY(co_await wait_io(pipe.source(), Interest::Read));
    } else if (errno != EINTR) {
      co_return system_error("reading", errno);
    }
  }
}

Task<Result<CommandOutput>> collect(Child& child, Watched& exit, Watched& output,
                                    Watched& error_output, std::size_t limit) {
  auto [text, error_text] =
      co_await when_all(read_to_end(child, output, limit), read_to_end(child, error_output, limit));
  CommandOutput result;
  result.output = CO_TRY(std::move(text));
  result.error_output = CO_TRY(std::move(error_text));
  while (true) {
    if (const auto status = child.try_wait()) {
      result.exit_status = *status;
      co_return result;
    }
    exit.source().clear_readable();
    CO_TRY(co_await wait_io(exit.source(), Interest::Read));
  }
}

}  // namespace

Task<Result<CommandOutput>> ProcessRunner::run(const Command& command) {
  if (command.arguments.empty()) {
    co_return fail(ErrorCode::InvalidArgument, "no program to run");
  }
  Pipe output_pipe;
  Pipe error_pipe;
  CO_TRY(output_pipe.open());
  CO_TRY(error_pipe.open());
  Child child(CO_TRY(spawn(command, output_pipe.write_end, error_pipe.write_end)));
  Pipe::close_end(output_pipe.write_end);
  Pipe::close_end(error_pipe.write_end);
  Watched output(loop_, std::exchange(output_pipe.read_end, -1));
  Watched error_output(loop_, std::exchange(error_pipe.read_end, -1));
  const auto exit_fd = static_cast<int>(::syscall(SYS_pidfd_open, child.pid(), 0));
  if (exit_fd < 0) {
    co_return system_error("pidfd_open", errno);
  }
  Watched exit(loop_, exit_fd);
  CO_TRY(output.watch());
  CO_TRY(error_output.watch());
  CO_TRY(exit.watch());
  const DeadlineScope limit(co_await this_task(), command.timeout);
  auto result = co_await collect(child, exit, output, error_output, command.max_output);
  if (!result) {
    co_return fail(std::move(result).error().with_context(command.arguments[0]));
  }
  co_return result;
}

}  // namespace kthena::async
