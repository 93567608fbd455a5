#include "net/stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

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

template <class World>
class Streams : public ::testing::Test {
 protected:
  World world_;
};
TYPED_TEST_SUITE(Streams, testing::Worlds);

Task<std::string> transfer(Network& network, std::string_view text) {
  const Pair pair = co_await make_pair(network);
  auto [written, got] =
      co_await async::when_all(write_then_end(*pair.client, text), read_to_end(*pair.server));
  CHECK(written);
  co_return got.value_or("failed");
}
TYPED_TEST(Streams, CarriesAMegabyteWithBackPressure) {
  const std::string text = counting_text(1 << 20);
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
