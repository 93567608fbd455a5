#include "net/tls_server_network.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "async/combine.h"
#include "async/time.h"
#include "net/testing/certificates.h"
#include "net/testing/streams.h"
#include "net/testing/worlds.h"
#include "net/tls.h"
#include "net/tls_network.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;
using async::Task;
using testing::CertificateAuthority;

/// A server's certificate and those who trust it.
struct Identity {
  CertificateAuthority authority{"test authority"};
  testing::Certificate certificate =
      authority.issue({.dns_names = {"hook.test"}, .ip_addresses = {}});

  TlsContext server() const {
    return *TlsContext::server({.certificate_pem = certificate.certificate_pem,
                                .private_key_pem = certificate.private_key_pem,
                                .alpn = {},
                                .client_ca_pem = {}});
  }
  TlsContext client() const {
    TlsClientOptions options;
    options.ca_pem = authority.certificate_pem();
    return *TlsContext::client(options);
  }
};

template <class World>
class TlsServerNetworkTest : public ::testing::Test {
 public:
  World world;
  Identity identity;
};
TYPED_TEST_SUITE(TlsServerNetworkTest, testing::Worlds);

Task<Result<std::string>> answer_one(Listener& listener, std::string_view text) {
  auto stream = CO_TRY(co_await testing::accept(listener));
  CO_TRY(co_await testing::write_then_end(*stream, text));
  co_return std::string("answered");
}

Task<Result<std::string>> ask(Network& network, SocketAddress address) {
  auto stream = CO_TRY(co_await network.connect(address));
  co_return co_await testing::read_to_end(*stream);
}

SocketAddress any_port() { return {.ip = IpAddress::loopback(), .port = 0}; }

Task<void> serves_after_a_silent_client(Network& below, const Identity& identity) {
  TlsServerNetwork network(below, identity.server(), {.handshake_timeout = 50ms});
  TlsNetwork clients(below, identity.client(), "hook.test");
  auto listener = *network.listen(any_port(), {});
  // One that says nothing must not keep the others waiting.
  auto silent = co_await below.connect(listener->local());
  auto [answered, text] =
      co_await async::when_all(answer_one(*listener, "hello"), ask(clients, listener->local()));
  EXPECT_TRUE(answered);
  EXPECT_EQ(text.value_or("none"), "hello");
  static_cast<void>(co_await async::sleep_for(100ms));
  EXPECT_EQ(network.stats().handshakes, 1U);
  EXPECT_EQ(network.stats().failures, 1U);
  listener.reset();
  co_await network.stop();
}

TYPED_TEST(TlsServerNetworkTest, ServesWhileAClientSaysNothing) {
  async::run_until_done(*this->world.loop,
                        serves_after_a_silent_client(this->world.network, this->identity));
}

Task<void> answer_three(Listener& listener) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(co_await answer_one(listener, "hello"));
  }
}

Task<void> serves_all(Network& below, const Identity& identity) {
  TlsServerNetwork network(below, identity.server(), {.max_handshakes = 1});
  TlsNetwork clients(below, identity.client(), "hook.test");
  auto listener = *network.listen(any_port(), {});
  async::TaskScope server(below.loop());
  server.spawn(answer_three(*listener));
  auto [x, y, z] =
      co_await async::when_all(ask(clients, listener->local()), ask(clients, listener->local()),
                               ask(clients, listener->local()));
  EXPECT_EQ(x.value_or("none"), "hello");
  EXPECT_EQ(y.value_or("none"), "hello");
  EXPECT_EQ(z.value_or("none"), "hello");
  co_await server.join();
  listener.reset();
  co_await network.stop();
}

TYPED_TEST(TlsServerNetworkTest, LetsConnectionsBeyondTheLimitOfHandshakesWait) {
  async::run_until_done(*this->world.loop, serves_all(this->world.network, this->identity));
}

Task<void> changes_certificates(Network& below, const Identity& before, const Identity& after) {
  TlsServerNetwork network(below, before.server());
  TlsNetwork trusts_before(below, before.client(), "hook.test");
  TlsNetwork trusts_after(below, after.client(), "hook.test");
  auto listener = *network.listen(any_port(), {});
  auto [old_server, old_client] = co_await async::when_all(
      testing::accept(*listener), trusts_before.connect(listener->local()));
  EXPECT_TRUE(old_server && old_client);

  network.set_context(after.server());
  auto [answered, text] =
      co_await async::when_all(answer_one(*listener, "new"), ask(trusts_after, listener->local()));
  EXPECT_EQ(text.value_or("none"), "new");
  EXPECT_FALSE(co_await trusts_before.connect(listener->local()));
  // The connection that was there goes on.
  auto [sent, read] = co_await async::when_all(testing::write_then_end(**old_server, "still here"),
                                               testing::read_to_end(**old_client));
  EXPECT_EQ(read.value_or("none"), "still here");
  listener.reset();
  co_await network.stop();
}

TYPED_TEST(TlsServerNetworkTest, TakesOtherCertificatesWithoutCuttingConnections) {
  async::run_until_done(*this->world.loop,
                        changes_certificates(this->world.network, this->identity, Identity()));
}

Task<void> stops(Network& below, const Identity& identity) {
  TlsServerNetwork network(below, identity.server());
  auto listener = *network.listen(any_port(), {});
  auto silent = co_await below.connect(listener->local());
  static_cast<void>(co_await async::sleep_for(20ms));
  listener.reset();
  co_await network.stop();
  EXPECT_EQ(network.stats().failures, 1U);
  EXPECT_FALSE(co_await network.connect(any_port()));
}

TYPED_TEST(TlsServerNetworkTest, StopsInTheMiddleOfAHandshake) {
  async::run_until_done(*this->world.loop, stops(this->world.network, this->identity));
}

}  // namespace
}  // namespace kthena::net
