#include "http/websocket_upgrade.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "http/server.h"
#include "http/websocket.h"
#include "net/simulated_network.h"
#include "net/tcp.h"

namespace kthena::http {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Sends what it receives back, until the client closes or says "end".
class Echo final : public WebSocketHandler {
 public:
  explicit Echo(int& ended) : ended_(ended) {}
  Task<void> run(WebSocket& socket) override {
    while (true) {
      const auto message = co_await socket.receive();
      if (!message || !*message || (*message)->payload == "end") {
        ++ended_;
        co_return;
      }
      const std::string text((*message)->payload);
      if (!co_await socket.send((*message)->opcode, text)) {
        ++ended_;
        co_return;
      }
    }
  }
  std::size_t memory() const noexcept override { return 1 << 20; }

 private:
  int& ended_;
};

class EchoService final : public Handler {
 public:
  Task<Response> handle(Request& request) override {
    static constexpr std::string_view kOurs[] = {"two", "three"};
    const auto protocol = choose_websocket_protocol(request, kOurs);
    if (!is_websocket_request(request) || !protocol) {
      co_return text_response(403, "text/plain", "no");
    }
    Response response = upgrade_to_websocket(request, *protocol, std::make_unique<Echo>(ended));
    response.observer = std::make_unique<Observer>(*this);
    co_return response;
  }
  int ended = 0;
  int told = 0;

 private:
  class Observer final : public ResponseObserver {
   public:
    explicit Observer(EchoService& service) : service_(service) {}
    void on_sent(const Sent& /*sent*/) noexcept override { ++service_.told; }

   private:
    EchoService& service_;
  };
};

struct RealWorld {
  std::unique_ptr<async::EpollLoop> loop = *async::EpollLoop::create();
  net::TcpNetwork network{*loop};
};
struct SimulatedWorld {
  std::unique_ptr<async::SimulatedLoop> loop = std::make_unique<async::SimulatedLoop>(5);
  net::SimulatedNetwork network{*loop,
                                {.latency = 1ms, .jitter = 1ms, .max_slice = 7, .max_write = 50}};
};

std::string request_text(std::string_view protocols, std::string_view more = {}) {
  std::string text = "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n";
  text += "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  text.append(kKey).append("\r\nSec-WebSocket-Protocol: ").append(protocols).append("\r\n");
  return text.append(more).append("\r\n");
}

template <class World>
class UpgradeTest : public ::testing::Test {
 public:
  ~UpgradeTest() override { run_until_done(*world.loop, stop(server, *world.loop, 1s)); }
  static Task<std::size_t> stop(Server& server, async::Loop& loop, Duration patience) {
    co_return co_await server.drain(loop.now() + patience);
  }
  template <class T>
  T run(Task<T> task) {
    return run_until_done(*world.loop, std::move(task));
  }

