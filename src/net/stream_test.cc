#include "net/stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"
#include "net/simulated_network.h"
#include "net/tcp.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;
using async::Task;

/// The same tests on real sockets and on the simulated network.
struct RealWorld {
  std::unique_ptr<async::EpollLoop> loop = *async::EpollLoop::create();
  TcpNetwork network{*loop};
};
struct SimulatedWorld {
  std::unique_ptr<async::SimulatedLoop> loop = std::make_unique<async::SimulatedLoop>(11);
  SimulatedNetwork network{*loop,
                           {.latency = 1ms, .jitter = 1ms, .max_slice = 100, .max_write = 300}};
};

template <class World>
class Streams : public ::testing::Test {
 protected:
  World world_;
};
using Worlds = ::testing::Types<RealWorld, SimulatedWorld>;
TYPED_TEST_SUITE(Streams, Worlds);

Task<Result<std::unique_ptr<Stream>>> accept(Listener& listener) {
  while (true) {
    auto stream = CO_TRY(listener.try_accept());
    if (stream != nullptr) {
      co_return stream;
    }
    CO_TRY(co_await async::wait_io(listener.io(), async::Interest::Read));
  }
}

Task<Result<std::string>> read_to_end(Stream& stream) {
  std::string all;
  char buffer[4096];
  while (true) {
    const std::size_t count = CO_TRY(co_await read_some(stream, buffer));
    if (count == 0) {
      co_return all;
    }
    all.append(buffer, count);
  }
}

struct Pair {
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};
Task<Pair> make_pair(Network& network) {
  Pair pair;
  pair.listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  auto [client, server] =
      co_await async::when_all(network.connect(pair.listener->local()), accept(*pair.listener));
  CHECK(client);
  CHECK(server);
  pair.client = *std::move(client);
  pair.server = *std::move(server);
  co_return pair;
}

Task<Result<>> write_then_end(Stream& stream, std::string_view text) {
  CO_TRY(co_await write_all(stream, text));
  stream.shutdown_write();
  co_return {};
}

Task<std::string> transfer(Network& network, std::string_view text) {
  const Pair pair = co_await make_pair(network);
  auto [written, got] =
      co_await async::when_all(write_then_end(*pair.client, text), read_to_end(*pair.server));
  CHECK(written);
  co_return got.value_or("failed");
}
TYPED_TEST(Streams, CarriesAMegabyteWithBackPressure) {
  std::string text;
  for (int i = 0; text.size() < (1 << 20); ++i) {
    text += std::to_string(i);
  }
  EXPECT_EQ(run_until_done(*this->world_.loop, transfer(this->world_.network, text)), text);
}

Task<ErrorCode> refused(Network& network) {
  SocketAddress address;
  {
    const auto listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
    address = listener->local();
  }
  co_return (co_await network.connect(address)).error().code();
}
TYPED_TEST(Streams, RefusedConnectionIsUnavailable) {
  EXPECT_EQ(run_until_done(*this->world_.loop, refused(this->world_.network)),
            ErrorCode::Unavailable);
}

Task<Error> reset_by_peer(Network& network) {
  Pair pair = co_await make_pair(network);
  pair.server->reset_on_close();
  pair.server.reset();
  char buffer[16];
  co_return (co_await read_some(*pair.client, buffer)).error();
}
TYPED_TEST(Streams, ResetIsAnErrorNotAnEnd) {
  EXPECT_EQ(run_until_done(*this->world_.loop, reset_by_peer(this->world_.network)),
            Error(ErrorCode::Disconnected, "Connection reset by peer"));
}

Task<ErrorCode> read_with_deadline(Network& network) {
  const Pair pair = co_await make_pair(network);
  const async::DeadlineScope limit(co_await async::this_task(), 5ms);
  char buffer[16];
  co_return (co_await read_some(*pair.client, buffer)).error().code();
}
TYPED_TEST(Streams, ReadHonoursDeadline) {
  EXPECT_EQ(run_until_done(*this->world_.loop, read_with_deadline(this->world_.network)),
            ErrorCode::DeadlineExceeded);
}

Task<bool> hang_up_is_seen_without_reading(Network& network) {
  Pair pair = co_await make_pair(network);
  CHECK(co_await write_all(*pair.server, "unread"));
  pair.server.reset();
  for (int i = 0; i < 100 && !pair.client->io().hung_up(); ++i) {
    co_await async::sleep_for(1ms);
  }
  co_return pair.client->io().hung_up();
}
TYPED_TEST(Streams, HangUpIsSeenWithoutReading) {
  EXPECT_TRUE(
      run_until_done(*this->world_.loop, hang_up_is_seen_without_reading(this->world_.network)));
}

TYPED_TEST(Streams, AddressInUseSaysSo) {
  const auto first = *this->world_.network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  const auto second = this->world_.network.listen(first->local(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::AlreadyExists);
}

Task<ErrorCode> black_hole(SimulatedNetwork& network) {
  const Pair pair = co_await make_pair(network);
  network.black_hole(pair.listener->local(), true);
  CHECK(co_await write_all(*pair.client, "lost"));
  const async::DeadlineScope limit(co_await async::this_task(), 1h);
  char buffer[16];
  co_return (co_await read_some(*pair.server, buffer)).error().code();
}
TEST(SimulatedNetwork, BlackHoleSwallowsWhatIsSent) {
  SimulatedWorld world;
  EXPECT_EQ(run_until_done(*world.loop, black_hole(world.network)), ErrorCode::DeadlineExceeded);
}

Task<ErrorCode> cut_network(SimulatedNetwork& network) {
  const Pair pair = co_await make_pair(network);
  network.cut(pair.listener->local());
  char buffer[16];
  co_return (co_await read_some(*pair.client, buffer)).error().code();
}
TEST(SimulatedNetwork, CutResetsBothEnds) {
  SimulatedWorld world;
  EXPECT_EQ(run_until_done(*world.loop, cut_network(world.network)), ErrorCode::Disconnected);
  EXPECT_EQ(world.network.open_streams(), 0U);
}

}  // namespace
}  // namespace kthena::net
