#include "apiserver/stream/spdy_port_forward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/stream/spdy_frames.h"
#include "apiserver/stream/testing/loopback_streams.h"
#include "apiserver/stream/testing/stream_server.h"
#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "http/server.h"
#include "http/websocket.h"
#include "http/websocket_connection.h"
#include "kube/client/client.h"
#include "net/simulated_network.h"
#include "net/testing/static_resolver.h"
#include "net/testing/streams.h"

namespace kthena::apiserver {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::HasSubstr;

constexpr std::string_view kProtocol = "SPDY/3.1+portforward.k8s.io";

/// What client-go does, on a WebSocket that is open.
class Forwarder {
 public:
  explicit Forwarder(std::unique_ptr<http::WebSocket> socket) : socket_(std::move(socket)) {}

  Task<void> open(std::uint32_t stream, std::string_view kind, std::uint16_t port,
                  std::string_view request) {
    std::string frame = encoder_.syn_stream(stream, {{"streamtype", std::string(kind)},
                                                     {"port", std::to_string(port)},
                                                     {"requestid", std::string(request)}});
    co_await send(std::move(frame));
  }
  Task<void> send(std::string frame) {
    EXPECT_TRUE(co_await socket_->send(http::WebSocketOpcode::Binary, frame));
  }
  /// Reads until a stream has ended (or the connection), or for so long.
  Task<void> read_until_end(std::uint32_t stream, Duration patience = 10s) {
    const async::DeadlineScope limit(co_await async::this_task(), patience);
    while (!ended[stream]) {
      const auto message = co_await socket_->receive();
      if (!message || !*message) {
        co_return;
      }
      decoder_.feed((*message)->payload);
      while (true) {
        const auto frame = decoder_.next();
        CHECK(frame);
        if (!*frame) {
          break;
        }
        take(**frame);
      }
    }
  }
  Task<void> close() {
    EXPECT_TRUE(co_await socket_->close());
    while (true) {
      const auto message = co_await socket_->receive();
      if (!message || !*message) {
        co_return;
      }
    }
  }

  std::map<std::uint32_t, std::string> data;
  std::map<std::uint32_t, bool> ended;
  std::map<std::uint32_t, std::uint32_t> resets;
  std::map<std::uint32_t, int> replies;
  std::vector<std::uint32_t> pongs;

 private:
  void take(const spdy::Frame& frame) {
    switch (frame.type) {
      case spdy::FrameType::Data:
        data[frame.stream] += frame.data;
        ended[frame.stream] = ended[frame.stream] || frame.fin;
        break;
      case spdy::FrameType::RstStream:
        resets[frame.stream] = frame.status;
        ended[frame.stream] = true;
        break;
      case spdy::FrameType::SynReply:
        ++replies[frame.stream];
        break;
      case spdy::FrameType::Ping:
        pongs.push_back(frame.stream);
        break;
      default:
        ADD_FAILURE() << "a frame that nobody expects";
    }
  }
  std::unique_ptr<http::WebSocket> socket_;
  spdy::Encoder encoder_;
  spdy::Decoder decoder_;
};

struct SpdyTest : ::testing::Test {
  ~SpdyTest() override { async::run_until_done(loop, stop(server, loop)); }
  static Task<void> stop(http::Server& server, async::Loop& loop) {
    static_cast<void>(co_await server.drain(loop.now() + 1s));
  }
  template <class T>
  T run(Task<T> task) {
    return async::run_until_done(loop, std::move(task));
  }

