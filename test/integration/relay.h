// What stands between a client and a server in tests, to be cut and held.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "async/channel.h"
#include "async/combine.h"
#include "async/io_source.h"
#include "async/scope.h"
#include "net/stream.h"

namespace kthena::kube::testing {

/// Passes connections on to a server. One shard; stop() before it is destroyed.
class Relay {
 public:
  Relay(net::Network& network, net::SocketAddress server)
      : network_(network),
        server_(server),
        listener_(*network.listen({.ip = net::IpAddress::loopback(), .port = 0}, {})),
        accepting_(network.loop()) {
    open();
    release();
    accepting_.spawn(accept());
  }

  net::SocketAddress address() const { return listener_->local(); }

  /// Breaks all connections; new ones are broken at once, until open().
  async::Task<void> cut() { co_await connections_->stop(); }
  void open() { connections_.emplace(network_.loop()); }

  /// Keeps what clients send from now on, until release().
  void hold() { released_.reset(); }
  void release() { released_.set(); }

  async::Task<void> stop() {
    co_await accepting_.stop();
    co_await connections_->stop();
  }

 private:
  async::Task<void> accept() {
    while (co_await async::wait_io(listener_->io(), async::Interest::Read)) {
      auto stream = listener_->try_accept();
      if (stream && *stream != nullptr) {
        connections_->spawn(serve(*std::move(stream)));
      }
    }
  }

  async::Task<void> serve(std::unique_ptr<net::Stream> client) {
    const auto server = co_await network_.connect(server_);
    if (server) {
      co_await async::when_all(pass(*client, **server, &released_),
                               pass(**server, *client, nullptr));
    }
  }

  /// @param gate  closed: nothing passes; null: there is none
  static async::Task<void> pass(net::Stream& from, net::Stream& to, async::Event* gate) {
    const auto buffer = std::make_unique<std::array<char, 16384>>();
    while (true) {
      const auto count = co_await net::read_some(from, *buffer);
      if (!count || *count == 0 || (gate != nullptr && !co_await gate->wait()) ||
          !co_await net::write_all(to, {buffer->data(), *count})) {
        to.shutdown_write();
        co_return;
      }
    }
  }

  net::Network& network_;
  net::SocketAddress server_;
  std::unique_ptr<net::Listener> listener_;
  async::Event released_;
  std::optional<async::TaskScope> connections_;
  async::TaskScope accepting_;
};

}  // namespace kthena::kube::testing
