// The server over real sockets and TLS, with files for certificates.
#include "webhook/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "async/combine.h"
#include "async/epoll_loop.h"
#include "async/time.h"
#include "net/stream.h"
#include "net/tcp.h"
#include "net/testing/certificates.h"
#include "net/testing/streams.h"
#include "net/tls.h"
#include "net/tls_network.h"

namespace kthena::webhook {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Files final : public kube::FileReader {
 public:
  Result<std::string> read(const std::string& path) const override {
    const auto found = texts.find(path);
    return found != texts.end() ? Result<std::string>(found->second)
                                : fail(ErrorCode::NotFound, path + ": no such file");
  }
  std::map<std::string, std::string> texts;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    const auto certificate = authority_.issue({.dns_names = {"hook.test"}, .ip_addresses = {}});
    files_.texts = {{"tls.crt", certificate.certificate_pem},
                    {"tls.key", certificate.private_key_pem},
                    {"ca.crt", authority_.certificate_pem()}};
  }

  void start(std::string client_ca_file = {}) {
    service_ = *Service::create(network_, nullptr, files_, registry_,
                                {.address = {.ip = net::IpAddress::loopback(), .port = 0},
                                 .certificates = {.mode = kube::CertificateMode::Files,
                                                  .certificate_file = "tls.crt",
                                                  .key_file = "tls.key"},
                                 .client_ca_file = std::move(client_ca_file)});
    address_ = *service_->start();
  }
  ~ServiceTest() override {
    if (service_ != nullptr) {
      async::run_until_done(*loop_, service_->stop(1s));
    }
  }

  Task<Result<std::string>> exchange(net::TlsClientOptions options, std::string request) {
    while (!service_->ready()) {
      CO_TRY(co_await async::sleep_for(1ms));
    }
    options.ca_pem = authority_.certificate_pem();
    net::TlsNetwork clients(network_, *net::TlsContext::client(options), "hook.test");
    auto stream = CO_TRY(co_await clients.connect(address_));
    CO_TRY(co_await net::write_all(*stream, request));
    co_return co_await net::testing::read_to_end(*stream);
  }
  std::string ask(std::string request, net::TlsClientOptions options = {}) {
    const auto answer =
        async::run_until_done(*loop_, exchange(std::move(options), std::move(request)));
    return answer ? *answer : "error: " + answer.error().message();
  }
  static std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  }
  static std::string post(std::string_view path, std::string_view body,
                          std::string_view content_type = "Content-Type: application/json\r\n") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
           std::string(content_type) + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }

  std::unique_ptr<async::EpollLoop> loop_ = *async::EpollLoop::create();
  net::TcpNetwork network_{*loop_};
  net::testing::CertificateAuthority authority_{"test authority"};
  Files files_;
  telemetry::Registry registry_;
  std::unique_ptr<Service> service_;
  net::SocketAddress address_;
};

constexpr std::string_view kReview =
    R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u1",)"
    R"("kind":{"group":"networking.serving.volcano.sh","version":"v1alpha1","kind":"ModelRoute"},)"
    R"("operation":"CREATE","object":{"apiVersion":"networking.serving.volcano.sh/v1alpha1",)"
    R"("kind":"ModelRoute","metadata":{"name":"r","namespace":"team"},"spec":{"rules":[]}}}})";

TEST_F(ServiceTest, AnswersReviews) {
  start();
  const std::string answer = ask(post("/validate/modelroute?timeout=10s", kReview));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr(R"("uid":"u1","allowed":false)"));
  EXPECT_THAT(answer, HasSubstr("either modelName or loraAdapters must be specified"));
  std::string metrics;
  registry_.print(metrics);
  EXPECT_THAT(
      metrics,
      HasSubstr(R"(webhook_reviews_total{outcome="refused",webhook="/validate/modelroute"} 1)"));
}

TEST_F(ServiceTest, AnswersHealth) {
  start();
  EXPECT_THAT(ask(get("/healthz")), HasSubstr("200 OK"));
  EXPECT_THAT(ask(get("/readyz")), HasSubstr("200 OK"));
}

TEST_F(ServiceTest, RefusesWhatItDoesNotKnow) {
  start();
  EXPECT_THAT(ask(post("/validate/pod", kReview)), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask(get("/validate/modelroute")), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(ask(post("/validate/modelroute", "{")), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(post("/validate/modelserver", kReview)), HasSubstr(R"("allowed":false)"));
}

TEST_F(ServiceTest, SaysThatReviewsAreJson) {
  start();
  // The two programs of the reference say it in two ways.
  EXPECT_THAT(ask(post("/validate/modelroute", kReview, "Content-Type: text/yaml\r\n")),
              AllOf(StartsWith("HTTP/1.1 400"),
                    HasSubstr("invalid Content-Type, expected application/json, got text/yaml")));
  EXPECT_THAT(ask(post("/validate/modelbooster", kReview, "")),
              AllOf(StartsWith("HTTP/1.1 400"),
                    HasSubstr("invalid Content-Type, expect application/json, got ")));
}

TEST_F(ServiceTest, AsksClientsForACertificate) {
  start("ca.crt");
  EXPECT_THAT(ask(get("/healthz")), StartsWith("error: "));
  const auto client = authority_.issue({.dns_names = {"api-server"}, .ip_addresses = {}});
  net::TlsClientOptions options;
  options.certificate_pem = client.certificate_pem;
  options.private_key_pem = client.private_key_pem;
  EXPECT_THAT(ask(get("/healthz"), options), HasSubstr("200 OK"));
}

TEST_F(ServiceTest, NamesTheServiceAsClustersDo) {
  EXPECT_THAT(service_dns_names("hook", "team"),
              ::testing::ElementsAre("hook.team.svc", "hook.team.svc.cluster.local"));
}

}  // namespace
}  // namespace kthena::webhook
