// What the API's side asks of the node on which a pod runs: programs in its containers, connections
// to its ports, its logs.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/body.h"
#include "net/stream.h"

namespace kthena::apiserver {

struct PodName {
  std::string ns;
  std::string name;
  std::string uid;
};

struct ExecRequest {
  std::string container;             ///< empty: the pod's first
  std::vector<std::string> command;  ///< empty for an attach
  bool standard_in = false;
  bool standard_out = false;
  bool standard_error = false;  ///< never with a terminal
  bool terminal = false;
};

struct TerminalSize {
  std::uint16_t columns = 0;
  std::uint16_t rows = 0;

  friend bool operator==(const TerminalSize&, const TerminalSize&) = default;
};

/// The client's end of a running program. One task may read while others write.
class ExecClient {
 public:
  virtual ~ExecClient() = default;

  /// What the client types, valid until the next call; nullopt: no more comes, or nothing was asked
  /// for. Errors: Cancelled, DeadlineExceeded.
  virtual async::Task<Result<std::optional<std::string_view>>> read() = 0;
  /// What the program prints; dropped where it was not asked for. Waits while the client does not
  /// take it. Errors: Disconnected, Cancelled, DeadlineExceeded.
  virtual async::Task<Result<>> write_output(std::string_view bytes) = 0;
  virtual async::Task<Result<>> write_error(std::string_view bytes) = 0;
  /// The size of the client's terminal, whenever it has changed. Errors: NotFound when no more
  /// comes, Cancelled, DeadlineExceeded.
  virtual async::Task<Result<TerminalSize>> next_size() = 0;
};

struct LogRequest {
  std::string container;  ///< empty: the pod's first
  bool follow = false;    ///< goes on while the container runs
  bool previous = false;  ///< of the container that ran before
  bool timestamps = false;
  std::optional<std::uint64_t> tail_lines;
  std::optional<std::uint64_t> limit_bytes;
  std::optional<WallTime> since;
  std::optional<Duration> since_ago;
};

/// One shard. Tasks are cancelled when the client goes away.
class PodStreams {
 public:
  virtual ~PodStreams() = default;

  /// Runs a program; its exit status. Errors: whatever keeps it from running.
  virtual async::Task<Result<int>> exec(const PodName& pod, const ExecRequest& request,
                                        ExecClient& client) = 0;
  /// The same with the program that the container runs already.
  virtual async::Task<Result<int>> attach(const PodName& pod, const ExecRequest& request,
                                          ExecClient& client) {
    static_cast<void>(pod);
    static_cast<void>(request);
    static_cast<void>(client);
    co_return fail(ErrorCode::Unsupported, "attaching to a container is not supported");
  }
  /// A connection to a port of the pod. Errors: Unavailable (nobody listens).
  virtual async::Task<Result<std::unique_ptr<net::Stream>>> connect(const PodName& pod,
                                                                    std::uint16_t port) = 0;
  /// Errors: NotFound, InvalidArgument.
  virtual async::Task<Result<std::unique_ptr<http::BodySource>>> logs(
      const PodName& pod, const LogRequest& request) = 0;
};

}  // namespace kthena::apiserver
