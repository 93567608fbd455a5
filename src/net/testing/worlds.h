// What tests of streams share: the same test on real sockets and on the simulated network.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/simulated_loop.h"
#include "net/simulated_network.h"
#include "net/tcp.h"

namespace kthena::net::testing {

struct RealWorld {
  std::unique_ptr<async::EpollLoop> loop = *async::EpollLoop::create();
  TcpNetwork network{*loop};
};

/// Slow wires that cut everything into small pieces.
struct SimulatedWorld {
  explicit SimulatedWorld(std::uint64_t seed = 11)
      : loop(std::make_unique<async::SimulatedLoop>(seed)) {}
  std::unique_ptr<async::SimulatedLoop> loop;
  SimulatedNetwork network{*loop,
                           {.latency = std::chrono::milliseconds(1),
                            .jitter = std::chrono::milliseconds(1),
                            .max_slice = 100,
                            .max_write = 300}};
};
using Worlds = ::testing::Types<RealWorld, SimulatedWorld>;

inline async::Task<Result<std::unique_ptr<Stream>>> accept(Listener& listener) {
  while (true) {
    auto stream = CO_TRY(listener.try_accept());
    if (stream != nullptr) {
      co_return stream;
    }
    CO_TRY(co_await async::wait_io(listener.io(), async::Interest::Read));
  }
}

inline async::Task<Result<std::string>> read_to_end(Stream& stream) {
  std::string all;
  const auto buffer = std::make_unique<std::array<char, 4096>>();
  while (true) {
    const std::size_t count = CO_TRY(co_await read_some(stream, *buffer));
    if (count == 0) {
      co_return all;
    }
    all.append(buffer->data(), count);
  }
}

inline async::Task<Result<>> write_then_end(Stream& stream, std::string_view text) {
  CO_TRY(co_await write_all(stream, text));
  stream.shutdown_write();
  co_return {};
}

/// Two ends of a connection.
struct Pair {
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};
inline async::Task<Pair> make_pair(Network& network) {
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

/// Numbers one after the other: a place that is lost or doubled shows.
inline std::string counting_text(std::size_t at_least) {
  std::string text;
  for (int i = 0; text.size() < at_least; ++i) {
    text += std::to_string(i);
    text += ' ';
  }
  return text;
}

}  // namespace kthena::net::testing
