#include "net/tls_server_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "async/combine.h"
#include "async/time.h"
#include "base/check.h"
#include "net/certificate_authority.h"
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
using ::testing::ElementsAre;

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

WallTime machine_time() { return std::chrono::system_clock::now(); }

/// A client's certificate of an authority of our own that asks and does not insist.
struct ClientIdentity {
  CertificatePair authority = *make_authority(
      {.common_name = "clients", .organization = {}, .dns_names = {}, .ip_addresses = {}},
      {.not_before = machine_time() - 1h, .not_after = machine_time() + 1h});

  CertificatePair issue(Validity validity) const {
    return *issue_client_certificate(
        authority, {.common_name = "kim", .organizations = {"system:masters", "ops"}}, validity);
  }
  CertificatePair issue() const {
    return issue({.not_before = machine_time() - 1h, .not_after = machine_time() + 1h});
  }
  TlsContext server(const Identity& identity) const {
    return *TlsContext::server(
        {.certificate_pem = identity.certificate.certificate_pem,
         .private_key_pem = identity.certificate.private_key_pem,
         .alpn = {},
         .client_ca_pem = authority.certificate_pem,
         .client_certificate = TlsServerOptions::ClientCertificate::Requested});
  }
};

TlsContext client_showing(const Identity& server, const CertificatePair& pair) {
  TlsClientOptions options;
  options.ca_pem = server.authority.certificate_pem();
  options.certificate_pem = pair.certificate_pem;
  options.private_key_pem = pair.private_key_pem;
  return *TlsContext::client(options);
}

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

/// What the server sees of a client with that context.
Task<std::optional<PeerCertificate>> seen(Network& below, TlsContext server, TlsContext client) {
  TlsServerNetwork network(below, std::move(server));
  TlsNetwork clients(below, std::move(client), "hook.test");
  auto listener = *network.listen(any_port(), {});
  auto [accepted, connected] =
      co_await async::when_all(testing::accept(*listener), clients.connect(listener->local()));
  EXPECT_TRUE(accepted && connected);
  std::optional<PeerCertificate> certificate;
  if (accepted && (*accepted)->peer_certificate() != nullptr) {
    certificate = *(*accepted)->peer_certificate();
  }
  listener.reset();
  co_await network.stop();
  co_return certificate;
}

Task<void> names_clients(Network& below, const Identity& identity, const ClientIdentity& clients) {
  EXPECT_FALSE(co_await seen(below, clients.server(identity), identity.client()));

  const CertificatePair own = clients.issue();
  const auto accepted =
      co_await seen(below, clients.server(identity), client_showing(identity, own));
  CHECK(accepted);
  EXPECT_EQ(accepted->common_name, "kim");
  EXPECT_THAT(accepted->organizations, ElementsAre("system:masters", "ops"));
  EXPECT_EQ(accepted->refusal, "");
  EXPECT_EQ(accepted->sha256.size(), 64U);
  EXPECT_EQ(accepted->not_after, read_certificate(own.certificate_pem)->validity.not_after);
}

TYPED_TEST(TlsServerNetworkTest, TellsWhomTheCertificateOfAClientNames) {
  async::run_until_done(*this->world.loop,
                        names_clients(this->world.network, this->identity, ClientIdentity()));
}

Task<void> doubts_clients(Network& below, const Identity& identity, const ClientIdentity& clients) {
  const auto others = co_await seen(below, clients.server(identity),
                                    client_showing(identity, ClientIdentity().issue()));
  CHECK(others);
  EXPECT_EQ(others->common_name, "kim");
  EXPECT_NE(others->refusal, "");

  const CertificatePair old =
      clients.issue({.not_before = machine_time() - 2h, .not_after = machine_time() - 1h});
  const auto expired =
      co_await seen(below, clients.server(identity), client_showing(identity, old));
  CHECK(expired);
  EXPECT_EQ(expired->refusal, "certificate has expired");

  // One that a server shows is not for clients.
  const CertificatePair server = *issue_server_certificate(
      clients.authority,
      {.common_name = "kim", .organization = {}, .dns_names = {"kim"}, .ip_addresses = {}},
      {.not_before = machine_time() - 1h, .not_after = machine_time() + 1h});
  const auto misused =
      co_await seen(below, clients.server(identity), client_showing(identity, server));
  CHECK(misused);
  EXPECT_NE(misused->refusal, "");
}

TYPED_TEST(TlsServerNetworkTest, TakesCertificatesItDoesNotTrustAndSaysSo) {
  async::run_until_done(*this->world.loop,
                        doubts_clients(this->world.network, this->identity, ClientIdentity()));
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
