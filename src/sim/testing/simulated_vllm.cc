#include "sim/testing/simulated_vllm.h"

#include <fmt/format.h>

#include <array>

#include "async/time.h"
#include "base/check.h"
#include "sim/testing/recording.h"

namespace kthena::sim::testing {
namespace {

const net::SocketAddress kAddress{net::IpAddress::loopback(), 8090};

}  // namespace

SimulatedVllm::SimulatedVllm(SimulatorOptions options)
    : simulator_(loop_, std::move(options)),
      server_(network_, budget_, simulator_, {.max_head_bytes = 256 << 10}) {
  CHECK(server_.listen(kAddress).has_value());
}

SimulatedVllm::~SimulatedVllm() {
  async::run_until_done(loop_, [](SimulatedVllm& self) -> async::Task<void> {
    co_await self.streams_.stop();
    static_cast<void>(co_await self.server_.drain(self.loop_.now()));
  }(*this));
}

std::string SimulatedVllm::exchange(const std::string& request) {
  return async::run_until_done(loop_, talk(request, request.starts_with("HEAD ")));
}

std::string SimulatedVllm::get(std::string_view path) {
  return exchange(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path));
}

std::string SimulatedVllm::post_request(std::string_view path, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n\r\n{}",
      path, body.size(), body);
}

void SimulatedVllm::start(const std::string& request) {
  streams_.spawn([](SimulatedVllm& self, std::string bytes) -> async::Task<void> {
    static_cast<void>(co_await self.talk(std::move(bytes), false));
  }(*this, request));
  loop_.run_ready();
}

void SimulatedVllm::start_and_leave(const std::string& request, Duration after, Leave how) {
  streams_.spawn(leave(request, after, how));
  loop_.run_ready();
}

async::Task<void> SimulatedVllm::leave(std::string request, Duration after, Leave how) {
  auto stream = co_await network_.connect(kAddress);
  if (!stream || !co_await net::write_all(**stream, request)) {
    co_return;
  }
  static_cast<void>(co_await async::sleep_for(after));
  if (how == Leave::Reset) {
    (*stream)->reset_on_close();
  }
}

async::Task<std::string> SimulatedVllm::talk(std::string request, bool head) {
  last_error_ = 0;
  auto stream = co_await network_.connect(kAddress);
  std::string answer;
  if (!stream || !co_await net::write_all(**stream, request)) {
    co_return answer;
  }
  std::array<char, 4096> buffer;
  while (!parse_response(answer, head).complete) {
    const net::IoOutcome outcome = (*stream)->try_read(buffer);
    if (outcome.kind == net::IoOutcome::Kind::Bytes) {
      answer.append(buffer.data(), outcome.bytes);
    } else if (outcome.kind != net::IoOutcome::Kind::WouldBlock) {
      last_error_ = outcome.error;
      break;
    } else if (!co_await async::wait_io((*stream)->io(), async::Interest::Read)) {
      break;
    }
  }
  co_return answer;
}

}  // namespace kthena::sim::testing
