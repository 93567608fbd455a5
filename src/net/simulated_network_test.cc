#include "net/simulated_network.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "async/time.h"
#include "net/testing/worlds.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;
using async::Task;
using testing::counting_text;
using testing::make_pair;
using testing::Pair;
using testing::read_to_end;
using testing::SimulatedWorld;
using testing::write_then_end;

Task<ErrorCode> connect_within(Network& network, SocketAddress address, Duration limit) {
  const async::DeadlineScope deadline(co_await async::this_task(), limit);
  const auto stream = co_await network.connect(address);
  co_return stream ? ErrorCode::Internal : stream.error().code();
}

Task<ErrorCode> read_within(Stream& stream, Duration limit) {
  const async::DeadlineScope deadline(co_await async::this_task(), limit);
  char buffer[16];
  const auto count = co_await read_some(stream, buffer);
  co_return count ? ErrorCode::Internal : count.error().code();
}

Task<std::string> through_black_hole(SimulatedNetwork& network, std::string_view text) {
  const Pair pair = co_await make_pair(network);
  const SocketAddress address = pair.listener->local();
  CHECK(co_await write_all(*pair.client, text.substr(0, 1000)));
  co_await async::sleep_for(10ms);
  network.black_hole(address, true);
  CHECK(co_await write_then_end(*pair.client, text.substr(1000)));
  CHECK(co_await connect_within(network, address, 1h) == ErrorCode::DeadlineExceeded);
  char buffer[4096];
  std::string got;
  while (pair.server->io().readable()) {
    got.append(buffer, (co_await read_some(*pair.server, buffer)).value());
  }
  CHECK_EQ(got.size(), 1000U);
  CHECK(co_await read_within(*pair.server, 1h) == ErrorCode::DeadlineExceeded);
  network.black_hole(address, false);
  co_return got + (co_await read_to_end(*pair.server)).value_or("failed");
}
TEST(SimulatedNetwork, ABlackHoleHoldsBackAndLosesNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SimulatedWorld world(seed);
    const std::string text = counting_text(20'000);
    EXPECT_EQ(run_until_done(*world.loop, through_black_hole(world.network, text)), text);
  }
}

Task<std::pair<ErrorCode, ErrorCode>> cut_network(SimulatedNetwork& network) {
  const Pair pair = co_await make_pair(network);
  const Pair other = co_await make_pair(network);
  network.cut(pair.listener->local());
  const std::pair ends(co_await read_within(*pair.client, 1h),
                       co_await read_within(*pair.server, 1h));
  CHECK(co_await read_within(*other.client, 1h) == ErrorCode::DeadlineExceeded);
  co_return ends;
}
TEST(SimulatedNetwork, CutResetsBothEndsOfThatAddressOnly) {
  SimulatedWorld world;
  EXPECT_EQ(run_until_done(*world.loop, cut_network(world.network)),
            std::pair(ErrorCode::Disconnected, ErrorCode::Disconnected));
  EXPECT_EQ(world.network.open_streams(), 0U);
}

Task<bool> refuse_and_take_again(SimulatedNetwork& network) {
  const auto listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  network.refuse(listener->local(), true);
  CHECK(co_await connect_within(network, listener->local(), 1h) == ErrorCode::Unavailable);
  network.refuse(listener->local(), false);
  co_return (co_await network.connect(listener->local())).has_value();
}
TEST(SimulatedNetwork, RefusesUntilItIsToldNotTo) {
  SimulatedWorld world;
  EXPECT_TRUE(run_until_done(*world.loop, refuse_and_take_again(world.network)));
}

Task<Duration> travel_time(Network& network) {
  const Pair pair = co_await make_pair(network);
  const Instant start = network.loop().now();
  CHECK(co_await write_all(*pair.client, "x"));
  char byte = 0;
  CHECK(co_await read_some(*pair.server, std::span(&byte, 1)));
  co_return network.loop().now() - start;
}
TEST(SimulatedNetwork, APieceTakesItsLatency) {
  async::SimulatedLoop loop(1);
  SimulatedNetwork network(loop, {.latency = 7ms});
  EXPECT_EQ(run_until_done(loop, travel_time(network)), 7ms);
}

/// In which order the readers of many connections learn that they were cut.
Task<std::vector<int>> order_of_cut(SimulatedNetwork& network) {
  std::vector<int> order;
  const auto listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  std::vector<std::unique_ptr<Stream>> streams;
  async::TaskScope scope(network.loop());
  for (int i = 0; i < 50; ++i) {
    streams.push_back(*co_await network.connect(listener->local()));
    scope.spawn([](Stream& stream, std::vector<int>& into, int id) -> Task<void> {
      CHECK(co_await read_within(stream, 1h) == ErrorCode::Disconnected);
      into.push_back(id);
    }(*streams.back(), order, i));
  }
  co_await async::sleep_for(1ms);
  network.cut(listener->local());
  co_await scope.join();
  co_return order;
}
TEST(SimulatedNetwork, ASeedRepeatsTheRunWhereverObjectsLie) {
  std::vector<std::vector<int>> orders;
  for (int run = 0; run < 2; ++run) {
    // Memory of the first run is kept, so that the second one gets other addresses.
    static std::vector<std::unique_ptr<std::string>> kept;
    for (int i = 0; i < 100; ++i) {
      kept.push_back(std::make_unique<std::string>(static_cast<std::size_t>(100 + i * 7), 'x'));
    }
    SimulatedWorld world(9);
    orders.push_back(run_until_done(*world.loop, order_of_cut(world.network)));
  }
  EXPECT_EQ(orders[0], orders[1]);
}

}  // namespace
}  // namespace kthena::net
