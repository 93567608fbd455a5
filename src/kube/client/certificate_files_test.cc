// A client certificate whose files are renewed while the client runs, seen by a TLS server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "kube/client/client.h"
#include "kube/client/exec_credentials.h"
#include "kube/types/pod.h"
#include "net/simulated_network.h"
#include "net/testing/certificates.h"
#include "net/testing/static_resolver.h"
#include "net/testing/streams.h"
#include "net/tls.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::HasSubstr;

class Files final : public FileReader {
 public:
  Result<std::string> read(const std::string& path) const override {
    const auto found = texts.find(path);
    if (found == texts.end()) {
      return fail(ErrorCode::NotFound, path + ": No such file or directory");
    }
    return found->second;
  }
  std::map<std::string, std::string> texts;
};

/// One connection and one answer; whether the client's certificate was accepted.
Task<std::string> serve(net::Listener& listener, const net::TlsContext& context, int status) {
  auto stream = co_await net::testing::accept(listener);
  auto tls = co_await net::tls_accept(*std::move(stream), context);
  if (!tls) {
    co_return tls.error().message();
  }
  char buffer[4096];
  (void)co_await net::read_some(**tls, buffer);
  (void)co_await net::write_all(**tls,
                                "HTTP/1.1 " + std::to_string(status) +
                                    " X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
  co_return "ok";
}

Task<std::string> serve_both(net::Listener& listener, net::TlsContext first, int first_status,
                             net::TlsContext second, int second_status) {
  const std::string answer = co_await serve(listener, first, first_status);
  co_return answer + " " + co_await serve(listener, second, second_status);
}

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() { write(old_authority_.issue({.dns_names = {"client"}})); }
  ~CertificateFilesTest() override { client_.reset(); }

  void write(const net::testing::Certificate& certificate) {
    files_.texts = {{"/c", certificate.certificate_pem}, {"/k", certificate.private_key_pem}};
  }
  Client& client() {
    if (client_ == nullptr) {
      const ClientConfig config{.server = "https://" + listener_->local().to_string(),
                                .ca_pem = authority_.certificate_pem(),
                                .client_certificate_pem = files_.texts["/c"],
                                .client_key_pem = files_.texts["/k"],
                                .client_certificate_file = "/c",
                                .client_key_file = "/k"};
      client_ = *Client::create(network_, resolver_, config, {},
                                *make_credentials(loop_, files_, nullptr, config));
    }
    return *client_;
  }
  net::TlsContext trusting(const net::testing::CertificateAuthority& authority) const {
    return *net::TlsContext::server({.certificate_pem = server_.certificate_pem,
                                     .private_key_pem = server_.private_key_pem,
                                     .client_ca_pem = authority.certificate_pem()});
  }
  /// What the server says to the client's next connection.
  std::string connect(const net::testing::CertificateAuthority& trusted) {
    auto [served, pod] =
        async::run_until_done(loop_, async::when_all(serve(*listener_, trusting(trusted), 200),
                                                     client().get<Pod>({"prod", "p"})));
    EXPECT_EQ(served == "ok", pod.has_value());
    return served;
  }

  async::SimulatedLoop loop_{5};
  net::SimulatedNetwork network_{loop_, {.latency = 1ms}};
  net::testing::StaticResolver resolver_;
  net::testing::CertificateAuthority authority_{"server"};
  net::testing::CertificateAuthority old_authority_{"old"};
  net::testing::CertificateAuthority new_authority_{"new"};
  net::testing::Certificate server_ = authority_.issue({.ip_addresses = {"127.0.0.1"}});
  Files files_;
  std::unique_ptr<net::Listener> listener_ =
      *network_.listen({.ip = net::IpAddress::loopback(), .port = 0}, {});
  std::unique_ptr<Client> client_;
};

TEST_F(CertificateFilesTest, ANewConnectionShowsTheRenewedCertificate) {
  EXPECT_EQ(connect(old_authority_), "ok");
  EXPECT_THAT(connect(new_authority_), HasSubstr("not accepted"));
  write(new_authority_.issue({.dns_names = {"client"}}));
  loop_.run_for(CertificateFileCredentials::kMaxAge);
  EXPECT_EQ(connect(new_authority_), "ok");
  EXPECT_THAT(connect(old_authority_), HasSubstr("not accepted"));
}

TEST_F(CertificateFilesTest, ARefusedCertificateIsReadAgainAtOnce) {
  EXPECT_EQ(connect(old_authority_), "ok");
  write(new_authority_.issue({.dns_names = {"client"}}));
  auto [served, pod] =
      async::run_until_done(loop_, async::when_all(serve_both(*listener_, trusting(old_authority_),
                                                              401, trusting(new_authority_), 200),
                                                   client().get<Pod>({"prod", "p"})));
  EXPECT_EQ(served, "ok ok");
  EXPECT_TRUE(pod.has_value()) << pod.error().to_string();
}

TEST_F(CertificateFilesTest, HalfARenewalIsNotTaken) {
  EXPECT_EQ(connect(old_authority_), "ok");
  const auto renewed = new_authority_.issue({.dns_names = {"client"}});
  files_.texts["/c"] = renewed.certificate_pem;  // the key comes a moment later
  loop_.run_for(1s);
  EXPECT_EQ(connect(old_authority_), "ok");
  files_.texts.erase("/k");
  loop_.run_for(1s);
  EXPECT_EQ(connect(old_authority_), "ok");
  files_.texts["/k"] = renewed.private_key_pem;
  loop_.run_for(1s);
  EXPECT_EQ(connect(new_authority_), "ok");
}

}  // namespace
}  // namespace kthena::kube
