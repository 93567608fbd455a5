#include "kube/client/port_forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "http/websocket.h"

namespace kthena::kube {
namespace {

constexpr std::size_t kMaxWrite = 32 << 10;

}  // namespace

async::Task<Result<PortForward>> PortForward::connect(Client& client, ObjectKey pod,
                                                      std::uint16_t port) {
  const std::vector<std::uint16_t> ports{port};
  const ApiRequest request = CO_TRY(requests::port_forward(pod, ports));
  co_return PortForward(CO_TRY(co_await client.open_websocket(request, kPortForwardProtocol)),
                        port);
}

async::Task<Result<std::optional<std::string_view>>> PortForward::next() {
  while (true) {
    const auto message = CO_TRY(co_await socket_->receive());
    if (!message) {
      co_return std::nullopt;
    }
    std::string_view bytes = message->payload;
    if (bytes.empty() || (bytes.front() != kData && bytes.front() != kError)) {
      co_return fail(ErrorCode::Malformed, "port-forward: a message of no known channel");
    }
    const char channel = bytes.front();
    bytes.remove_prefix(1);
    bool& begun = begun_[channel == kError ? 1 : 0];
    if (!std::exchange(begun, true)) {
      const bool right = bytes.size() >= 2 &&
                         static_cast<unsigned char>(bytes[0]) == (port_ & 0xff) &&
                         static_cast<unsigned char>(bytes[1]) == port_ >> 8;
      if (!right) {
        co_return fail(ErrorCode::Malformed, "port-forward: a channel of another port");
      }
      bytes.remove_prefix(2);
    }
    if (bytes.empty()) {
      continue;
    }
    if (channel == kError) {
      co_return fail(ErrorCode::Unavailable, fmt::format("port-forward: {}", trim(bytes)));
    }
    co_return bytes;
  }
}

async::Task<Result<>> PortForward::write(std::string_view bytes) {
  while (!bytes.empty()) {
    std::string message(1, kData);
    message += bytes.substr(0, kMaxWrite);
    CO_TRY(co_await socket_->send(http::WebSocketOpcode::Binary, message));
    bytes.remove_prefix(std::min(bytes.size(), kMaxWrite));
  }
  co_return {};
}

}  // namespace kthena::kube
