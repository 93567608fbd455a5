// The same test on real sockets and on the simulated network.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "async/epoll_loop.h"
#include "async/simulated_loop.h"
#include "net/simulated_network.h"
#include "net/tcp.h"
#include "net/testing/streams.h"

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

}  // namespace kthena::net::testing