  World world;
  MemoryBudget budget{(1 << 20) + (1 << 16)};
  EchoService service;
  Server server{world.network, budget, service, {.idle_timeout = 300ms}};
  net::SocketAddress address = *server.listen({.ip = net::IpAddress::loopback(), .port = 0});
};
using Worlds = ::testing::Types<RealWorld, SimulatedWorld>;
TYPED_TEST_SUITE(UpgradeTest, Worlds);

struct Opened {
  std::string head;
  std::unique_ptr<net::Stream> stream;
  std::string received;
};

/// Sends a request and reads the head of its answer.
Task<Opened> open(net::Network& network, net::SocketAddress address, std::string text) {
  Opened opened{.head = {}, .stream = *co_await network.connect(address), .received = {}};
  CHECK(co_await net::write_all(*opened.stream, text));
  char buffer[512];
  const async::DeadlineScope limit(co_await async::this_task(), 20s);
  while (!opened.received.contains("\r\n\r\n")) {
    const auto count = co_await net::read_some(*opened.stream, buffer);
    CHECK(count && *count > 0);
    opened.received.append(buffer, *count);
  }
  const auto end = opened.received.find("\r\n\r\n") + 4;
  opened.head = opened.received.substr(0, end);
  opened.received.erase(0, end);
  co_return opened;
}

std::string client_frame(std::string_view text) {
  std::string frame;
  append_websocket_frame(frame, WebSocketOpcode::Text, text, WebSocketMask{'a', 'b', 'c', 'd'});
  return frame;
}

/// Says things, the first with the request, and gives what comes back.
Task<std::string> talk(net::Network& network, net::SocketAddress address) {
  Opened opened =
      co_await open(network, address, request_text("one, two,three") + client_frame("early"));
  EXPECT_TRUE(opened.head.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << opened.head;
  EXPECT_TRUE(opened.head.contains("Connection: Upgrade\r\n")) << opened.head;
  EXPECT_TRUE(opened.head.contains("Upgrade: websocket\r\n")) << opened.head;
  EXPECT_TRUE(opened.head.contains("Sec-WebSocket-Protocol: two\r\n")) << opened.head;
  EXPECT_TRUE(opened.head.contains("Sec-WebSocket-Accept: " + std::string(kAccept) + "\r\n"));
  EXPECT_FALSE(opened.head.contains("Content-Length")) << opened.head;
  WebSocket socket(std::move(opened.stream), WebSocketSide::Client, opened.received);
  std::string all;
  for (const std::string_view text : {"", "hello", "end"}) {
    if (!text.empty()) {
      EXPECT_TRUE(co_await socket.send(WebSocketOpcode::Text, text));
    }
    const auto message = co_await socket.receive();
    all += message && *message ? std::string((*message)->payload) + "," : "end";
    // Longer than an idle connection may last.
    static_cast<void>(co_await async::sleep_for(400ms));
  }
  EXPECT_EQ(socket.close_code(), 1000);
  co_return all;
}

TYPED_TEST(UpgradeTest, HandsTheConnectionOver) {
  EXPECT_EQ(this->run(talk(this->world.network, this->address)), "early,hello,end");
  EXPECT_EQ(this->service.ended, 1);
  EXPECT_EQ(this->service.told, 1);
  EXPECT_EQ(this->server.stats().upgraded, 0U);
  EXPECT_EQ(this->server.stats().open, 0U);
  EXPECT_EQ(this->budget.used(), 0U);
}

/// The status line of an answer.
Task<std::string> status_of(net::Network& network, net::SocketAddress address, std::string text) {
  const Opened opened = co_await open(network, address, std::move(text));
  co_return opened.head.substr(9, 3);
}

TYPED_TEST(UpgradeTest, RefusesWhatItDoesNotSpeak) {
  const auto status = [this](std::string text) {
    return this->run(status_of(this->world.network, this->address, std::move(text)));
  };
  EXPECT_EQ(status(request_text("four")), "403");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "403");
  std::string text = request_text("two");
  EXPECT_EQ(status(text.replace(text.find("Version: 13"), 11, "Version: 12")), "426");
  text = request_text("two");
  EXPECT_EQ(status(text.replace(text.find(kKey), 4, "")), "400");
  EXPECT_EQ(status(request_text("two", "Content-Length: 5\r\n")), "400");
  EXPECT_EQ(this->budget.used(), 0U);
}

Task<void> two_at_once(net::Network& network, net::SocketAddress address, Server& server,
                       MemoryBudget& budget) {
  Opened first = co_await open(network, address, request_text("two"));
  EXPECT_EQ(server.stats().upgraded, 1U);
  EXPECT_GE(budget.used(), 1U << 20);
  const Opened second = co_await open(network, address, request_text("two"));
  EXPECT_EQ(second.head.substr(9, 3), "503");
  // Gone without a word: the handler finds out.
  first.stream.reset();
  while (server.stats().upgraded > 0) {
    static_cast<void>(co_await async::sleep_for(1ms));
  }
  EXPECT_EQ(budget.used(), 0U);
}

TYPED_TEST(UpgradeTest, CountsItsMemory) {
  this->run(two_at_once(this->world.network, this->address, this->server, this->budget));
}

Task<std::uint16_t> close_code(std::unique_ptr<net::Stream> stream, std::string received) {
  WebSocket socket(std::move(stream), WebSocketSide::Client, received);
  const auto message = co_await socket.receive();
  EXPECT_TRUE(message && !*message);
  co_return socket.close_code();
}

Task<void> stops(net::Network& network, net::SocketAddress address, Server& server) {
  Opened opened = co_await open(network, address, request_text("two"));
  auto [cut, code] =
      co_await async::when_all(UpgradeTest<RealWorld>::stop(server, network.loop(), 300ms),
                               close_code(std::move(opened.stream), opened.received));
  EXPECT_EQ(cut, 1U);
  EXPECT_EQ(code, 1001);
}

TYPED_TEST(UpgradeTest, IsCutWhenTheServerStops) {
  this->run(stops(this->world.network, this->address, this->server));
  EXPECT_EQ(this->service.ended, 1);
  EXPECT_EQ(this->budget.used(), 0U);
}

}  // namespace
}  // namespace kthena::http
