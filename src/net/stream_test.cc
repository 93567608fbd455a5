#include "net/stream.h"

#include <gtest/gtest.h>

#include <array>
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

/// Writes until the peer, which is gone, is found out.
Task<ErrorCode> write_to_closed_peer(Network& network) {
  Pair pair = co_await make_pair(network);
  pair.server.reset();
  const std::string text = counting_text(1 << 20);
  for (int i = 0; i < 100; ++i) {
    if (const auto written = co_await write_all(*pair.client, text); !written) {
      co_return written.error().code();
    }
  }
  co_return ErrorCode::Internal;
}
TYPED_TEST(Streams, WritingToAPeerThatClosedFails) {
  EXPECT_EQ(run_until_done(*this->world_.loop, write_to_closed_peer(this->world_.network)),
            ErrorCode::Disconnected);
}

Task<std::string> half_close(Network& network) {
  const Pair pair = co_await make_pair(network);
  CHECK(co_await write_then_end(*pair.client, "question"));
  const auto question = co_await read_to_end(*pair.server);
  CHECK(co_await write_then_end(*pair.server, "answer to " + question.value_or("?")));
  co_return (co_await read_to_end(*pair.client)).value_or("failed");
}
TYPED_TEST(Streams, ReadsOnAfterItsOwnEnd) {
  EXPECT_EQ(run_until_done(*this->world_.loop, half_close(this->world_.network)),
            "answer to question");
}

Task<bool> many_parts(Network& network) {
  const Pair pair = co_await make_pair(network);
  // More than one system call takes, most of them empty.
  std::vector<std::string> texts;
  std::string all;
  for (int i = 0; i < 100; ++i) {
    texts.push_back(i < 40 || i % 3 == 0 ? std::string() : std::to_string(i) + ",");
    all += texts.back();
  }
  std::vector<std::string_view> parts(texts.begin(), texts.end());
  const IoOutcome outcome = pair.client->try_write(parts);
  CHECK(outcome.kind == IoOutcome::Kind::Bytes);
  auto [written, got] = co_await async::when_all(
      write_then_end(*pair.client, std::string_view(all).substr(outcome.bytes)),
      read_to_end(*pair.server));
  CHECK(written);
  co_return got == all;
}
TYPED_TEST(Streams, WritesManyPartsInOrder) {
  EXPECT_TRUE(run_until_done(*this->world_.loop, many_parts(this->world_.network)));
}

/// Fills the way until no more is taken.
Task<void> stop_and_go(Network& network) {
  const Pair pair = co_await make_pair(network);
  const std::string text = counting_text(1 << 20);
  std::string_view left = text;
  async::IoSource& io = pair.client->io();
  while (true) {
    const std::array parts = {left};
    const IoOutcome outcome = pair.client->try_write(parts);
    if (outcome.kind == IoOutcome::Kind::WouldBlock) {
      break;
    }
    left.remove_prefix(outcome.bytes);
    if (left.size() < 1000) {
      left = text;
    }
  }
  CHECK(!io.writable());
  {
    const async::DeadlineScope limit(co_await async::this_task(), 5ms);
    CHECK(!co_await async::wait_io(io, async::Interest::Write));
  }
  async::TaskScope reader((co_await async::this_task()).context->loop());
  reader.spawn([](Stream& stream) -> Task<void> { co_await read_to_end(stream); }(*pair.server));
  CHECK(co_await async::wait_io(io, async::Interest::Write));
  co_await reader.stop();
}
TYPED_TEST(Streams, WriterWaitsUntilTheReaderMakesRoom) {
  run_until_done(*this->world_.loop, stop_and_go(this->world_.network));
}

Task<SocketAddress> peer_address(Network& network) {
  const auto listener = *network.listen({.ip = IpAddress::any(), .port = 0}, {});
  const SocketAddress address{.ip = IpAddress::loopback(), .port = listener->local().port};
  auto [client, server] =
      co_await async::when_all(network.connect(address), testing::accept(*listener));
  CHECK(client);
  CHECK(server);
  CHECK((*client)->peer() == address);
  CHECK((*server)->peer() == (*client)->local());
  co_return (*server)->local();
}
TYPED_TEST(Streams, AListenerOnAnyAddressIsReachedOnLoopback) {
  EXPECT_NE(run_until_done(*this->world_.loop, peer_address(this->world_.network)).port, 0);
}

Task<Result<std::size_t>> listener_goes_away(Network& network) {
  auto listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  const auto client = co_await network.connect(listener->local());
  CHECK(client);
  listener.reset();
  char buffer[16];
  co_return co_await read_some(**client, buffer);
}
TYPED_TEST(Streams, ConnectionsThatWereNeverAcceptedAreReset) {
  EXPECT_EQ(run_until_done(*this->world_.loop, listener_goes_away(this->world_.network)).error(),
            Error(ErrorCode::Disconnected, "Connection reset by peer"));
}

}  // namespace
}  // namespace kthena::net
