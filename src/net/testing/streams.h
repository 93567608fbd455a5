// Short cuts for tests that need connected streams.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "async/combine.h"
#include "base/check.h"
#include "net/stream.h"

namespace kthena::net::testing {

/// The next connection.
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
