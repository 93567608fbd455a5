// What a stream costs over loopback, with and without TLS; both ends on one thread.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>

#include "async/epoll_loop.h"
#include "async/scope.h"
#include "async/time.h"
#include "net/tcp.h"
#include "net/testing/certificates.h"
#include "net/testing/streams.h"
#include "net/tls.h"

namespace kthena::net {
namespace {

using async::Task;

enum class Security : std::uint8_t { Plain, Tls };

struct Contexts {
  testing::CertificateAuthority authority{"bench"};
  testing::Certificate certificate = authority.issue({.dns_names = {"bench.test"}});
  TlsContext server = *TlsContext::server({.certificate_pem = certificate.certificate_pem,
                                           .private_key_pem = certificate.private_key_pem,
                                           .alpn = {},
                                           .client_ca_pem = {}});
  TlsContext client = *TlsContext::client(trusting(authority.certificate_pem()));

  static TlsClientOptions trusting(const std::string& pem) {
    TlsClientOptions options;
    options.ca_pem = pem;
    return options;
  }
};

struct Ends {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};
Task<Ends> connect(Network& network, Listener& listener, const Contexts& contexts,
                   Security security) {
  auto [client, server] =
      co_await async::when_all(network.connect(listener.local()), testing::accept(listener));
  Ends ends{.client = *std::move(client), .server = *std::move(server)};
  if (security == Security::Tls) {
    auto [tls_client, tls_server] =
        co_await async::when_all(tls_connect(std::move(ends.client), contexts.client, "bench.test"),
                                 tls_accept(std::move(ends.server), contexts.server));
    ends.client = *std::move(tls_client);
    ends.server = *std::move(tls_server);
  }
  co_return ends;
}

Task<void> swallow(Stream& stream, std::size_t& total) {
  const auto buffer = std::make_unique<std::array<char, 64 << 10>>();
  while (true) {
    const auto count = co_await read_some(stream, *buffer);
    if (!count || *count == 0) {
      co_return;
    }
    total += *count;
  }
}

Task<void> send_often(benchmark::State& state, Network& network, Security security) {
  const Contexts contexts;
  const auto listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  const Ends ends = co_await connect(network, *listener, contexts, security);
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  std::size_t total = 0;
  async::TaskScope scope(network.loop());
  scope.spawn(swallow(*ends.server, total));
  std::size_t sent = 0;
  for (auto _ : state) {
    CHECK(co_await write_all(*ends.client, text));
    sent += text.size();
    while (total < sent) {
      co_await async::yield();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(total));
  ends.client->shutdown_write();
  co_await scope.join();
}
template <Security kSecurity>
void message(benchmark::State& state) {
  const auto loop = *async::EpollLoop::create();
  TcpNetwork network(*loop);
  run_until_done(*loop, send_often(state, network, kSecurity));
}
BENCHMARK(message<Security::Plain>)->Arg(240)->Arg(16 << 10)->Arg(256 << 10);
BENCHMARK(message<Security::Tls>)->Arg(240)->Arg(16 << 10)->Arg(256 << 10);

Task<void> connect_often(benchmark::State& state, Network& network, Security security) {
  const Contexts contexts;
  const auto listener = *network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  for (auto _ : state) {
    const Ends ends = co_await connect(network, *listener, contexts, security);
    ends.client->reset_on_close();  // leaves no port behind that has to wait
  }
}
/// A connection made, both handshakes done, and closed again.
template <Security kSecurity>
void connection(benchmark::State& state) {
  const auto loop = *async::EpollLoop::create();
  TcpNetwork network(*loop);
  run_until_done(*loop, connect_often(state, network, kSecurity));
}
BENCHMARK(connection<Security::Plain>);
BENCHMARK(connection<Security::Tls>);

}  // namespace
}  // namespace kthena::net
