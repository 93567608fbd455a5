#include "net/tls.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "async/time.h"
#include "net/testing/certificates.h"
#include "net/testing/worlds.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;
using async::Task;
using async::when_all;
using testing::CertificateAuthority;
using testing::counting_text;
using testing::Pair;
using testing::read_to_end;
using testing::write_then_end;

const CertificateAuthority& authority() {
  static const CertificateAuthority made("test authority");
  return made;
}

TlsContext server_context(
    const testing::CertificateOptions& options = {.dns_names = {"model.test"}},
    std::vector<std::string> alpn = {}) {
  const testing::Certificate certificate = authority().issue(options);
  return *TlsContext::server({.certificate_pem = certificate.certificate_pem,
                              .private_key_pem = certificate.private_key_pem,
                              .alpn = std::move(alpn),
                              .client_ca_pem = {}});
}

TlsClientOptions trusting(std::vector<std::string> alpn = {}) {
  TlsClientOptions options;
  options.ca_pem = authority().certificate_pem();
  options.alpn = std::move(alpn);
  return options;
}

using MaybeStream = Result<std::unique_ptr<Stream>>;

struct TlsPair {
  MaybeStream client;
  MaybeStream server;
};

Task<TlsPair> connect_tls(Network& network, TlsContext server, TlsContext client,
                          std::string_view name) {
  Pair raw = co_await testing::make_pair(network);
  auto [connected, accepted] = co_await when_all(tls_connect(std::move(raw.client), client, name),
                                                 tls_accept(std::move(raw.server), server));
  co_return TlsPair{.client = std::move(connected), .server = std::move(accepted)};
}

Task<TlsPair> usual_pair(Network& network) {
  TlsPair pair = co_await connect_tls(network, server_context(), *TlsContext::client(trusting()),
                                      "model.test");
  CHECK(pair.client);
  CHECK(pair.server);
  co_return pair;
}

template <class World>
class Tls : public ::testing::Test {
 protected:
  template <class T>
  T run(Task<T> task) {
    return run_until_done(*world_.loop, std::move(task));
  }
  Network& network() { return world_.network; }
  World world_;
};
TYPED_TEST_SUITE(Tls, testing::Worlds);

Task<std::pair<std::string, std::string>> both_ways(Network& network, std::string_view there,
                                                    std::string_view back) {
  const TlsPair pair = co_await usual_pair(network);
  auto [a, b, at_server, at_client] =
      co_await when_all(write_then_end(**pair.client, there), write_then_end(**pair.server, back),
                        read_to_end(**pair.server), read_to_end(**pair.client));
  CHECK(a);
  CHECK(b);
  co_return std::pair(at_server.value_or("failed"), at_client.value_or("failed"));
}
TYPED_TEST(Tls, CarriesMegabytesBothWaysAtOnceWithBackPressure) {
  const std::string there = counting_text(2 << 20);
  const std::string back = counting_text(1 << 20);
  const auto [at_server, at_client] = this->run(both_ways(this->network(), there, back));
  EXPECT_TRUE(at_server == there);
  EXPECT_TRUE(at_client == back);
}

