#include "kube/client/exec.h"

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "http/websocket.h"
#include "json/read.h"
#include "kube/meta/status.h"

namespace kthena::kube {
namespace {

constexpr std::size_t kMaxWrite = 32 << 10;  // of a message: servers read no larger ones

}  // namespace

Result<int> read_exec_status(std::string_view text) {
  const auto status = json::read_object<Status>(text);
  if (!status) {
    return fail(ErrorCode::Malformed, "exec: what came is no Status");
  }
  if (status->status == "Success") {
    return 0;
  }
  if (status->reason == "NonZeroExitCode" && status->details) {
    for (const StatusCause& cause : status->details->causes) {
      if (cause.reason == "ExitCode") {
        if (const auto code = parse_int<int>(cause.message)) {
          return *code;
        }
      }
    }
  }
  return fail(to_error(*status));
}

async::Task<Result<ExecSession>> ExecSession::start(Client& client, ObjectKey pod,
                                                    ExecOptions options) {
  const ApiRequest request = CO_TRY(requests::exec(pod, options));
  co_return ExecSession(CO_TRY(co_await client.open_websocket(request, kExecProtocol)));
}

async::Task<Result<std::optional<ExecSession::Output>>> ExecSession::next() {
  while (true) {
    const auto message = CO_TRY(co_await socket_->receive());
    if (!message) {
      co_return std::nullopt;
    }
    if (message->payload.empty()) {
      co_return fail(ErrorCode::Malformed, "exec: a message without a channel");
    }
    const auto channel = static_cast<ExecChannel>(message->payload.front());
    const std::string_view bytes = message->payload.substr(1);
    switch (channel) {
      case ExecChannel::Stdout:
      case ExecChannel::Stderr:
        if (!bytes.empty()) {  // servers begin with empty ones
          co_return Output{.channel = channel, .bytes = bytes};
        }
        break;
      case ExecChannel::Error:
        if (!bytes.empty()) {
          exit_status_ = read_exec_status(bytes);
        }
        break;
      case ExecChannel::Close:
        break;
      default:
        co_return fail(ErrorCode::Malformed,
                       fmt::format("exec: a message on channel {}", std::to_underlying(channel)));
    }
  }
}

async::Task<Result<>> ExecSession::send(ExecChannel channel, std::string_view bytes) {
  std::string message(1, static_cast<char>(channel));
  message += bytes;
  co_return co_await socket_->send(http::WebSocketOpcode::Binary, message);
}

async::Task<Result<>> ExecSession::write(std::string_view bytes) {
  while (!bytes.empty()) {
    CO_TRY(co_await send(ExecChannel::Stdin, bytes.substr(0, kMaxWrite)));
    bytes.remove_prefix(std::min(bytes.size(), kMaxWrite));
  }
  co_return {};
}

async::Task<Result<>> ExecSession::close_stdin() {
  const char channel = static_cast<char>(ExecChannel::Stdin);
  co_return co_await send(ExecChannel::Close, {&channel, 1});
}

async::Task<Result<>> ExecSession::resize(std::uint16_t columns, std::uint16_t rows) {
  const std::string size = fmt::format(R"({{"Width":{},"Height":{}}})", columns, rows);
  co_return co_await send(ExecChannel::Resize, size);
}

}  // namespace kthena::kube