  async::SimulatedLoop loop{11};
  net::SimulatedNetwork network{loop, {.latency = 1ms, .max_slice = 700, .max_write = 3000}};
  net::testing::StaticResolver resolver;
  testing::LoopbackStreams streams{network, net::IpAddress::loopback()};
  testing::StreamService service{streams};
  http::MemoryBudget budget{64 << 20};
  http::Server server{network, budget, service};
  net::SocketAddress address = *server.listen({.ip = net::IpAddress::loopback(), .port = 0});
  std::unique_ptr<kube::Client> client =
      *kube::Client::create(network, resolver, {.server = "http://" + address.to_string()});
  std::unique_ptr<net::Listener> pod =
      *network.listen({.ip = net::IpAddress::loopback(), .port = 0}, {});
  std::uint16_t port = pod->local().port;
};

/// Until the server has seen that its clients are gone.
Task<void> settle() { static_cast<void>(co_await async::sleep_for(3s)); }

Task<std::unique_ptr<Forwarder>> connect(kube::Client& client) {
  const kube::ApiRequest request =
      *kube::requests::port_forward({"prod", "p"}, std::vector<std::uint16_t>{80});
  auto socket = co_await client.open_websocket(request, kProtocol);
  CHECK(socket);
  co_return std::make_unique<Forwarder>(*std::move(socket));
}

/// Sends back what comes, for as many connections as there are.
Task<void> echo(net::Listener& listener, int connections) {
  for (int i = 0; i < connections; ++i) {
    auto stream = *co_await net::testing::accept(listener);
    auto text = co_await net::testing::read_to_end(*stream);
    EXPECT_TRUE(co_await net::testing::write_then_end(*stream, "<" + text.value_or("?") + ">"));
  }
}

Task<void> forward_two(kube::Client& client, std::uint16_t port, std::string large) {
  const std::unique_ptr<Forwarder> open = co_await connect(client);
  Forwarder& forwarder = *open;
  // kubectl opens the error stream first, and says at once that nothing comes on it.
  co_await forwarder.open(1, "error", port, "0");
  co_await forwarder.send(spdy::Encoder::data(1, {}, true));
  co_await forwarder.open(3, "data", port, "0");
  co_await forwarder.send(spdy::Encoder::ping(1));
  co_await forwarder.send(spdy::Encoder::data(3, "hello ", false));
  co_await forwarder.send(spdy::Encoder::data(3, "there", true));
  co_await forwarder.read_until_end(1);
  EXPECT_EQ(forwarder.data[3], "<hello there>");
  EXPECT_EQ(forwarder.data[1], "");
  EXPECT_TRUE(forwarder.ended[3]);
  EXPECT_EQ(forwarder.replies[1] + forwarder.replies[3], 2);
  EXPECT_EQ(forwarder.pongs, std::vector<std::uint32_t>{1});

  co_await forwarder.open(5, "error", port, "1");
  co_await forwarder.open(7, "data", port, "1");
  co_await forwarder.send(spdy::Encoder::data(7, large, true));
  co_await forwarder.read_until_end(5);
  EXPECT_EQ(forwarder.data[7], "<" + large + ">");
  EXPECT_TRUE(forwarder.resets.empty());
  co_await forwarder.close();
}

TEST_F(SpdyTest, ForwardsOneConnectionAfterTheOther) {
  run(async::when_all(echo(*pod, 2), forward_two(*client, port, std::string(300'000, 'x'))));
  run(settle());
  EXPECT_EQ(server.stats().upgraded, 0U);
  EXPECT_EQ(budget.used(), 0U);
}

Task<void> forward_at_once(kube::Client& client, std::uint16_t port) {
  const std::unique_ptr<Forwarder> open = co_await connect(client);
  Forwarder& forwarder = *open;
  for (std::uint32_t i = 0; i < 10; ++i) {
    co_await forwarder.open(4 * i + 1, "error", port, std::to_string(i));
    co_await forwarder.open(4 * i + 3, "data", port, std::to_string(i));
    co_await forwarder.send(spdy::Encoder::data(4 * i + 3, std::to_string(i), true));
  }
  for (std::uint32_t i = 0; i < 10; ++i) {
    co_await forwarder.read_until_end(4 * i + 1);
    EXPECT_EQ(forwarder.data[4 * i + 3], "<" + std::to_string(i) + ">");
  }
  co_await forwarder.close();
}

TEST_F(SpdyTest, ForwardsManyAtOnce) {
  run(async::when_all(echo(*pod, 10), forward_at_once(*client, port)));
}

Task<void> forward_nowhere(kube::Client& client, std::uint16_t port) {
  const std::unique_ptr<Forwarder> open = co_await connect(client);
  Forwarder& forwarder = *open;
  co_await forwarder.open(1, "error", port, "0");
  co_await forwarder.open(3, "data", port, "0");
  co_await forwarder.read_until_end(1);
  EXPECT_THAT(forwarder.data[1],
              HasSubstr("error forwarding port " + std::to_string(port) + " to pod p, uid u1: "));
  EXPECT_EQ(forwarder.resets.size(), 2U);
  co_await forwarder.close();
}

TEST_F(SpdyTest, TellsThatNobodyListens) {
  pod.reset();
  run(forward_nowhere(*client, port));
}

Task<void> open_badly(kube::Client& client) {
  const std::unique_ptr<Forwarder> open = co_await connect(client);
  Forwarder& forwarder = *open;
  const auto reset = [&forwarder](std::uint32_t stream) { return forwarder.resets[stream]; };
  co_await forwarder.open(1, "error", 0, "0");
  co_await forwarder.read_until_end(1);
  EXPECT_EQ(reset(1), 5U);
  co_await forwarder.open(3, "video", 80, "0");
  co_await forwarder.read_until_end(3);
  EXPECT_EQ(reset(3), 5U);
  co_await forwarder.open(2, "data", 80, "0");  // a number of ours
  co_await forwarder.read_until_end(2);
  EXPECT_EQ(reset(2), 1U);
  co_await forwarder.open(5, "data", 80, "0");
  co_await forwarder.open(7, "data", 80, "0");  // the same once more
  co_await forwarder.read_until_end(7);
  EXPECT_EQ(reset(7), 5U);
  // One that waits for its second stream is given up.
  co_await forwarder.send(spdy::Encoder::reset(5, 5));
  co_await forwarder.send(spdy::Encoder::data(5, "nobody reads this", false));
  // What is no frame ends the connection.
  co_await forwarder.send("\xff\xff\xff\xff\xff\xff\xff\xff");
  co_await forwarder.read_until_end(99);
}

TEST_F(SpdyTest, RefusesStreamsThatMakeNoSense) {
  run(open_badly(*client));
  run(settle());
  EXPECT_EQ(budget.used(), 0U);
}

/// Takes a connection and reads nothing, as long as it is told.
Task<void> ignore(net::Listener& listener, const bool& done) {
  const auto stream = *co_await net::testing::accept(listener);
  while (!done) {
    static_cast<void>(co_await async::sleep_for(1s));
  }
}

Task<void> forward_to_the_deaf(kube::Client& client, std::uint16_t deaf, std::uint16_t port,
                               bool& done) {
  const std::unique_ptr<Forwarder> open = co_await connect(client);
  Forwarder& forwarder = *open;
  co_await forwarder.open(1, "error", deaf, "0");
  co_await forwarder.open(3, "data", deaf, "0");
  const std::string piece(64 << 10, 'x');
  for (int i = 0; i < 64; ++i) {
    co_await forwarder.send(spdy::Encoder::data(3, piece, false));
  }
  co_await forwarder.open(5, "error", port, "1");
  co_await forwarder.open(7, "data", port, "1");
  co_await forwarder.send(spdy::Encoder::data(7, "hello", true));
  const Instant before = client.loop().now();
  co_await forwarder.read_until_end(3, 60s);
  co_await forwarder.read_until_end(5, 60s);
  EXPECT_EQ(forwarder.resets[3], 5U);
  EXPECT_EQ(forwarder.data[7], "<hello>");
  EXPECT_LT(client.loop().now() - before, 40s);
  done = true;
  co_await forwarder.close();
}

TEST_F(SpdyTest, GivesUpAPodThatDoesNotRead) {
  auto deaf = *network.listen({.ip = net::IpAddress::loopback(), .port = 0}, {});
  bool done = false;
  run(async::when_all(ignore(*deaf, done), echo(*pod, 1),
                      forward_to_the_deaf(*client, deaf->local().port, port, done)));
}

Task<void> accept_and_wait(net::Listener& listener, bool& hung_up) {
  auto stream = *co_await net::testing::accept(listener);
  const auto text = co_await net::testing::read_to_end(*stream);
  hung_up = true;
}

Task<void> give_up(kube::Client& client, std::uint16_t port) {
  const std::unique_ptr<Forwarder> open = co_await connect(client);
  Forwarder& forwarder = *open;
  co_await forwarder.open(1, "error", port, "0");
  co_await forwarder.open(3, "data", port, "0");
  co_await forwarder.send(spdy::Encoder::data(3, "x", false));
  static_cast<void>(co_await async::sleep_for(50ms));
  co_await forwarder.send(spdy::Encoder::reset(3, 5));
  co_await forwarder.send(spdy::Encoder::ping(3));
  while (forwarder.pongs.empty()) {
    forwarder.ended[3] = false;
    co_await forwarder.read_until_end(3);
  }
}

TEST_F(SpdyTest, ClosesTheConnectionOfAStreamThatIsReset) {
  bool hung_up = false;
  run(async::when_all(accept_and_wait(*pod, hung_up), give_up(*client, port)));
  EXPECT_TRUE(hung_up);
}

}  // namespace
}  // namespace kthena::apiserver
