#include "webhook/service.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/loop.h"
#include "async/time.h"
#include "base/result.h"
#include "kube/admission/serving_certificate.h"
#include "net/certificate_authority.h"
#include "net/tls.h"
#include "webhook/webhooks.h"

namespace kthena::webhook {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kBodyMemory = 256 << 20;
/// On stop: how long new connections are still taken, until Services have noticed.
constexpr Duration kLameDuck = 500ms;

std::vector<kube::AdmissionRoute> routes() {
  std::vector<kube::AdmissionRoute> routes;
  for (const Webhook& webhook : all_webhooks()) {
    routes.push_back(
        {.path = std::string(webhook.path),
         .policy = policy_of(webhook),
         .expected_word = webhook.owner == Webhook::Owner::Router ? "expected" : "expect"});
  }
  return routes;
}

Result<net::TlsContext> context_of(const net::CertificatePair& pair, std::string client_ca_pem) {
  return net::TlsContext::server({.certificate_pem = pair.certificate_pem,
                                  .private_key_pem = pair.private_key_pem,
                                  .alpn = {},
                                  .client_ca_pem = std::move(client_ca_pem)});
}

Result<std::string> read_client_ca(const kube::FileReader& files, const std::string& file) {
  if (file.empty()) {
    return std::string();
  }
  return with_context(files.read(file), "client CA");
}

}  // namespace

std::vector<std::string> service_dns_names(std::string_view service,
                                           std::string_view namespace_name) {
  return {fmt::format("{}.{}.svc", service, namespace_name),
          fmt::format("{}.{}.svc.cluster.local", service, namespace_name)};
}

Result<std::unique_ptr<Service>> Service::create(net::Network& network, kube::Client* client,
                                                 const kube::FileReader& files,
                                                 telemetry::Registry& registry,
                                                 ServiceOptions options) {
  const auto placeholder = TRY(kube::make_serving_certificate(
      {"placeholder.invalid"}, network.loop().wall_now(), std::chrono::hours(1), {}));
  net::TlsContext context =
      TRY(context_of(placeholder.pair, TRY(read_client_ca(files, options.client_ca_file))));
  return std::unique_ptr<Service>(
      new Service(network, std::move(context), client, files, registry, std::move(options)));
}

Service::Service(net::Network& network, net::TlsContext context, kube::Client* client,
                 const kube::FileReader& files, telemetry::Registry& registry,
                 ServiceOptions options)
    : files_(files),
      options_(std::move(options)),
      network_(network, std::move(context)),
      budget_(kBodyMemory),
      metrics_(registry),
      handler_(
          routes(), metrics_, [this] { return ready(); }, client),
      server_(network_, budget_, handler_, kube::admission_server_options(options_.timeout)),
      keeper_(
          client, files, options_.certificates,
          [this](const net::CertificatePair& pair) { return use(pair); },
          kube::CertificateMetrics(registry)),
      tasks_(network.loop()) {}

Result<> Service::use(const net::CertificatePair& pair) {
  network_.set_context(TRY(context_of(pair, TRY(read_client_ca(files_, options_.client_ca_file)))));
  return {};
}

Result<net::SocketAddress> Service::start() {
  const net::SocketAddress address = TRY(server_.listen(options_.address));
  tasks_.spawn(keeper_.run());
  return address;
}

async::Task<void> Service::stop(Duration patience) {
  stopping_ = true;
  server_.start_lame_duck();
  static_cast<void>(co_await async::sleep_for(std::min(kLameDuck, patience)));
  co_await server_.drain(network_.loop().now() + patience);
  co_await tasks_.stop();
  co_await network_.stop();
}

}  // namespace kthena::webhook