Task<std::string> many_small_parts(Network& network) {
  const TlsPair pair = co_await usual_pair(network);
  const std::string long_part = counting_text(40'000);
  const std::array<std::string_view, 5> parts = {"HTTP/1.1 200 OK\r\n", "", "\r\n", long_part, "!"};
  const IoOutcome outcome = (*pair.client)->try_write(parts);
  CHECK(outcome.kind == IoOutcome::Kind::Bytes || outcome.kind == IoOutcome::Kind::WouldBlock);
  std::string all;
  for (const std::string_view part : parts) {
    all += part;
  }
  auto [written, got] =
      co_await when_all(write_then_end(**pair.client, std::string_view(all).substr(outcome.bytes)),
                        read_to_end(**pair.server));
  CHECK(written);
  co_return got.value_or("failed") == all ? "same" : "different";
}
TYPED_TEST(Tls, WritesPartsInOrder) {
  EXPECT_EQ(this->run(many_small_parts(this->network())), "same");
}

/// A reader that takes a few bytes at a time and waits for the flag each time: whatever OpenSSL or
/// the stream still hold must keep it set.
Task<Result<std::size_t>> nibble(Stream& stream) {
  std::size_t total = 0;
  char buffer[7];
  while (true) {
    CO_TRY(co_await async::wait_io(stream.io(), async::Interest::Read));
    const IoOutcome outcome = stream.try_read(buffer);
    if (outcome.kind == IoOutcome::Kind::End) {
      co_return total;
    }
    if (outcome.kind == IoOutcome::Kind::Failed) {
      co_return fail(io_error(outcome));
    }
    total += outcome.bytes;
    if (outcome.kind == IoOutcome::Kind::Bytes && outcome.bytes < sizeof(buffer) &&
        !stream.io().hung_up()) {
      // Short: nothing more may be there now, as the contract says.
      CHECK(stream.try_read(buffer).kind != IoOutcome::Kind::Bytes);
    }
  }
}
Task<std::size_t> nibble_all(Network& network, std::string_view text) {
  const TlsPair pair = co_await usual_pair(network);
  auto [written, got] =
      co_await when_all(write_then_end(**pair.client, text), nibble(**pair.server));
  CHECK(written);
  co_return got.value_or(0);
}
TYPED_TEST(Tls, StaysReadableWhileBytesAreBuffered) {
  const std::string text = counting_text(100'000);
  EXPECT_EQ(this->run(nibble_all(this->network(), text)), text.size());
}

Task<std::string> half_close(Network& network) {
  const TlsPair pair = co_await usual_pair(network);
  CHECK(co_await write_then_end(**pair.client, "question"));
  const auto question = co_await read_to_end(**pair.server);
  CHECK(co_await write_then_end(**pair.server, "answer to " + question.value_or("?")));
  co_return (co_await read_to_end(**pair.client)).value_or("failed");
}
TYPED_TEST(Tls, ReadsOnAfterItsOwnEnd) {
  EXPECT_EQ(this->run(half_close(this->network())), "answer to question");
}

Task<Result<std::string>> close_by_destruction(Network& network) {
  TlsPair pair = co_await usual_pair(network);
  CHECK(co_await write_all(**pair.server, "all of it"));
  pair.server->reset();
  co_return co_await read_to_end(**pair.client);
}
TYPED_TEST(Tls, DestroyingSendsCloseNotify) {
  EXPECT_EQ(this->run(close_by_destruction(this->network())), "all of it");
}

/// Passes bytes on, and stops in the middle.
Task<void> copy_until(Stream& from, Stream& to, std::size_t limit) {
  char buffer[512];
  while (limit > 0) {
    const auto count =
        co_await read_some(from, std::span(buffer).subspan(0, std::min(limit, sizeof(buffer))));
    if (!count || *count == 0) {
      co_return;
    }
    limit -= *count;
    CHECK(co_await write_all(to, std::string_view(buffer, *count)));
  }
}
Task<void> relay(std::unique_ptr<Stream> client, std::unique_ptr<Stream> server) {
  async::TaskScope scope((co_await async::this_task()).context->loop(),
                         (co_await async::this_task()).context);
  scope.spawn(copy_until(*client, *server, 1 << 30));
  co_await copy_until(*server, *client, 20'000);
  client->shutdown_write();  // a FIN without a close_notify
  co_await scope.join();
}
Task<Result<std::string>> truncated(Network& network) {
  Pair front = co_await testing::make_pair(network);
  Pair back = co_await testing::make_pair(network);
  async::TaskScope scope((co_await async::this_task()).context->loop());
  scope.spawn(relay(std::move(front.server), std::move(back.client)));
  const TlsContext client_context = *TlsContext::client(trusting());
  const TlsContext context = server_context();
  auto [client, server] =
      co_await when_all(tls_connect(std::move(front.client), client_context, "model.test"),
                        tls_accept(std::move(back.server), context));
  CHECK(client);
  CHECK(server);
  const std::string text = counting_text(100'000);
  scope.spawn([](Stream& stream, std::string_view all) -> Task<void> {
    co_await write_all(stream, all);
  }(**server, text));
  auto got = co_await read_to_end(**client);
  co_await scope.stop();
  co_return got;
}
TYPED_TEST(Tls, CutIsAFailureNotAnEnd) {
  const auto got = this->run(truncated(this->network()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(),
            Error(ErrorCode::Disconnected, "connection ended without a TLS close_notify"));
}

Task<Result<std::string>> reset_by_server(Network& network) {
  TlsPair pair = co_await usual_pair(network);
  (*pair.server)->reset_on_close();
  pair.server->reset();
  co_return co_await read_to_end(**pair.client);
}
TYPED_TEST(Tls, ResetIsAFailure) {
  EXPECT_EQ(this->run(reset_by_server(this->network())).error().code(), ErrorCode::Disconnected);
}

Task<bool> sees_hang_up(Network& network) {
  TlsPair pair = co_await usual_pair(network);
  pair.client->reset();
  for (int i = 0; i < 100 && !(*pair.server)->io().hung_up(); ++i) {
    co_await async::sleep_for(1ms);
  }
  co_return (*pair.server)->io().hung_up();
}
TYPED_TEST(Tls, HangUpIsSeenWithoutReading) {
  EXPECT_TRUE(this->run(sees_hang_up(this->network())));
}

Task<ErrorCode> idle_peer(Network& network) {
  Pair raw = co_await testing::make_pair(network);
  const TlsContext context = server_context();
  const async::DeadlineScope limit(co_await async::this_task(), 5ms);
  co_return (co_await tls_accept(std::move(raw.server), context)).error().code();
}
TYPED_TEST(Tls, HandshakeHonoursDeadline) {
  EXPECT_EQ(this->run(idle_peer(this->network())), ErrorCode::DeadlineExceeded);
}

Task<Error> speaks_http(Network& network) {
  Pair raw = co_await testing::make_pair(network);
  CHECK(co_await write_all(*raw.client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const TlsContext context = server_context();
  co_return (co_await tls_accept(std::move(raw.server), context)).error();
}
TYPED_TEST(Tls, PlainHttpIsMalformed) {
  EXPECT_EQ(this->run(speaks_http(this->network())),
            Error(ErrorCode::Malformed, "TLS handshake: http request"));
}

Task<Error> ends_in_handshake(Network& network) {
  Pair raw = co_await testing::make_pair(network);
  raw.client.reset();
  const TlsContext context = server_context();
  co_return (co_await tls_accept(std::move(raw.server), context)).error();
}
TYPED_TEST(Tls, EndDuringHandshakeIsDisconnected) {
  EXPECT_EQ(this->run(ends_in_handshake(this->network())),
            Error(ErrorCode::Disconnected, "TLS handshake: connection closed by peer"));
}

Task<std::pair<std::string, std::string>> negotiated(Network& network,
                                                     std::vector<std::string> server,
                                                     std::vector<std::string> client) {
  const TlsPair pair =
      co_await connect_tls(network, server_context({.dns_names = {"model.test"}}, server),
                           *TlsContext::client(trusting(client)), "model.test");
  if (!pair.client || !pair.server) {
    co_return std::pair(pair.client ? "" : pair.client.error().to_string(),
                        pair.server ? "" : pair.server.error().to_string());
  }
  co_return std::pair(std::string((*pair.client)->application_protocol()),
                      std::string((*pair.server)->application_protocol()));
}
TYPED_TEST(Tls, ChoosesTheProtocolThatTheServerLikesBest) {
  EXPECT_EQ(this->run(negotiated(this->network(), {"h2", "http/1.1"}, {"http/1.1", "h2"})),
            std::pair(std::string("h2"), std::string("h2")));
  EXPECT_EQ(this->run(negotiated(this->network(), {}, {"h2"})),
            std::pair(std::string(), std::string()));
  EXPECT_EQ(this->run(negotiated(this->network(), {"h2"}, {})),
            std::pair(std::string(), std::string()));
}
TYPED_TEST(Tls, RefusesAClientWithoutACommonProtocol) {
  const auto [client, server] = this->run(negotiated(this->network(), {"h2"}, {"spdy/3"}));
  EXPECT_EQ(client,
            "Unavailable: TLS handshake with model.test: tlsv1 alert no application protocol");
  EXPECT_EQ(server, "Malformed: TLS handshake: no application protocol");
}

TYPED_TEST(Tls, MutualTlsAsksTheClientForACertificate) {
  const testing::Certificate own = authority().issue({.dns_names = {"model.test"}});
  const TlsContext server = *TlsContext::server({.certificate_pem = own.certificate_pem,
                                                 .private_key_pem = own.private_key_pem,
                                                 .alpn = {},
                                                 .client_ca_pem = authority().certificate_pem()});
  const testing::Certificate client = authority().issue({.dns_names = {"client"}});
  TlsClientOptions options = trusting();
  EXPECT_EQ(
      this->run(connect_tls(this->network(), server, *TlsContext::client(options), "model.test"))
          .server.error(),
      Error(ErrorCode::Unauthenticated, "TLS handshake: the client showed no certificate"));
  options.certificate_pem = client.certificate_pem;
  options.private_key_pem = client.private_key_pem;
  EXPECT_TRUE(
      this->run(connect_tls(this->network(), server, *TlsContext::client(options), "model.test"))
          .server);
}

/// What the client says to a server with such a certificate.
struct TrustCase {
  const char* name;
  testing::CertificateOptions certificate;
  bool self_signed = false;
  const char* server_name;
  const char* error;  ///< empty: accepted
};
class TlsTrust : public ::testing::TestWithParam<TrustCase> {};

TEST_P(TlsTrust, DependsOnTheCertificate) {
  const TrustCase& param = GetParam();
  testing::SimulatedWorld world;
  const testing::Certificate certificate = param.self_signed
                                               ? testing::self_signed(param.certificate)
                                               : authority().issue(param.certificate);
  const TlsContext server = *TlsContext::server({.certificate_pem = certificate.certificate_pem,
                                                 .private_key_pem = certificate.private_key_pem,
                                                 .alpn = {},
                                                 .client_ca_pem = {}});
  const TlsPair pair = run_until_done(
      *world.loop,
      connect_tls(world.network, server, *TlsContext::client(trusting()), param.server_name));
  if (std::string_view(param.error).empty()) {
    EXPECT_TRUE(pair.client) << pair.client.error().to_string();
    return;
  }
  ASSERT_FALSE(pair.client);
  EXPECT_EQ(pair.client.error(),
            Error(ErrorCode::Unauthenticated,
                  "TLS handshake with " + std::string(param.server_name) +
                      ": the peer's certificate is not accepted: " + param.error));
  EXPECT_FALSE(pair.server);
}
INSTANTIATE_TEST_SUITE_P(
    Certificates, TlsTrust,
    ::testing::Values(TrustCase{.name = "RightName",
                                .certificate = {.dns_names = {"a.test", "model.test"}},
                                .server_name = "model.test",
                                .error = ""},
                      TrustCase{.name = "WildcardName",
                                .certificate = {.dns_names = {"*.models.test"}},
                                .server_name = "small.models.test",
                                .error = ""},
                      TrustCase{.name = "IpAddress",
                                .certificate = {.ip_addresses = {"10.1.2.3", "2001:db8::1"}},
                                .server_name = "10.1.2.3",
                                .error = ""},
                      TrustCase{.name = "Ipv6Address",
                                .certificate = {.ip_addresses = {"2001:db8::1"}},
                                .server_name = "2001:db8::1",
                                .error = ""},
                      TrustCase{.name = "WrongName",
                                .certificate = {.dns_names = {"model.test"}},
                                .server_name = "other.test",
                                .error = "hostname mismatch"},
                      TrustCase{
                          .name = "WrongAddress",
                          .certificate = {.dns_names = {"10.1.2.3"}, .ip_addresses = {"10.1.2.4"}},
                          .server_name = "10.1.2.3",
                          .error = "IP address mismatch"},
                      TrustCase{.name = "Expired",
                                .certificate = {.dns_names = {"model.test"},
                                                .valid_from = std::chrono::hours(-2),
                                                .valid_until = std::chrono::hours(-1)},
                                .server_name = "model.test",
                                .error = "certificate has expired"},
                      TrustCase{.name = "NotYetValid",
                                .certificate = {.dns_names = {"model.test"},
                                                .valid_from = std::chrono::hours(1),
                                                .valid_until = std::chrono::hours(2)},
                                .server_name = "model.test",
                                .error = "certificate is not yet valid"},
                      TrustCase{.name = "SelfSigned",
                                .certificate = {.dns_names = {"model.test"}},
                                .self_signed = true,
                                .server_name = "model.test",
                                .error = "self-signed certificate"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST(TlsContext, InsecureClientTakesAnyCertificate) {
  testing::SimulatedWorld world;
  const testing::Certificate certificate = testing::self_signed({.dns_names = {"other.test"}});
  const TlsContext server = *TlsContext::server({.certificate_pem = certificate.certificate_pem,
                                                 .private_key_pem = certificate.private_key_pem,
                                                 .alpn = {},
                                                 .client_ca_pem = {}});
  TlsClientOptions options;
  options.verify = TlsClientOptions::Verify::Insecure;
  const TlsPair pair = run_until_done(
      *world.loop, connect_tls(world.network, server, *TlsContext::client(options), "model.test"));
  EXPECT_TRUE(pair.client && pair.server);
}

TEST(TlsContext, SaysWhatIsWrongWithItsInput) {
  const testing::Certificate one = testing::self_signed({.dns_names = {"one"}});
  const testing::Certificate other = testing::self_signed({.dns_names = {"other"}});
  const auto error_of = [](std::string certificate, std::string key,
                           std::vector<std::string> alpn = {}) {
    return TlsContext::server({.certificate_pem = std::move(certificate),
                               .private_key_pem = std::move(key),
                               .alpn = std::move(alpn),
                               .client_ca_pem = {}})
        .error()
        .to_string();
  };
  EXPECT_EQ(error_of("", one.private_key_pem), "InvalidArgument: no certificate in the PEM text");
  EXPECT_EQ(error_of(one.certificate_pem + "-----BEGIN CERTIFICATE-----\n@\n", one.private_key_pem),
            "InvalidArgument: certificate 2: bad end line");
  EXPECT_EQ(error_of(one.certificate_pem, ""),
            "InvalidArgument: private key: no PEM text that can be read without a password");
  EXPECT_EQ(error_of(one.certificate_pem, other.private_key_pem),
            "InvalidArgument: the private key is not that of the certificate: key values mismatch");
  EXPECT_EQ(error_of(one.certificate_pem, one.private_key_pem, {""}),
            "InvalidArgument: ALPN: a protocol's name has 1 to 255 bytes");
  TlsClientOptions options;
  options.ca_pem = "nothing";
  EXPECT_EQ(TlsContext::client(options).error().to_string(),
            "InvalidArgument: CA: no certificate in the PEM text");
}

/// Answers one request of a real client.
Task<Result<std::string>> serve_one(Listener& listener, TlsContext context) {
  const async::DeadlineScope limit(co_await async::this_task(), 20s);
  auto stream = CO_TRY(co_await tls_accept(CO_TRY(co_await testing::accept(listener)), context));
  std::string request;
  char buffer[512];
  while (!request.ends_with("\r\n\r\n")) {
    const std::size_t count = CO_TRY(co_await read_some(*stream, buffer));
    if (count == 0) {
      co_return fail(ErrorCode::Disconnected, "end before the request's end: " + request);
    }
    request.append(buffer, count);
  }
  CO_TRY(co_await write_then_end(*stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
  co_return request;
}

TEST(TlsInterop, CurlTrustsUsAndReadsTheAnswer) {
  if (std::system("curl --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "no curl here";
  }
  testing::RealWorld world;
  const auto listener = *world.network.listen({.ip = IpAddress::loopback(), .port = 0}, {});
  const std::string port = std::to_string(listener->local().port);
  const std::string ca_file = ::testing::TempDir() + "kthena_tls_test_ca_" + port + ".pem";
  std::ofstream(ca_file) << authority().certificate_pem();
  const std::string command = "curl --silent --show-error --max-time 20 --noproxy '*' --cacert " +
                              ca_file + " --resolve model.test:" + port +
                              ":127.0.0.1 https://model.test:" + port + "/path 2>&1";
  std::string output;
  std::thread client([&] {
    FILE* pipe = ::popen(command.c_str(), "r");
    char buffer[256];
    while (std::fgets(buffer, sizeof(buffer), pipe) != nullptr) {
      output += buffer;
    }
    ::pclose(pipe);
  });
  const auto request = run_until_done(
      *world.loop,
      serve_one(*listener, server_context({.dns_names = {"model.test"}}, {"http/1.1"})));
  client.join();
  std::remove(ca_file.c_str());
  ASSERT_TRUE(request) << request.error().to_string() << "; curl: " << output;
  EXPECT_TRUE(request->starts_with("GET /path HTTP/1.1\r\n")) << *request;
  EXPECT_EQ(output, "hello");
}

TEST(TlsContext, ClientTrustsTheSystemByDefault) { EXPECT_TRUE(TlsContext::client({})); }

TEST(TlsContext, EverySeedOfTheNetworkGivesTheSameBytes) {
  const std::string there = counting_text(60'000);
  const std::string back = counting_text(30'000);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    testing::SimulatedWorld world(seed);
    const auto [at_server, at_client] =
        run_until_done(*world.loop, both_ways(world.network, there, back));
    EXPECT_TRUE(at_server == there && at_client == back) << "seed " << seed;
    EXPECT_EQ(world.network.open_streams(), 0U);
  }
}

}  // namespace
}  // namespace kthena::net
