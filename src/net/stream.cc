#include "net/stream.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>
#include <system_error>

#include "async/io_source.h"
#include "async/task.h"
#include "base/error.h"
#include "base/result.h"

namespace kthena::net {

Error io_error(const IoOutcome& outcome) {
  if (outcome.kind == IoOutcome::Kind::End) {
    return {ErrorCode::Disconnected, "connection closed by peer"};
  }
  if (outcome.error == IoOutcome::kTruncated) {
    return {ErrorCode::Disconnected, "connection ended without a TLS close_notify"};
  }
  if (outcome.error == IoOutcome::kBadTls) {
    return {ErrorCode::Disconnected, "TLS protocol error"};
  }
  return {ErrorCode::Disconnected, std::generic_category().message(outcome.error)};
}

async::Task<Result<std::size_t>> read_some(Stream& stream, std::span<char> into) {
  while (true) {
    const IoOutcome outcome = stream.try_read(into);
    switch (outcome.kind) {
      case IoOutcome::Kind::Bytes:
        co_return outcome.bytes;
      case IoOutcome::Kind::End:
        co_return std::size_t{0};
      case IoOutcome::Kind::Failed:
        co_return fail(io_error(outcome));
      case IoOutcome::Kind::WouldBlock:
        CO_TRY(co_await async::wait_io(stream.io(), async::Interest::Read));
    }
  }
}

async::Task<Result<>> write_all(Stream& stream, std::string_view data) {
  while (!data.empty()) {
    const std::array parts = {data};
    const IoOutcome outcome = stream.try_write(parts);
    switch (outcome.kind) {
      case IoOutcome::Kind::Bytes:
        data.remove_prefix(outcome.bytes);
        break;
      case IoOutcome::Kind::End:
      case IoOutcome::Kind::Failed:
        co_return fail(io_error(outcome));
      case IoOutcome::Kind::WouldBlock:
        CO_TRY(co_await async::wait_io(stream.io(), async::Interest::Write));
    }
  }
  co_return {};
}

}  // namespace kthena::net
