#include "http/websocket_connection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "net/simulated_network.h"
#include "net/testing/streams.h"

namespace kthena::http {
namespace {

using namespace std::chrono_literals;
using async::Task;

struct WebSocketConnectionTest : ::testing::Test {
  WebSocketConnectionTest() {
    net::testing::Pair pair = run(net::testing::make_pair(network));
    raw = pair.server.get();
    client = std::make_unique<WebSocket>(std::move(pair.client), WebSocketSide::Client);
    server = std::make_unique<WebSocket>(std::move(pair.server), WebSocketSide::Server, "", 1000);
  }
  template <class T>
  T run(Task<T> task) {
    return async::run_until_done(loop, std::move(task));
  }

  async::SimulatedLoop loop{2};
  net::SimulatedNetwork network{loop, {.latency = 1ms, .max_slice = 3, .max_write = 5}};
  net::Stream* raw = nullptr;
  std::unique_ptr<WebSocket> client;
  std::unique_ptr<WebSocket> server;
};

/// All messages until the end, and how it ended.
Task<std::string> receive_all(WebSocket& socket) {
  std::string all;
  while (true) {
    const auto message = co_await socket.receive();
    if (!message) {
      co_return all + "<" + std::string(to_string(message.error().code())) + ">";
    }
    if (!*message) {
      co_return all + "<" + std::to_string(socket.close_code()) + " " + socket.close_reason() + ">";
    }
    all += std::string((*message)->payload) + ";";
  }
}

Task<bool> talk(WebSocket& socket) {
  const auto one = co_await socket.send(WebSocketOpcode::Binary, "one");
  const auto ping = co_await socket.send(WebSocketOpcode::Ping, "are you there?");
  const auto two = co_await socket.send(WebSocketOpcode::Text, "two");
  const auto closed = co_await socket.close(1000, "enough");
  const auto again = co_await socket.close();
  const auto late = co_await socket.send(WebSocketOpcode::Text, "late");
  co_return one&& ping&& two&& closed&& again && !late;
}

TEST_F(WebSocketConnectionTest, CarriesMessagesBothWaysAndEndsInOrder) {
  const auto [sent, received, back] =
      run(async::when_all(talk(*client), receive_all(*server), receive_all(*client)));
  EXPECT_TRUE(sent);
  EXPECT_EQ(received, "one;two;<1000 enough>");
  EXPECT_EQ(back, "<1000 >");
}

TEST_F(WebSocketConnectionTest, TellsThePeerThatAMessageIsTooLarge) {
  const auto send = [](WebSocket& socket) -> Task<bool> {
    co_return (co_await socket.send(WebSocketOpcode::Binary, std::string(2000, 'x'))).has_value();
  };
  const auto [sent, received, back] =
      run(async::when_all(send(*client), receive_all(*server), receive_all(*client)));
  EXPECT_EQ(received, "<TooLarge>");
  EXPECT_EQ(back, "<1009 WebSocket: a message of more than 1000 bytes>");
}

TEST_F(WebSocketConnectionTest, KnowsThatThePeerWentWithoutAWord) {
  raw->shutdown_write();
  EXPECT_EQ(run(receive_all(*client)), "<Disconnected>");
}

}  // namespace
}  // namespace kthena::http
