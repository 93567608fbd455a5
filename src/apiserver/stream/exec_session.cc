#include "apiserver/stream/exec_session.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "apiserver/stream/pod_streams.h"
#include "async/combine.h"
#include "async/task.h"
#include "base/error.h"
#include "base/result.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"

namespace kthena::apiserver {
namespace {

constexpr std::uint8_t kStandardIn = 0;
constexpr std::uint8_t kStandardOut = 1;
constexpr std::uint8_t kStandardError = 2;
constexpr std::uint8_t kStatus = 3;
constexpr std::uint8_t kResize = 4;
constexpr std::uint8_t kClose = 255;
constexpr std::size_t kMaxWrite = 32 << 10;  // of a message: clients read no larger ones

std::string failure_text(const Error& error) {
  return "error executing command in container: " + error.message();
}

std::optional<TerminalSize> read_size(std::string_view text) {
  const auto value = json::parse(text, {.max_depth = 4});
  const auto number = [&value](std::string_view name) -> std::optional<std::uint16_t> {
    const json::Value* member = value ? value->find(name) : nullptr;
    const auto wide = member != nullptr ? member->to_uint64() : std::nullopt;
    if (!wide || *wide > UINT16_MAX) {
      return std::nullopt;
    }
    return static_cast<std::uint16_t>(*wide);
  };
  const auto columns = number("Width");
  const auto rows = number("Height");
  if (!columns || !rows) {
    return std::nullopt;
  }
  return TerminalSize{.columns = *columns, .rows = *rows};
}

}  // namespace

std::string exec_status(const Result<int>& status) {
  json::Object object{{"metadata", json::Object{}}};
  if (status && *status == 0) {
    object.append_new("status", "Success");
    return json::print(object);
  }
  object.append_new("status", "Failure");
  if (status) {
    const std::string code = std::to_string(*status);
    object.append_new("message", "command terminated with non-zero exit code: exit status " + code);
    object.append_new("reason", "NonZeroExitCode");
    object.append_new("details",
                      json::Object{{"causes", json::Array{json::Object{{"reason", "ExitCode"},
                                                                       {"message", code}}}}});
    return json::print(object);
  }
  const std::string text = failure_text(status.error());
  object.append_new("message", "Internal error occurred: " + text);
  object.append_new("reason", "InternalError");
  object.append_new("details",
                    json::Object{{"causes", json::Array{json::Object{{"message", text}}}}});
  object.append_new("code", 500);
  return json::print(object);
}

std::string ExecSession::end_text(const Result<int>& status) const {
  if (protocol_ != ExecProtocol::V1) {
    return exec_status(status);
  }
  if (!status) {
    return "Internal error occurred: " + failure_text(status.error());
  }
  return *status == 0
             ? std::string()
             : "command terminated with non-zero exit code: exit status " + std::to_string(*status);
}

async::Task<void> ExecSession::run(http::WebSocket& socket) {
  socket_ = &socket;
  if (!request_.standard_in) {
    input_.close();
  }
  // Tells the client that it is connected.
  const std::uint8_t first = request_.standard_out     ? kStandardOut
                             : request_.standard_error ? kStandardError
                                                       : kStatus;
  if (!co_await send(first, {})) {
    co_return;
  }
  static_cast<void>(co_await async::when_any(run_program(), receive_all()));
}

async::Task<bool> ExecSession::run_program() {
  const Result<int> status = mode_ == ExecMode::Exec
                                 ? co_await streams_.exec(pod_, request_, *this)
                                 : co_await streams_.attach(pod_, request_, *this);
  if (const std::string text = end_text(status); !text.empty()) {
    co_return (co_await send(kStatus, text)).has_value();
  }
  co_return true;
}

/// Until the client has closed, or breaks the protocol.
async::Task<bool> ExecSession::receive_all() {
  while (true) {
    const auto message = co_await socket_->receive();
    if (!message || !*message) {
      co_return false;
    }
    if (!co_await take((*message)->payload)) {
      co_return false;
    }
  }
}

async::Task<Result<>> ExecSession::take(std::string_view message) {
  if (message.empty()) {
    co_return {};
  }
  const auto channel = static_cast<std::uint8_t>(message.front());
  message.remove_prefix(1);
  if (channel == kStandardIn && !message.empty()) {
    std::string bytes(message);
    if (!input_.closed()) {
      const auto sent = co_await input_.send(std::move(bytes));
      if (!sent && sent.error().code() != ErrorCode::NotFound) {
        co_return fail(sent.error());
      }
    }
  } else if (channel == kResize) {
    if (auto size = read_size(message)) {
      while (!sizes_.try_send(*size)) {
        static_cast<void>(sizes_.try_receive());  // an older one that nobody has looked at
      }
    }
  } else if (channel == kClose && protocol_ == ExecProtocol::V5 && message.size() == 1 &&
             message.front() == static_cast<char>(kStandardIn)) {
    input_.close();
  }
  co_return {};
}

async::Task<Result<>> ExecSession::send(std::uint8_t channel, std::string_view bytes) {
  do {
    std::string message(1, static_cast<char>(channel));
    message += bytes.substr(0, kMaxWrite);
    bytes.remove_prefix(std::min(bytes.size(), kMaxWrite));
    CO_TRY(co_await socket_->send(http::WebSocketOpcode::Binary, message));
  } while (!bytes.empty());
  co_return {};
}

async::Task<Result<std::optional<std::string_view>>> ExecSession::read() {
  auto bytes = co_await input_.receive();
  if (!bytes) {
    if (bytes.error().code() == ErrorCode::NotFound) {
      co_return std::nullopt;
    }
    co_return fail(std::move(bytes).error());
  }
  read_ = *std::move(bytes);
  co_return std::string_view(read_);
}

async::Task<Result<>> ExecSession::write_output(std::string_view bytes) {
  if (!request_.standard_out || bytes.empty()) {
    co_return {};
  }
  co_return co_await send(kStandardOut, bytes);
}

async::Task<Result<>> ExecSession::write_error(std::string_view bytes) {
  if (!request_.standard_error || bytes.empty()) {
    co_return {};
  }
  co_return co_await send(kStandardError, bytes);
}

async::Task<Result<TerminalSize>> ExecSession::next_size() { co_return co_await sizes_.receive(); }

}  // namespace kthena::apiserver
